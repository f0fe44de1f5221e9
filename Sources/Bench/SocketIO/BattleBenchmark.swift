import NIOCore
import NIOPosix

/// A load test of the battle: many Socket.IO clients who move, and each is told of every move by an event of its own.
///
/// Any server of the battle will do: its events `move` and `player_moved` are all that is used.
package struct BattleBenchmark: Sendable {
    /// The load.
    package struct Options: Sendable, Equatable {
        /// Clients that connect and move; 1 to 5,000.
        package var players = 100
        /// Moves a second of each; above 0, up to 50.
        package var movesPerSecond = 5.0
        /// Length of the measured window in seconds; 1 to 600.
        package var seconds = 5
        /// The server's port, on 127.0.0.1.
        package var port = 5_000
        /// The server's process; `nil` leaves out what it costs.
        package var serverPID: Int32?
        /// Time for all clients to connect, in seconds; 1 to 3,600.
        package var joinSeconds = 60

        /// Makes the default options.
        package init() {}

        /// Checks every value.
        ///
        /// - Throws: ``BenchError/option(name:value:allowed:)`` for the first that is out of range.
        package func validate() throws(BenchError) {
            try BenchError.check("players", players, Self.playersAllowed)
            try BenchError.check("seconds", seconds, 1...600)
            try BenchError.check("port", port, 1...65_535)
            try BenchError.check("join-seconds", joinSeconds, 1...3_600)
            guard movesPerSecond > 0, movesPerSecond <= 50 else {
                throw .option(name: "moves-per-second", value: "\(movesPerSecond)", allowed: "above 0, up to 50")
            }
        }

        /// How many clients there may be; each move reaches all, so more than these no generator could read.
        package static let playersAllowed = 1...5_000
    }

    private static let warmUp = Duration.seconds(2)
    /// The longest wait for the events of the window's moves.
    private static let longestDrain = Duration.seconds(6)

    private let options: Options
    private let progress: @Sendable (String) -> Void

    /// Prepares a test.
    ///
    /// - Parameters:
    ///   - options: The load; ``run()`` checks it.
    ///   - progress: Called with one line about each step, from any thread.
    package init(_ options: Options, progress: @escaping @Sendable (String) -> Void = { _ in }) {
        self.options = options
        self.progress = progress
    }

    /// Runs the test: connect, warm up for 2 s, measure, wait for the last events. Every phase is bounded.
    ///
    /// Nothing is measured when not all clients could connect; the report says how many could, and why no more.
    ///
    /// - Returns: The measurements.
    /// - Throws: ``BenchError`` when the options are wrong or not a single client could connect, `CancellationError`.
    package func run() async throws -> Report {
        try options.validate()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let shard = BattleShard(eventLoop: group.next(), options: options)
        var report = Report(players: options.players, movesPerSecond: options.movesPerSecond)
        let result: Result<Void, any Error>
        do {
            try await join(shard, &report)
            if report.joined == options.players { try await measure(shard, &report) }
            result = .success(())
        } catch {
            result = .failure(error)
        }
        if let tally = try? await shard.finish() { report.add(tally) }
        try? await group.shutdownGracefully()
        try result.get()
        return report
    }

    private func join(_ shard: BattleShard, _ report: inout Report) async throws {
        JoinPhase.raiseDescriptorLimit()
        progress("\(options.players) clients connect")
        let begin = ContinuousClock.now
        let total = options.players
        let obstacle = await ParallelJoin.run(
            total, within: options.joinSeconds, count: { await shard.count }, { try await shard.join($0) })
        try Task.checkCancellation()
        report.joined = await shard.count
        report.joinSeconds = (ContinuousClock.now - begin) / .seconds(1)
        guard report.joined < total, let obstacle else { return }
        if report.joined == 0 { throw obstacle }
        report.obstacle = "\(obstacle)"
    }

    private func measure(_ shard: BattleShard, _ report: inout Report) async throws {
        progress("all connected; warming up")
        try await shard.startSending()
        try await Task.sleep(for: Self.warmUp)
        progress("measuring for \(options.seconds) s")
        try await shard.beginWindow()
        let resources = ResourceWindow(serverPID: options.serverPID)
        try await Task.sleep(for: .seconds(options.seconds))
        try await shard.endWindow()
        report.use = resources.end()
        let end = ContinuousClock.now + Self.longestDrain
        repeat {
            try await Task.sleep(for: .milliseconds(100))
            report.missing = try await shard.outstanding()
        } while report.missing > 0 && ContinuousClock.now < end
    }
}
