import ClientFrames
import Glibc
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import Testing

@testable import ConformanceEcho
@testable import Transport

@Suite("Engine.IO on a port: requests and WebSockets of one connection are on different event loops")
struct EngineSocketTests {
    /// A port with one Engine.IO server that echoes, on three event loops.
    private final class Port {
        let server: EngineServer
        private let group = MultiThreadedEventLoopGroup(numberOfThreads: 3)
        private let channel: any Channel

        init() async throws {
            let metrics = TransportMetrics()
            let memory = SendMemory(limit: 1 << 28, metrics: metrics, logger: .silent)
            var options = EngineOptions(path: "/engine.io/")
            options.maxPayload = 100_000
            // Real time passes in these tests, and on a busy machine much of it.
            (options.pingInterval, options.upgradeTimeout) = (.hours(1), .hours(1))
            let server = EngineServer(
                options: { [options] in options }, sendMemory: memory, metrics: metrics, pausedTime: { .zero },
                isAllowedOrigin: { _ in true }, makeSession: { connection, _ in EchoSession(connection) })
            var port = SharedPort(
                times: { .init(request: .hours(1), drain: .hours(1), idle: .hours(1)) },
                connections: ConnectionLimit { 100 }, isProxy: { _ in false }, client: { _, _ in "" },
                options: { .init(maxMessageBytes: 10) }, sendMemory: memory, metrics: metrics, pausedTime: { .zero },
                tls: nil, compresses: true, decide: { _, _ in .http })
            port.engines = [server]
            self.server = server
            let shared = port
            channel = try await ServerBootstrap(group: group)
                .childChannelOption(.allowRemoteHalfClosure, value: true)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        _ = try shared.setUp(channel) { channel in
                            channel.eventLoop.makeSucceededVoidFuture()
                        }
                    }
                }
                .bind(host: "127.0.0.1", port: 0).get()
        }

        func client() throws -> BlockingClient { try BlockingClient(port: channel.localAddress?.port ?? 0) }

        func end() async throws {
            try await channel.close().get()
            try await group.shutdownGracefully()
        }
    }

    private func open(_ port: Port) throws -> String {
        let packet = try port.client().request("GET", "EIO=4&transport=polling")
        return try EngineRig.sid(of: packet)
    }

    @Test("posts and polls on TCP connections of their own keep the order")
    func polling() async throws {
        let port = try await Port()
        let sid = try open(port)
        let (poster, poller) = (try port.client(), try port.client())
        for number in 0..<50 {
            let body = "4a\(number)\u{1e}4b\(number)"
            #expect(try poster.request("POST", "EIO=4&transport=polling&sid=\(sid)", body) == "ok")
            #expect(try poller.request("GET", "EIO=4&transport=polling&sid=\(sid)") == body)
        }
        try await port.end()
    }

    @Test("an upgrade to a WebSocket on another loop keeps the order, and a flood both ways is complete")
    func upgrade() async throws {
        let port = try await Port()
        for _ in 0..<6 {
            let sid = try open(port)
            let webSocket = try port.client()
            try webSocket.upgrade("EIO=4&transport=websocket&sid=\(sid)")
            #expect(try port.client().request("POST", "EIO=4&transport=polling&sid=\(sid)", "4first") == "ok")
            try webSocket.send(text: "2probe")
            #expect(try webSocket.readText() == "3probe")
            try webSocket.send(text: "5")
            #expect(try webSocket.readText() == "4first")
            let text = String(repeating: "x", count: 20_000)
            // More than may wait between the loops, so that the WebSocket stops reading, and goes on.
            for number in 0..<40 { try webSocket.send(text: "4\(number) \(text)") }
            for number in 0..<40 { #expect(try webSocket.readText() == "4\(number) \(text)") }
            webSocket.close()
        }
        try await port.end()
    }

    @Test("a poll ends its connection when the client resets or closes the TCP connection", arguments: [true, false])
    func aborted(isReset: Bool) async throws {
        let port = try await Port()
        let sid = try open(port)
        let poller = try port.client()
        try poller.sendRequest("GET", "EIO=4&transport=polling&sid=\(sid)")
        if isReset { poller.reset() } else { poller.close() }
        var answer = ""
        repeat {
            answer = try port.client().request("PUT", "EIO=4&transport=polling&sid=\(sid)")
        } while answer.contains("\"code\":3")
        #expect(answer.contains("\"code\":1"))
        #expect(port.server.count == 0)
        try await port.end()
    }

    @Test("the head of a request is bounded")
    func heads() async throws {
        let port = try await Port()
        func open(_ fields: String...) throws -> String {
            let client = try port.client()
            try client.sendRequest("GET", "EIO=4&transport=polling", fields: fields)
            return try client.takeHead()
        }
        let kibibyte = String(repeating: "x", count: 1024)
        let cookie = "Cookie: " + String(repeating: kibibyte, count: 15)
        #expect(try open(cookie).hasPrefix("HTTP/1.1 200 "))
        #expect(try open(cookie + kibibyte + "x").hasPrefix("HTTP/1.1 431 "))
        #expect(try open(cookie, cookie).hasPrefix("HTTP/1.1 200 "))
        #expect(try open(cookie, cookie, cookie).hasPrefix("HTTP/1.1 431 "))
        try await port.end()
    }

    @Test("a stop ends polls that wait and WebSockets, each in its own way")
    func stop() async throws {
        let port = try await Port()
        let sid = try open(port)
        let poller = try port.client()
        #expect(try port.client().request("POST", "EIO=4&transport=polling&sid=\(sid)", "4x") == "ok")
        #expect(try poller.request("GET", "EIO=4&transport=polling&sid=\(sid)") == "4x")
        let webSocket = try port.client()
        try webSocket.upgrade("EIO=4&transport=websocket")
        #expect(try webSocket.readText().hasPrefix("0{"))
        port.server.stop()
        #expect(try poller.request("GET", "EIO=4&transport=polling&sid=\(sid)") == "1")
        #expect(try webSocket.readFrame().opcode == 8)
        try await port.end()
    }
}

