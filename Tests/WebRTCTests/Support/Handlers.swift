import NIOCore
import Testing

@testable import WebRTC

/// Sends every message back; a text of `close` closes its channel, `end` ends the peer, `megabyte` is answered with 1
/// MiB in parts.
final class EchoHandler: RTCPeerHandler {
    private let peer: RTCPeer
    private let log: Log

    init(_ peer: RTCPeer, _ log: Log) {
        self.peer = peer
        self.log = log
    }

    func channelOpened(_ channel: RTCChannel) { log.add("opened \(channel.terms.label)") }

    func received(_ message: [UInt8], isText: Bool, on channel: RTCChannel) {
        if message == Array("close".utf8) { return peer.closeChannel(channel.stream) }
        if message == Array("end".utf8) { return peer.close() }
        if message == Array("megabyte".utf8) {
            let long = ByteBuffer(repeating: 7, count: 1 << 20)
            for part in MessageParts.divide(long, isText: false, limit: peer.maxSendBytes) ?? [] {
                _ = peer.send(part, isText: false, on: channel.stream)
            }
            return
        }
        let sending = peer.send(ByteBuffer(bytes: message), isText: isText, on: channel.stream)
        if sending != .accepted { log.add("\(sending)") }
    }

    func channelClosed(_ channel: RTCChannel) { log.add("closed \(channel.terms.label)") }
    func heard() { log.heardCount += 1 }
    func waitingFell() {}
    func serverStops() { log.add("stops") }
    func ended(_ reason: RTCEnd) { log.add("ended: \(reason)") }
}

/// What a handler was told; used on the loop of the peers only, but for ``wait(for:)``.
///
/// `@unchecked Sendable`: the `var` are used on that loop only.
final class Log: @unchecked Sendable {
    private var lines: [String] = []
    var heardCount = 0
    private var waiters: [(line: String, promise: EventLoopPromise<Void>)] = []

    func add(_ line: String) {
        lines.append(line)
        for waiter in waiters where waiter.line == line { waiter.promise.succeed() }
        waiters.removeAll { $0.line == line }
    }

    /// Waits until a line was added; fails after five minutes.
    func wait(for line: String) async throws {
        let promise = TestClient.loop.makePromise(of: Void.self)
        TestClient.loop.execute {
            if self.lines.contains(line) { promise.succeed() } else { self.waiters.append((line, promise)) }
        }
        let task = TestClient.loop.scheduleTask(in: .minutes(5)) {
            promise.fail(TestClient.Late(what: "\(line); there was \(self.lines)"))
        }
        defer { task.cancel() }
        try await promise.futureResult.get()
    }

    /// All lines so far.
    func all() async throws -> [String] { try await TestClient.loop.submit { self.lines }.get() }
}

/// Opens a port on the loopback address, calls a closure, and closes the port.
func withPort(
    _ change: (inout RTCOptions) -> Void = { _ in }, _ body: (RTCPort) async throws -> Void
) async throws {
    var options = RTCOptions()
    // Real time passes in these tests, and on a busy machine much of it.
    (options.times.opening, options.times.consent) = (.hours(1), .hours(1))
    change(&options)
    let port = try await RTCPort.open(host: "127.0.0.1", port: 0, options: options)
    do {
        try await body(port)
    } catch {
        try? await port.close().get()
        throw error
    }
    try await port.close().get()
}

/// Calls a closure with a port that echoes, a connected client and what the handler was told.
func withEchoClient(
    _ change: (inout RTCOptions) -> Void = { _ in }, _ body: (RTCPort, TestClient, Log) async throws -> Void
) async throws {
    try await withPort(change) { port in
        let log = Log()
        let client = try await TestClient.connect(to: port) { EchoHandler($0, log) }
        try await client.wait("connected") { $0.isConnected }
        try await client.run { client in
            client.open(0, ChannelOpen(label: "reliable"))
            client.open(2, LaneTests.fast)
        }
        try await log.wait(for: "opened fast")
        try await body(port, client, log)
        try? await client.leave()
    }
}
