import NIOCore
import Testing

@testable import WebRTC

@Suite("The client of load tests") struct RTCClientTests {
    /// Notes what a client is told.
    private final class Notes: RTCClientHandler {
        private let log: Log

        init(_ log: Log) { self.log = log }

        func channelOpened(_ stream: UInt16) { log.add("channel \(stream)") }
        func received(_ message: [UInt8], isText: Bool, on stream: UInt16) {
            log.add("\(stream)/\(isText ? "text" : "binary")/\(String(decoding: message, as: UTF8.self))")
        }
        func channelClosed(_ stream: UInt16) { log.add("channel \(stream) closed") }
        func ended(_ reason: RTCClientError) { log.add("\(reason)") }
    }

    /// Calls a closure with a client of a port that echoes, and with what both were told.
    private func withClient(_ body: (RTCClient, _ port: RTCPort, _ log: Log) async throws -> Void) async throws {
        try await withPort { port in
            let log = Log()
            let client = try await RTCClient.make { _ in Notes(log) }
            let answer = try await port.answer(SDPOffer(client.offer)) { EchoHandler($0, log) }.get()
            try await client.connect(answer: answer)
            try await body(client, port, log)
            try await RTCClient.eventLoop.submit { client.close() }.get()
        }
    }

    @Test("it opens channels, and gets what the server sends on them in the same form")
    func echo() async throws {
        try await withClient { client, _, log in
            try await RTCClient.eventLoop.submit { client.open(2, LaneTests.fast) }.get()
            try await log.wait(for: "channel 2")
            let isSent = try await RTCClient.eventLoop.submit {
                client.send(ByteBuffer(string: "hello"), isText: true, on: 2, LaneTests.fast)
                    && client.send(ByteBuffer(), isText: false, on: 2, LaneTests.fast)
            }.get()
            #expect(isSent)
            try await log.wait(for: "2/text/hello")
            try await log.wait(for: "2/binary/")
            let counts = try await RTCClient.eventLoop.submit { (client.datagramsSent, client.datagramsReceived) }.get()
            #expect(counts.0 > 5 && counts.1 > 5)
        }
    }

    @Test("it hears of the end of a channel, and of the connection")
    func ends() async throws {
        try await withClient { client, _, log in
            let reliable = ChannelOpen(label: "reliable")
            try await RTCClient.eventLoop.submit { client.open(0, reliable) }.get()
            try await log.wait(for: "channel 0")
            func send(_ text: String, on stream: UInt16) async throws {
                _ = try await RTCClient.eventLoop.submit {
                    client.send(ByteBuffer(string: text), isText: true, on: stream, reliable)
                }.get()
            }
            try await send("close", on: 0)
            try await log.wait(for: "channel 0 closed")
            try await RTCClient.eventLoop.submit { client.open(2, reliable) }.get()
            try await log.wait(for: "channel 2")
            try await send("end", on: 2)
            try await log.wait(for: "\(RTCClientError.closed)")
        }
    }

    @Test("the server sees that a client has left")
    func leaves() async throws {
        try await withClient { client, _, log in
            try await RTCClient.eventLoop.submit { client.close() }.get()
            try await log.wait(for: "ended: \(RTCEnd.clientClosed)")
        }
    }

    @Test(
        "an answer without what is needed is an error that names it",
        arguments: [
            ("v=0", "v=1"), ("ice-ufrag", "a=x"), ("ice-pwd", "a=x"), ("fingerprint", "a=x"), ("sctp-port", "a=x"),
            ("candidate", "a=x"),
        ])
    func badAnswers(name: String, replacement: String) async throws {
        try await withPort { port in
            let client = try await RTCClient.make { _ in Notes(Log()) }
            let answer = try await port.answer(SDPOffer(client.offer)) { EchoHandler($0, Log()) }.get()
            let wrong = answer.replacing(name == "v=0" ? name : "a=\(name)", with: replacement)
            await #expect(throws: RTCClientError.badAnswer(name)) { try await client.connect(answer: wrong) }
        }
    }

    @Test("a server with another certificate than that of its answer is refused")
    func wrongCertificate() async throws {
        try await withPort { port in
            let client = try await RTCClient.make { _ in Notes(Log()) }
            let answer = try await port.answer(SDPOffer(client.offer)) { EchoHandler($0, Log()) }.get()
            let other = SDPAnswer.text(ofFingerprint: Array(repeating: 7, count: 32))
            let own = SDPAnswer.text(ofFingerprint: port.identity.fingerprint)
            await #expect(throws: RTCClientError.wrongFingerprint) {
                try await client.connect(answer: answer.replacing(own, with: other))
            }
        }
    }
}
