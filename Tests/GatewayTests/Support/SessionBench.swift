import Logging
import NIOCore
import NIOEmbedded
import Simulation
import Synchronization
import Testing
import Wire
import World

@testable import Gateway

/// A session on a connection whose clock a test advances.
final class SessionBench {
    let link: any SessionLink
    let map: RecordingMap
    let session: Session
    let metrics = GatewayMetrics()
    private let delegate: StubDelegate

    /// Opens a connection with a session.
    ///
    /// - Parameters:
    ///   - transport: The kind of connection.
    ///   - limits: The session's limits.
    ///   - map: The map that the session joins.
    ///   - joins: Whether the player's record is available at once.
    ///   - isCompact: Whether the client chose the compact encoding.
    /// - Throws: `ChannelError` when the connection can't be opened.
    init(
        over transport: TestTransport, limits: SessionLimits = SessionLimits(), map: RecordingMap = RecordingMap(),
        joins: Bool = true, isCompact: Bool = false
    ) throws {
        self.map = map
        let pauses = Pauses()
        link = try transport.makeLink(limits, metrics.transport, isCompact: isCompact) { pauses.total }
        delegate = StubDelegate(map: map, record: link.loop.makePromise(), pauses: pauses)
        session = Session(
            id: 7, admission: Admission(playerID: 24, login: "Ann", mapID: 4),
            address: PublicAddress(host: "game.example:8080", isSecure: false, boundPort: 1), limits: limits,
            connection: link.connection, metrics: metrics, delegate: delegate,
            logger: .silent)
        if joins { join() }
        try link.open(session)
    }

    deinit {
        if !hasJoined { join() }
        link.disconnect()
    }

    static let record = EntityRecord(key: EntityKey(.players, 24), login: "Ann", mapID: 4)
    private var hasJoined = false

    func join() {
        hasJoined = true
        delegate.record.succeed(Self.record)
    }

    func join(onMap mapID: Int) {
        hasJoined = true
        delegate.record.succeed(EntityRecord(key: EntityKey(.players, 24), login: "Ann", mapID: mapID))
    }

    func failToJoin(_ error: any Error) {
        hasJoined = true
        delegate.record.fail(error)
    }

    /// What keeps the map closed; `nil` while it runs.
    var closedReason: String? {
        get { delegate.reason }
        set { delegate.reason = newValue }
    }

    /// For which maps the session has waited.
    var waits: [Int] { delegate.waits }
    /// Whether the session is known as one that waits.
    var isWaiting: Bool { delegate.isWaiting }
    /// Until when the player is muted, for each question in turn; the last answer stays.
    var mutes: [Double?] {
        get { delegate.mutes }
        set { delegate.mutes = newValue }
    }

    var tokens: [Admission] { delegate.tokens }
    var ended: Int { delegate.ended }
    /// How long the session's token for coming back is good; 0 for no token.
    var resumeSeconds: Int {
        get { delegate.resumeSeconds }
        set { delegate.resumeSeconds = newValue }
    }
    /// Whether the player may come back without a login; `nil` before the session's end.
    var mayResume: Bool? { delegate.mayResume }
    /// The most bytes that may wait before the connection counts as unwritable.
    var waitingLimit: Int? { link.waitingLimit }
    /// Whether the connection is still open.
    var isConnected: Bool { link.isConnected }

    func receive(_ text: String) throws { try link.receive(.text(text)) }

    func deliver(_ kind: OutboundMessage.Kind, _ text: String = "{}") {
        session.deliver(.text(kind, text))
        session.flush()
    }

    /// Makes the connection report that its buffer is full (`false`) or has drained (`true`).
    func setWritable(_ isWritable: Bool) { link.setWritable(isWritable) }

    func advance(_ amount: TimeAmount) { link.loop.advanceTime(by: amount) }

    /// Lets time pass in which the server does not run; timers that were due fire afterwards.
    func pause(_ amount: TimeAmount) {
        delegate.pauses.add(amount)
        advance(amount)
    }