/// A TCP connection that waits for what it reads.
private final class BlockingClient {
    struct Ended: Error {
        var step: String
        var code: Int32
    }

    private let socket: NIOBSDSocket.Handle
    private var received: [UInt8] = []
    private var isClosed = false

    init(port: Int) throws {
        socket = try BlockingSocket.connect(port: port)
    }

    deinit { close() }

    func close() {
        if !isClosed { BlockingSocket.close(socket, isReset: false) }
        isClosed = true
    }

    func reset() {
        if !isClosed { BlockingSocket.close(socket, isReset: true) }
        isClosed = true
    }

    private func send(_ bytes: [UInt8]) throws {
        if !BlockingSocket.send(socket, bytes) { throw Ended(step: "send", code: errno) }
    }

    private func receive() throws {
        errno = 0
        let bytes = BlockingSocket.receive(socket)
        if bytes.isEmpty { throw Ended(step: "receive", code: errno) }
        received += bytes
    }

    private func take(_ count: Int) throws -> [UInt8] {
        while received.count < count { try receive() }
        defer { received.removeFirst(count) }
        return Array(received.prefix(count))
    }

    func takeHead() throws -> String {
        let end = Array("\r\n\r\n".utf8)
        while true {
            let at = received.indices.first { received[$0...].starts(with: end) }
            if let at { return String(decoding: try take(at + end.count), as: UTF8.self) }
            try receive()
        }
    }

    func sendRequest(_ method: String, _ query: String, _ body: String = "", fields: [String] = []) throws {
        let length = method == "POST" ? ["Content-Length: \(body.utf8.count)"] : []
        let head = ["\(method) /engine.io/?\(query) HTTP/1.1", "Host: x"] + length + fields
        try send(Array("\(head.joined(separator: "\r\n"))\r\n\r\n\(body)".utf8))
    }

    /// Sends a request, and returns the body of the answer.
    func request(_ method: String, _ query: String, _ body: String = "") throws -> String {
        try sendRequest(method, query, body)
        let head = try takeHead()
        let length = head.firstMatch(of: /content-length: ([0-9]+)/).flatMap { Int($0.1) } ?? 0
        return String(decoding: try take(length), as: UTF8.self)
    }

    func upgrade(_ query: String) throws {
        try send(
            Array(
                """
                GET /engine.io/?\(query) HTTP/1.1\r
                Host: x\r
                Connection: Upgrade\r
                Upgrade: websocket\r
                Sec-WebSocket-Version: 13\r
                Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r
                \r

                """.utf8))
        #expect(try takeHead().hasPrefix("HTTP/1.1 101 "))
    }

    func send(text: String) throws { try send(ClientFrame.make(1, Array(text.utf8))) }

    func readFrame() throws -> (opcode: UInt8, payload: [UInt8]) {
        let head = try take(2)
        var length = Int(head[1])
        if length == 126 { length = try take(2).reduce(0) { $0 << 8 | Int($1) } }
        return (head[0] & 15, try take(length))
    }

    func readText() throws -> String { String(decoding: try readFrame().payload, as: UTF8.self) }
}
