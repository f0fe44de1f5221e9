import NIOCore
import NIOPosix

/// A load test of data channels: clients who send messages on a channel that may lose them, to a server that sends each
/// back.
///
/// Any server will do that answers offers at `/rtc/offer` and echoes.
package struct EchoBenchmark: Sendable {
    /// The load.
    package struct Options: Sendable, Equatable {
        /// Clients that connect; 1 to 1,000.
        package var clients = 16
        /// Messages of each client that are under way at the same time; 1 to 64.
        package var inFlight = 4
        /// The bytes of a message; 8 to 1,100.
        package var bytes = 200
        /// Length of the measured window in seconds; 1 to 600.
        package var seconds = 5
        /// The server's port for offers, on 127.0.0.1.
        package var port = 9_001
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
            try BenchError.check("clients", clients, 1...1_000)
            try BenchError.check("in-flight", inFlight, 1...64)
            try BenchError.check("bytes", bytes, 8...1_100)
            try BenchError.check("seconds", seconds, 1...600)
            try BenchError.check("port", port, 1...65_535)
            try BenchError.check("join-seconds", joinSeconds, 1...3_600)
        }
    }

    private static let warmUp = Duration.seconds(2)

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

    /// Runs the test: connect, warm up for 2 s, measure. Every phase is bounded.
    ///
    /// - Returns: The measurements.
    /// - Throws: ``BenchError`` when the options are wrong or not all clients could connect, `CancellationError`.
    package func run() async throws -> Report {
        try options.validate()
        JoinPhase.raiseDescriptorLimit()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let load = EchoLoad(options)
        let result: Result<Report, any Error>
        do {
            result = .success(try await run(load, OfferDoor(http: SignClient(to: options.port, on: group))))
        } catch {
            result = .failure(error)
        }
        try? await load.finish()
        try? await group.shutdownGracefully()
        return try result.get()
    }

    private func run(_ load: EchoLoad, _ door: OfferDoor) async throws -> Report {
        progress("\(options.clients) clients connect")
        let begin = ContinuousClock.now
        let obstacle = await ParallelJoin.run(
            options.clients, within: options.joinSeconds, count: { await load.count },
            { try await load.join($0, door) })
        try Task.checkCancellation()
        if let obstacle { throw obstacle }
        var report = Report(options)
        report.joinSeconds = (ContinuousClock.now - begin) / .seconds(1)
        progress("all connected; warming up")
        try await load.start()
        try await Task.sleep(for: Self.warmUp)
        progress("measuring for \(options.seconds) s")
        try await load.beginWindow()
        let resources = ResourceWindow(serverPID: options.serverPID)
        try await Task.sleep(for: .seconds(options.seconds))
        report.use = resources.end()
        report.add(try await load.endWindow())
        return report
    }
}

extension SignClient {
    /// Makes a client for a server on 127.0.0.1.
    init(to port: Int, on group: any EventLoopGroup) {
        self.init(group: group, host: "127.0.0.1", port: port, password: "")
    }
}