    /// The signals that the client received since the last call.
    func sent() throws -> [SessionSignal] { try link.takeSent() }

    /// The texts among the signals that the client received since the last call.
    func texts() throws -> [String] { try sent().compactMap(\.text) }
}

/// A map that records its inputs.
final class RecordingMap: MapHandle, @unchecked Sendable {
    // Only one thread uses it: an embedded event loop runs on the thread that calls it.
    var inputs: [String] = []
    var isFull = false
    var isReady = true
    /// Takes each input as well, for a session on a map that runs.
    var simulation: ((MapInput) -> Void)?
    let mapID = 4
    let geometry = MapGeometry(id: 4, name: "", width: 1, height: 1)
    let status = MapStatus(mapID: 4)
    let traffic: TrafficMeter? = TrafficMeter()

    func post(_ input: MapInput) -> Bool {
        if isFull { return false }
        switch input {
        case .join(let record, let sink): inputs.append("join \(record.key) \(sink.id)")
        case .leave(let id): inputs.append("leave \(id)")
        case .leaveAtStop(let id): inputs.append("leave at stop \(id)")
        case .command(let id, let command, let time): inputs.append("command \(id) \(command.action) \(Int(time))")
        case .reload(let id): inputs.append("reload \(id)")
        case .mute(let player, let until): inputs.append("mute \(player) \(until.map { "\($0)" } ?? "no more")")
        default: inputs.append("other")
        }
        simulation?(input)
        return true
    }

    func diagnostics() async -> MapDiagnostics { MapDiagnostics(status: status) }
}

/// How long the server was paused.
private final class Pauses: Sendable {
    private let time = Mutex(TimeAmount.zero)

    var total: TimeAmount { time.withLock { $0 } }
    func add(_ amount: TimeAmount) { time.withLock { $0 = $0 + amount } }
}

private final class StubDelegate: SessionDelegate, @unchecked Sendable {
    // Used on only one thread, like `RecordingMap`.
    let record: EventLoopPromise<EntityRecord>
    let map: RecordingMap
    var tokens: [Admission] = []
    var ended = 0
    var mayResume: Bool?

    let pauses: Pauses

    init(map: RecordingMap, record: EventLoopPromise<EntityRecord>, pauses: Pauses) {
        self.map = map
        self.record = record
        self.pauses = pauses
    }

    func joiningRecord(for admission: Admission, on eventLoop: any EventLoop) -> EventLoopFuture<EntityRecord> {
        record.futureResult
    }

    var unixTime: Double { 1000 }
    var pausedTime: TimeAmount { pauses.total }
    var reason: String?
    func state(ofMap mapID: Int) -> MapState {
        mapID == 4 ? MapState(handle: reason == nil ? map : nil, closedReason: reason) : MapState()
    }

    func address(ofMap mapID: Int, reachedBy address: PublicAddress) -> PublicAddress { address }

    func reconnectToken(for admission: Admission) -> String {
        tokens.append(admission)
        return "new-token"
    }

    var waits: [Int] = []
    var isWaiting = false
    func sessionWaits(_ session: Session, forMap mapID: Int) {
        waits.append(mapID)
        isWaiting = true
    }
    func sessionWaitsNoMore(_ session: Session) { isWaiting = false }
    func sessionJoined(_ session: Session, mapID: Int) { isWaiting = false }
    var mutes: [Double?] = []
    func mutedUntil(_ playerID: Int) -> Double? { mutes.count > 1 ? mutes.removeFirst() : mutes.first ?? nil }
    var resumeSeconds = 0
    private var resumeTokens = 0
    func resumeToken(for session: Session) -> String {
        resumeTokens += 1
        return "resume-\(resumeTokens)"
    }
    func sessionEnded(_ session: Session, mayResume: Bool) {
        ended += 1
        self.mayResume = mayResume
    }
}

extension Logger {
    /// Writes nothing.
    static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}
