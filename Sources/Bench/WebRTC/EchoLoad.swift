import NIOCore
import WebRTC

/// The clients of an echo server, and what they measure.
///
/// `@unchecked Sendable`: all `var` are used on the loop of all clients only. ``EchoClient`` is called there, and the
/// functions that other threads may call (those with "Any thread") submit their work to it. `options` is a `let`.
final class EchoLoad: @unchecked Sendable {
    /// How often clients look for messages whose echo did not come.
    private static let lookInterval = TimeAmount.milliseconds(100)

    let options: EchoBenchmark.Options
    /// The state below belongs to the loop.
    var tally = EchoTally()
    private(set) var isMeasuring = false
    /// Whether clients go on sending.
    private(set) var isSending = false
    private var clients: [EchoClient] = []
    private var datagramsBefore = 0

    init(_ options: EchoBenchmark.Options) { self.options = options }

    private var eventLoop: any EventLoop { RTCClient.eventLoop }

    /// Connects a client, and waits until its channel is open. Any thread.
    func join(_ index: Int, _ door: OfferDoor) async throws {
        let login = "client \(index + 1)"
        let opened = eventLoop.makePromise(of: Void.self)
        let made: RTCClient
        do {
            made = try await RTCClient.make { client in
                let echo = EchoClient(client, self, opened)
                self.clients.append(echo)
                return echo
            }
        } catch {
            opened.fail(error)
            throw BenchError.notAdmitted(login: login, reason: SignClient.reason(error))
        }
        do {
            try await door.connect(made, login: login)
        } catch {
            opened.fail(error)
            throw error
        }
        eventLoop.execute { made.open(EchoClient.stream, EchoClient.terms) }
        let late = eventLoop.scheduleTask(in: .seconds(20)) {
            opened.fail(BenchError.notAdmitted(login: login, reason: "its channel was not opened within 20 s"))
        }
        defer { late.cancel() }
        try await opened.futureResult.get()
    }

    /// How many clients were made. Any thread.
    var count: Int {
        get async { (try? await eventLoop.submit { self.clients.count { $0.isOpen } }.get()) ?? 0 }
    }

    /// Lets all clients send. Any thread.
    func start() async throws {
        try await eventLoop.submit {
            self.isSending = true
            for client in self.clients { client.start() }
            self.look()
        }.get()
    }

    private func look() {
        guard isSending else { return }
        let now = NIODeadline.now()
        for client in clients { client.replaceLost(now) }
        eventLoop.scheduleTask(in: Self.lookInterval) { self.look() }
    }

    private var datagrams: Int { clients.reduce(0) { $0 + $1.datagrams } }

    /// Begins the measured window. Any thread.
    func beginWindow() async throws {
        try await eventLoop.submit {
            self.tally = EchoTally()
            self.datagramsBefore = self.datagrams
            self.isMeasuring = true
        }.get()
    }

    /// Ends the measured window and the sending. Any thread.
    ///
    /// - Returns: What was measured.
    func endWindow() async throws -> EchoTally {
        try await eventLoop.submit {
            self.isMeasuring = false
            self.isSending = false
            self.tally.datagrams = self.datagrams - self.datagramsBefore
            return self.tally
        }.get()
    }

    /// Closes all connections. Any thread.
    func finish() async throws {
        try await eventLoop.submit {
            self.isSending = false
            for client in self.clients { client.close() }
            // Clients refer to their load; this breaks the reference cycle.
            self.clients = []
        }.get()
    }
}
