import NIOCore
import NIOPosix

/// One player's role in the test.
struct PlayerRole: Sendable {
    /// The player's number, from 0.
    var index: Int
    var login: String
    var admission: SignClient.Admission
    /// Whether every delta is parsed and compared.
    var isSampled: Bool
    /// Whether the client never reads.
    var neverReads: Bool
    var source: SocketAddress?
}

/// The players of one event loop: connects them, sends their commands evenly spread over time, and counts.
///
/// `@unchecked Sendable`: every stored property that changes is touched on `eventLoop` only. The functions that other
/// threads may call (those with "Any thread") only submit work to it.
final class LoadShard: @unchecked Sendable {
    let eventLoop: any EventLoop
    let options: PlayersBenchmark.Options
    let hostHeader: String

    /// The state below belongs to the event loop.
    var tally = ShardTally()
    private(set) var isMeasuring = false
    private(set) var countsAfterTick = Int.max
    private var connections: [any LoadPlayer] = []
    private var turns: SendTurns?

    /// Time for the handshake and the first snapshot.
    static let admissionTimeout = TimeAmount.seconds(20)

    init(eventLoop: any EventLoop, options: PlayersBenchmark.Options) {
        self.eventLoop = eventLoop
        self.options = options
        hostHeader = "\(options.host):\(options.port)"
    }

    /// Takes in a player that connects.
    func add(_ player: any LoadPlayer) { connections.append(player) }

    /// Connects a player and waits for its first snapshot. Any thread.
    func join(_ seat: PlayerRole) async throws {
        if options.dialect == .lanes { return try await joinLanes(seat) }
        let joined = eventLoop.makePromise(of: Void.self)
        var bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(.seconds(5))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 64 << 10))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let connection = PlayerConnection(seat: seat, shard: self, joined: joined)
                    try channel.pipeline.syncOperations.addHandler(connection)
                    self.add(connection)
                    channel.eventLoop.assumeIsolated().scheduleTask(in: Self.admissionTimeout) { [weak connection] in
                        guard let connection, !connection.isPlaying, !seat.neverReads else { return }
                        connection.close(reason: "nothing came within 20 s")
                    }
                }
            }
        if let source = seat.source { bootstrap = bootstrap.bind(to: source) }
        // With the default receive buffer the kernel would read megabytes for a client that never reads.
        if seat.neverReads { bootstrap = bootstrap.channelOption(.socketOption(.so_rcvbuf), value: 8 << 10) }
        do {
            _ = try await bootstrap.connect(host: options.host, port: seat.admission.port).get()
        } catch {
            // `PlayerConnection` completes the promise only after it was active, so it is failed here.
            let failure = BenchError.unreachable(
                address: "\(options.host):\(seat.admission.port)", reason: SignClient.reason(error))
            joined.fail(failure)
            throw failure
        }
        try await joined.futureResult.get()
    }

    /// Begins to send `movesPerSecond` commands for each player, spread evenly over the interval. Any thread.
    ///
    /// - Parameters:
    ///   - shardIndex: This shard's number, from 0; it shifts the start, so that the shards' commands interleave.
    ///   - shardCount: How many shards there are.
    /// - Throws: Nothing in practice; the hop to the event loop could fail only if it were shut down.
    func startSending(shardIndex: Int, of shardCount: Int) async throws {
        try await eventLoop.submit {
            let active = self.connections.count { !$0.feed.seat.neverReads }
            guard active > 0, self.options.areMoving else { return }
            self.connections =
                self.connections.filter { !$0.feed.seat.neverReads }
                + self.connections.filter { $0.feed.seat.neverReads }
            self.turns = SendTurns(
                on: self.eventLoop, players: active, perSecond: self.options.movesPerSecond,
                offset: Double(shardIndex) / Double(shardCount)
            ) { player, late in
                if self.isMeasuring { self.tally.sendLateness.record(nanoseconds: late) }
                self.connections[player].sendCommand(isMeasured: self.isMeasuring)
            }
        }.get()
    }

    private func stopSending() {
        turns?.stop()
        turns = nil
    }

    /// The highest tick that a parsed client of this shard has applied. Any thread.
    func latestMirroredTick() async throws -> Int {
        try await eventLoop.submit { self.connections.compactMap { $0.feed.mirror?.tick }.max() ?? -1 }.get()
    }

    /// Counts moves and acknowledgements only in deltas after this tick. Any thread.
    func countMoves(afterTick tick: Int) async throws {
        try await eventLoop.submit {
            self.countsAfterTick = tick
            for connection in self.connections { connection.feed.mirror?.countsAfterTick = tick }
        }.get()
    }

    /// Begins the measured window. Any thread.
    func beginWindow() async throws {
        try await eventLoop.submit {
            for connection in self.connections { connection.feed.beginWindow() }
            self.isMeasuring = true
        }.get()
    }

    /// Ends the measured window and stops sending; acknowledgements of its commands still count. Any thread.
    func endWindow() async throws {
        try await eventLoop.submit {
            self.stopSending()
            guard self.isMeasuring else { return }
            self.isMeasuring = false
            let now = NIODeadline.now().uptimeNanoseconds
            for connection in self.connections where connection.isPlaying { connection.feed.endWindow(now: now) }
        }.get()
    }

    /// How many commands of the window still wait for their acknowledgement. Any thread.
    func outstanding() async throws -> Int {
        try await eventLoop.submit {
            self.connections.reduce(0) { $0 + ($1.isPlaying ? $1.feed.measuredOutstanding : 0) }
        }.get()
    }

    /// Closes all connections and returns what was measured. Any thread.
    func finish() async throws -> ShardTally {
        try await eventLoop.submit {
            self.stopSending()
            for connection in self.connections {
                if !connection.feed.seat.neverReads { self.collect(connection.feed) }
                connection.close(reason: "")
            }
            // Connections refer to their shard; this breaks the reference cycle.
            self.connections = []
            return self.tally
        }.get()
    }

    private func collect(_ connection: PlayerFeed) {
        tally.deltasPerClient.append(connection.deltasInWindow)
        tally.coordinatesPerClient.append(connection.coordinatesSeen)
        tally.commandsUnanswered += connection.measuredOutstanding
        if let mirror = connection.mirror { tally.mirrors.append(mirror) }
        tally.movedTicks += connection.movedTicks.count
        tally.heldTicks += connection.movedTicks.intersection(connection.heldTicks).count
        guard let first = connection.firstTick, let last = connection.lastTick, last.tick - first.tick > tally.tickSpan
        else { return }
        tally.tickSpan = last.tick - first.tick
        tally.tickSpanSeconds = last.time - first.time
    }
}
