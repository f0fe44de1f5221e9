import Logging
import NIOCore
import NIOEmbedded
import Simulation
import Testing
import Wire
import World

@testable import Gateway

/// A session in an embedded channel, whose clock moves by hand.
final class SessionBench {
    let channel = EmbeddedChannel()
    let map: RecordingMap
    let session: WebSocketSession
    let metrics = GatewayMetrics()
    private let delegate: StubDelegate

    init(
        limits: SessionLimits = SessionLimits(), map: RecordingMap = RecordingMap(), meter: SendMeter? = nil,
        joins: Bool = true
    ) throws {
        self.map = map
        delegate = StubDelegate(map: map, record: channel.embeddedEventLoop.makePromise())
        session = WebSocketSession(
            id: 7, admission: Admission(playerID: 24, login: "Ann", mapID: 4),
            address: PublicAddress(host: "game.example:8080", isSecure: false, boundPort: 1), limits: limits,
            meter: meter, metrics: metrics, delegate: delegate, eventLoop: channel.embeddedEventLoop,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        if joins { join() }
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        if let meter { try channel.pipeline.syncOperations.addHandler(meter) }
        try channel.pipeline.syncOperations.addHandler(session)
    }

    deinit {
        if !hasJoined { join() }
        _ = try? channel.finish()
    }

    static let record = EntityRecord(key: EntityKey(.players, 24), login: "Ann", mapID: 4)
    private var hasJoined = false

    func join() {
        hasJoined = true
        delegate.record.succeed(Self.record)
    }

    func failToJoin(_ error: any Error) {
        hasJoined = true
        delegate.record.fail(error)
    }

    var tokens: [Admission] { delegate.tokens }
    var ended: Int { delegate.ended }

    func receive(_ text: String) throws { try receive(TestClient.frame(1, Array(text.utf8))) }
    func receive(_ bytes: [UInt8]) throws { try channel.writeInbound(ByteBuffer(bytes: bytes)) }

    func deliver(_ kind: OutboundMessage.Kind, _ text: String = "{}") {
        session.deliver(.text(kind, text))
        session.flush()
    }

    /// Makes the channel say that its buffer is over, or under, its limits.
    func setWritable(_ isWritable: Bool) {
        channel.isWritable = isWritable
        channel.pipeline.fireChannelWritabilityChanged()
    }

    func advance(_ amount: TimeAmount) { channel.embeddedEventLoop.advanceTime(by: amount) }

    /// Lets time pass in which the server does not run; what was due comes afterwards.
    func pause(_ amount: TimeAmount) {
        delegate.pausedTime = delegate.pausedTime + amount
        advance(amount)
    }

    /// The frames written since the last call: the opcode and the payload of each.
    func written() throws -> [(opcode: UInt8, payload: String, closeCode: UInt16?)] {
        var frames: [(opcode: UInt8, payload: String, closeCode: UInt16?)] = []
        while var frame = try channel.readOutbound(as: ByteBuffer.self) {
            guard let first: UInt8 = frame.readInteger(), let second: UInt8 = frame.readInteger() else { continue }
            if second == 126 { frame.moveReaderIndex(forwardBy: 2) }
            if second == 127 { frame.moveReaderIndex(forwardBy: 8) }
            let code = first == 0x88 ? frame.getInteger(at: frame.readerIndex, as: UInt16.self) : nil
            frames.append((first & 0x0F, String(buffer: frame), code))
        }
        return frames
    }

    func texts() throws -> [String] { try written().filter { $0.opcode == 1 }.map(\.payload) }
}

/// A map that keeps what it is told.
final class RecordingMap: MapHandle, @unchecked Sendable {
    // Only one thread uses it: an embedded event loop runs on the thread that calls it.
    var inputs: [String] = []
    var isFull = false
    var isReady = true
    let mapID = 4
    let geometry = MapGeometry(id: 4, name: "", width: 1, height: 1)
    let status = MapStatus(mapID: 4)

    func post(_ input: MapInput) -> Bool {
        if isFull { return false }
        switch input {
        case .join(let record, let sink): inputs.append("join \(record.key) \(sink.id)")
        case .leave(let id): inputs.append("leave \(id)")
        case .command(let id, let command, let time): inputs.append("command \(id) \(command.action) \(Int(time))")
        case .reload(let id): inputs.append("reload \(id)")
        default: inputs.append("other")
        }
        return true
    }

    func diagnostics() async -> MapDiagnostics { MapDiagnostics(status: status) }
}

private final class StubDelegate: SessionDelegate, @unchecked Sendable {
    // Used on one thread only, as `RecordingMap`.
    let record: EventLoopPromise<EntityRecord>
    let map: RecordingMap
    var tokens: [Admission] = []
    var ended = 0

    init(map: RecordingMap, record: EventLoopPromise<EntityRecord>) {
        self.map = map
        self.record = record
    }

    func joiningRecord(for admission: Admission, on eventLoop: any EventLoop) -> EventLoopFuture<EntityRecord> {
        record.futureResult
    }

    var unixTime: Double { 1000 }
    var pausedTime = TimeAmount.zero
    func map(_ mapID: Int) -> (any MapHandle)? { mapID == 4 ? map : nil }

    func address(ofMap mapID: Int, reachedBy address: PublicAddress) -> PublicAddress { address }

    func reconnectToken(for admission: Admission) -> String {
        tokens.append(admission)
        return "new-token"
    }

    func sessionJoined(_ session: WebSocketSession, mapID: Int) {}
    func resumeToken(for session: WebSocketSession) -> (token: String, seconds: Int)? { nil }
    func sessionEnded(_ session: WebSocketSession, mayResume: Bool) { ended += 1 }
}
