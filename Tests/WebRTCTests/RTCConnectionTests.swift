import Logging
import NIOCore
import Testing
import Transport

@testable import WebRTC

/// A session that notes what it is told, and answers what a test asks for.
private final class NotingSession: DatagramSession {
    private let connection: any ClientConnection
    private let log: Log

    init(_ connection: any ClientConnection, _ log: Log) {
        self.connection = connection
        self.log = log
    }

    func connectionOpened() {
        log.add("opened\(connection.isCompact ? " compact" : "")")
        connection.setReading(true)
    }

    func heard() {}

    func received(_ message: [UInt8], isText: Bool) {
        let text = String(decoding: message, as: UTF8.self)
        log.add("\(isText ? "text" : "binary") \(text)")
        let lane = connection as? any DatagramConnection
        switch text {
        case "close": connection.close(.kicked, reason: "an operator said \"go\"")
        case "ping": connection.ping()
        case "datagram":
            log.add("sent \(lane?.sendDatagram(Array("position".utf8), isText: true) ?? false)")
            log.add("too long \(lane?.sendDatagram([UInt8](repeating: 0, count: 1101), isText: false) ?? false)")
        case "long": connection.send(text: [UInt8](repeating: UInt8(ascii: "y"), count: 10_000))
        default: connection.send(message, isText: isText)
        }
        connection.flush()
    }

    func receivedDatagram(_ message: [UInt8], isText: Bool) {
        log.add("datagram \(String(decoding: message, as: UTF8.self))")
    }

    func receivedControl() -> Bool { true }

    func violated(_ code: CloseCode, _ description: String) {
        log.add("violated \(code.rawValue)")
        connection.close(code, reason: description)
    }

    func clientCloses() { log.add("client closes") }
    func writabilityChanged(_ isWritable: Bool) { log.add(isWritable ? "writable" : "unwritable") }
    func connectionShed() { connection.abort() }
    func serverStops() { connection.close(.goingAway, reason: "the server stops") }
    func connectionFailed(_ error: any Error) { log.add("failed: \(error)") }
    func connectionEnded() { log.add("ended") }
}

@Suite("A client as the connection of a session") struct RTCConnectionTests {
    private static func surroundings() -> RTCConnection.Surroundings {
        let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let metrics = TransportMetrics()
        var surroundings = RTCConnection.Surroundings(
            sendMemory: SendMemory(limit: 1 << 30, metrics: metrics, logger: silent), metrics: metrics)
        surroundings.openingTime = .minutes(10)
        return surroundings
    }

    /// Calls a closure with a client whose SCTP is connected.
    private func withClient(
        _ change: (inout RTCConnection.Surroundings) -> Void = { _ in },
        _ body: (RTCPort, TestClient, Log) async throws -> Void
    ) async throws {
        var surroundings = Self.surroundings()
        change(&surroundings)
        let shared = surroundings
        try await withPort { port in
            let log = Log()
            let client = try await TestClient.connect(to: port) { RTCConnection($0, shared) { NotingSession($0, log) } }
            try await client.wait("connected") { $0.isConnected }
            try await body(port, client, log)
            try? await client.leave()
        }
    }

    private func open(_ client: TestClient, _ opens: ChannelOpen...) async throws {
        try await client.run { client in for (n, open) in opens.enumerated() { client.open(UInt16(2 * n), open) } }
    }

    @Test("messages and datagrams travel on their channels, and a ping is answered")
    func lanes() async throws {
        try await withClient { _, client, log in
            try await open(client, LaneTests.reliable, LaneTests.fast)
            try await log.wait(for: "opened")
            try await client.run { client in
                client.send("hello", on: 0)
                client.send("bytes", on: 0, isText: false)
                client.send("here", on: 2, isOrdered: false)
                client.send("ping", on: 0)
                client.send("datagram", on: 0)
            }
            try await log.wait(for: "datagram here")
            try await client.wait("the datagram") { $0.messages.contains("2/text/position") }
            #expect(try await client.look().messages.contains("0/text/hello"))
            #expect(try await client.look().messages.contains("0/binary/bytes"))
            let lines = try await log.all()
            #expect(lines.contains("sent true") && lines.contains("too long false"))
        }
    }

    @Test("the protocol of the channel chooses the compact encoding")
    func compact() async throws {
        try await withClient { _, client, log in
            var reliable = LaneTests.reliable
            reliable.subprotocol = LaneRules.compactProtocol
            try await open(client, LaneTests.fast, reliable)
            try await log.wait(for: "opened compact")
            try await client.run { $0.send("\"a\"", on: 2) }
            try await client.wait("MessagePack") { $0.messages.contains("2/binary/\u{FFFD}a") }
        }
    }

