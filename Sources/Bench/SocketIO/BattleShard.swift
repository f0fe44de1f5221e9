import NIOCore
import NIOPosix

/// The players of the battle: connects them, sends their moves evenly spread over time, and counts.
///
/// All are on one event loop, so that the time from a move to any client's event is known without locks.
///
/// `@unchecked Sendable`: every stored property that changes is touched on `eventLoop` only. The functions that other
/// threads may call (those with "Any thread") only submit work to it.
final class BattleShard: @unchecked Sendable {
    let hostHeader: String
    private let eventLoop: any EventLoop
    private let options: BattleBenchmark.Options

    /// The state below belongs to the event loop.
    var tally = BattleTally()
    private(set) var isMeasuring = false
    private var log: MoveLog
    private var window: Range<UInt64> = 0..<0
    private var connections: [BattleConnection] = []
    private var turns: SendTurns?

    /// Time for the handshake and the namespace.
    private static let admissionTimeout = TimeAmount.seconds(20)

    init(eventLoop: any EventLoop, options: BattleBenchmark.Options) {
        self.eventLoop = eventLoop
        self.options = options
        hostHeader = "127.0.0.1:\(options.port)"
        log = MoveLog(players: options.players)
    }

    /// Connects a player and waits until it is in the namespace. Any thread.
    func join(_ index: Int) async throws {
        let joined = eventLoop.makePromise(of: Void.self)
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(.seconds(5))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 64 << 10))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let connection = BattleConnection(index: index, shard: self, joined: joined)
                    try channel.pipeline.syncOperations.addHandler(connection)
                    channel.eventLoop.assumeIsolated().scheduleTask(in: Self.admissionTimeout) { [weak connection] in
                        connection?.closeUnlessPlaying(reason: "nothing came within 20 s")
                    }
                }
            }
        do {
            _ = try await bootstrap.connect(host: "127.0.0.1", port: options.port).get()
        } catch {
            // `BattleConnection` completes the promise only after it was active, so it is failed here.
            let failure = BenchError.unreachable(address: hostHeader, reason: SignClient.reason(error))
            joined.fail(failure)
            throw failure
        }
        try await joined.futureResult.get()
    }

    /// Takes in a player that is in the namespace.
    func add(_ connection: BattleConnection) { connections.append(connection) }

    /// How many players are, or were, in the namespace. Any thread.
    var count: Int {
        get async { (try? await eventLoop.submit { self.connections.count }.get()) ?? 0 }
    }

    /// Begins to send the moves of all players. Any thread.
    func startSending() async throws {
        try await eventLoop.submit {
            guard !self.connections.isEmpty else { return }
            self.turns = SendTurns(
                on: self.eventLoop, players: self.connections.count, perSecond: self.options.movesPerSecond
            ) { self.send(self.connections[$0], late: $1) }
        }.get()
    }

    private func send(_ connection: BattleConnection, late: Int64) {
        if isMeasuring { tally.sendLateness.record(nanoseconds: late) }
        guard connection.canSend else {
            if isMeasuring, connection.isPlaying { tally.skipped += 1 }
            return
        }
        let move = log.add(player: connection.index, now: NIODeadline.now().uptimeNanoseconds)
        if isMeasuring { tally.sent += 1 }
        connection.send(MovedEvent.move(x: move, y: connection.index))
    }

    /// Counts an event that a client received.
    ///
    /// - Parameters:
    ///   - place: What the event says; `nil` when it can't be read.
    ///   - receiver: The client's number.
    ///   - now: When it came.
    func count(_ place: (x: Int, y: Int)?, receiver: Int, now: UInt64) {
        if isMeasuring { tally.events += 1 }
        guard let place, let sent = log.sent(player: place.y, move: place.x) else {
            tally.strange += 1
            return
        }
        guard window.contains(sent) else { return }
        tally.delivered += 1
        let time = Int64(clamping: now - sent)
        if place.y == receiver {
            tally.own.record(nanoseconds: time)
        } else {
            tally.others.record(nanoseconds: time)
        }
    }

    /// Begins the measured window. Any thread.
    func beginWindow() async throws {
        try await eventLoop.submit {
            self.window = NIODeadline.now().uptimeNanoseconds..<UInt64.max
            self.isMeasuring = true
        }.get()
    }

    /// Ends the measured window and stops sending; events of its moves still count. Any thread.
    func endWindow() async throws {
        try await eventLoop.submit {
            self.stopSending()
            self.isMeasuring = false
            self.window = self.window.lowerBound..<max(self.window.lowerBound, NIODeadline.now().uptimeNanoseconds)
        }.get()
    }

    /// How many events of the window's moves have not come. Any thread.
    func outstanding() async throws -> Int {
        try await eventLoop.submit { self.tally.sent * self.connections.count - self.tally.delivered }.get()
    }

    /// Closes all connections and returns what was measured. Any thread.
    func finish() async throws -> BattleTally {
        try await eventLoop.submit {
            self.stopSending()
            for connection in self.connections { connection.close() }
            // Connections refer to their shard; this breaks the reference cycle.
            self.connections = []
            return self.tally
        }.get()
    }

    private func stopSending() {
        turns?.stop()
        turns = nil
    }
}