    @Test("long messages come in parts")
    func parts() async throws {
        try await withClient { _, client, log in
            try await open(client, LaneTests.reliable, LaneTests.fast)
            try await log.wait(for: "opened")
            try await client.run { $0.send("long", on: 0) }
            try await client.wait("all parts") { $0.bytes[0] ?? 0 >= 10_003 }
            let parts = try await client.look().messages.filter { $0.hasPrefix("0/binary/") }
            #expect(parts.map { $0.dropFirst(9).first } == ["\u{1}", "\u{1}", "\u{2}"])
        }
    }

    @Test("a close is told with its code, and the client's answer ends the connection")
    func close() async throws {
        try await withClient { _, client, log in
            try await open(client, LaneTests.reliable, LaneTests.fast)
            try await log.wait(for: "opened")
            try await client.run { $0.send("close", on: 0) }
            try await log.wait(for: "ended")
            try await client.wait("the end") { $0.isEnded }
            let view = try await client.look()
            #expect(view.messages.contains("0/text/{\"action\":\"close\",\"code\":4002,\"reason\":\""))
            #expect(view.closedStreams == [0])
        }
    }

    @Test("a client that closes a channel, or leaves, ends its session", arguments: [0, 2, nil])
    func clientCloses(_ stream: UInt16?) async throws {
        try await withClient { _, client, log in
            try await open(client, LaneTests.reliable, LaneTests.fast)
            try await log.wait(for: "opened")
            if let stream { try await client.run { $0.close(stream) } } else { try await client.leave() }
            try await log.wait(for: "ended")
            #expect(try await log.all().contains("client closes") == (stream != nil))
        }
    }

    @Test("wrong channels are refused with a reason, before there is a session")
    func wrongChannels() async throws {
        try await withClient { port, client, log in
            try await open(client, ChannelOpen(label: "chat"))
            try await client.wait("the reason") {
                $0.messages.contains("0/text/{\"action\":\"close\",\"code\":1002,\"reason\":\"")
            }
            try await client.wait("the end") { $0.isEnded }
            #expect(try await log.all().isEmpty)
            #expect(try await port.readCounts().get().peers == 0)
        }
    }

    @Test("a client that opens one channel only is told so, and ends")
    func missingChannel() async throws {
        let time = AdjustableTime(isFrozen: true)
        try await withClient({ surroundings in
            surroundings.openingTime = .seconds(3)
            surroundings.pausedTime = { time.paused }
        }) { _, client, log in
            try await open(client, LaneTests.reliable)
            try await client.wait("the open channel") { $0.messages == ["0/open"] }
            time.thaw()
            try await client.wait("the end") { $0.isEnded }
            #expect(
                try await client.look().messages.contains("0/text/{\"action\":\"close\",\"code\":1002,\"reason\":\""))
            #expect(try await log.all().isEmpty)
        }
    }

    @Test("a further channel, a text that is not UTF-8, and too long a message are violations")
    func violations() async throws {
        try await withClient { _, client, log in
            try await open(client, LaneTests.reliable, LaneTests.fast)
            try await log.wait(for: "opened")
            try await client.run { $0.send(raw: ByteBuffer(bytes: [0xC3]), .text, on: 0) }
            try await log.wait(for: "violated 1007")
            try await log.wait(for: "ended")
        }
        try await withClient { _, client, log in
            try await open(client, LaneTests.reliable, LaneTests.fast, ChannelOpen(label: "third"))
            try await log.wait(for: "violated 1002")
            try await log.wait(for: "ended")
        }
        try await withClient({ $0.maxMessageBytes = 10 }) { _, client, log in
            try await open(client, LaneTests.reliable, LaneTests.fast)
            try await log.wait(for: "opened")
            try await client.run { client in
                client.send("ten bytes.", on: 0)
                client.send("eleven here", on: 0)
            }
            try await log.wait(for: "violated 1009")
            #expect(try await log.all().contains("text ten bytes."))
            try await log.wait(for: "ended")
        }
    }

    @Test("a stop of the server reaches sessions, and clients without one; it is over when all have ended")
    func stop() async throws {
        try await withClient { port, client, log in
            try await open(client, LaneTests.reliable, LaneTests.fast)
            try await log.wait(for: "opened")
            let shared = Self.surroundings()
            let other = Log()
            let second = try await TestClient.connect(to: port) {
                RTCConnection($0, shared, whenEnded: { other.add("no session any more") }) { NotingSession($0, other) }
            }
            try await second.wait("connected") { $0.isConnected }
            try await port.stop().get()
            #expect(try await port.readCounts().get().peers == 0)
            #expect(try await log.all().last == "ended")
            #expect(try await other.all() == ["no session any more"])
            try await second.wait("the end") { $0.isEnded }
            try await second.leave()
        }
    }
}
