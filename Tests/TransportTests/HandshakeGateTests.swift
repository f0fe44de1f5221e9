import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import Transport

@Suite("How long a request may take (design 9)") final class HandshakeGateTests {
    let channel = EmbeddedChannel()
    private var pausedTime = TimeAmount.zero
    let limit = ConnectionLimit { 1 }

    init() throws {
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        try channel.pipeline.syncOperations.addHandler(
            HandshakeGate(
                timeout: .seconds(10), drainTimeout: .seconds(30), pausedTime: { [unowned self] in pausedTime },
                requests: ForwardedRequests(limit),
                client: { $0.headers.first(name: "client") ?? "unknown" },
                decide: { _ in .http }, accepted: { _ in }))
    }

    private func head(_ method: HTTPMethod = .POST, fields: HTTPHeaders = ["host": "x"]) throws {
        try channel.writeInbound(
            HTTPServerRequestPart.head(
                HTTPRequestHead(version: .http1_1, method: method, uri: "/server/sign/auth", headers: fields)))
    }

    private func body() throws { try channel.writeInbound(HTTPServerRequestPart.body(ByteBuffer(string: "x"))) }
    private func end() throws { try channel.writeInbound(HTTPServerRequestPart.end(nil)) }

    private func answer(isWhole: Bool = true) throws {
        let head = HTTPResponseHead(version: .http1_1, status: .ok)
        try channel.writeOutbound(HTTPServerResponsePart.head(head))
        if isWhole { try channel.writeOutbound(HTTPServerResponsePart.end(nil)) }
    }

    /// The statuses of the answers written since the last call.
    private func statuses() throws -> [UInt] {
        var found: [UInt] = []
        while let part = try channel.readOutbound(as: HTTPServerResponsePart.self) {
            if case .head(let head) = part { found.append(head.status.code) }
        }
        return found
    }

    private func advance(_ seconds: Int64) { channel.embeddedEventLoop.advanceTime(by: .seconds(seconds)) }

    @Test("a connection without a request is closed when its time is over")
    func silent() throws {
        advance(9)
        #expect(channel.isActive)
        advance(1)
        #expect(!channel.isActive)
        #expect(try statuses() == [])
    }

    @Test("nothing of a gate is left when its connection has ended, while a request arrives or between two")
    func released() throws {
        weak let gate = try channel.pipeline.syncOperations.handler(type: HandshakeGate.self)
        #expect(gate != nil)
        try head()
        try end()
        try answer()
        try head()
        try channel.close().wait()
        channel.embeddedEventLoop.run()
        #expect(gate == nil)
    }

    @Test("a body that comes byte by byte is cut off with 408, on the first request and on a later one")
    func slowBody() throws {
        try head()
        try end()
        try answer()
        #expect(try statuses() == [200])
        advance(100)
        #expect(channel.isActive, "how long it may be idle is not the gate's part")
        try head()
        for _ in 0..<9 {
            advance(1)
            try body()
        }
        #expect(channel.isActive)
        advance(1)
        #expect(try statuses() == [408])
        #expect(!channel.isActive)
    }

    @Test("a large file may come slowly: the time begins again with each 64 KiB")
    func upload() throws {
        try head()
        let part = ByteBuffer(repeating: 1, count: HandshakeGate.progressBytes / 8)
        for _ in 0..<80 {
            advance(1)
            try channel.writeInbound(HTTPServerRequestPart.body(part))
        }
        #expect(channel.isActive, "80 s")
        for _ in 0..<7 {
            advance(1)
            try channel.writeInbound(HTTPServerRequestPart.body(part))
        }
        #expect(channel.isActive)
        advance(3)
        #expect(try statuses() == [408], "less than 64 KiB in 10 s")
    }

    @Test("large parts are read for a long body only, not for what follows it")
    func readSize() throws {
        func size() throws -> Int? { try channel.syncOptions?.getOption(.recvAllocator).nextBufferSize() }
        for _ in 0..<2 {
            try head(fields: ["host": "x", "content-length": "100000"])
            #expect(try size() == HandshakeGate.bodyReadBytes)
            try body()
            try end()
            #expect(try size() == SharedPort.readBytes)
            try answer()
        }
        try head(fields: ["host": "x", "transfer-encoding": "chunked"])
        let part = ByteBuffer(repeating: 1, count: HandshakeGate.progressBytes)
        try channel.writeInbound(HTTPServerRequestPart.body(part))
        #expect(try size() == HandshakeGate.bodyReadBytes)
        try end()
        #expect(try size() == SharedPort.readBytes)
    }

    @Test("a request that is cut off while its answer is being written gets no 408")
    func answered() throws {
        try head()
        try answer(isWhole: false)
        advance(10)
        #expect(try statuses() == [200])
        #expect(!channel.isActive)
    }

    @Test("an answer may take as long as it needs")
    func slowAnswer() throws {
        try head(.GET)
        try end()
        advance(1000)
        #expect(channel.isActive)
        try answer()
        #expect(try statuses() == [200])
    }

    @Test("a client that does not read its answer is closed; a client that goes on reading is not")
    func drain() throws {
        try head(.GET)
        try end()
        func setWritable(_ isWritable: Bool) {
            channel.isWritable = isWritable
            channel.pipeline.fireChannelWritabilityChanged()
        }
        setWritable(false)
        advance(29)
        setWritable(true)
        advance(100)
        #expect(channel.isActive)
        setWritable(false)
        advance(30)
        #expect(!channel.isActive)
    }

    @Test("a graceful stop waits for a request in progress, but not for ever")
    func quiesce() throws {
        try head(.GET)
        channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        #expect(channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: HandshakeGate.quiesceTime)
        #expect(!channel.isActive)
    }

    @Test("a pause of the server does not count in a request's time")
    func pause() throws {
        advance(6)
        pausedTime = .seconds(20)
        advance(20)
        #expect(channel.isActive)
        advance(3)
        #expect(channel.isActive)
        advance(1)
        #expect(!channel.isActive)
    }

    @Test("a request whose body is broken gets 400, and then the connection ends")
    func brokenBody() throws {
        try head()
        channel.pipeline.fireErrorCaught(HTTPParserError.invalidChunkSize)
        // The error also reaches the router, which must not treat the incomplete body as complete.
        #expect(throws: HTTPParserError.self) { try channel.throwIfErrorCaught() }
        #expect(try statuses() == [400])
        try answer()
        #expect(try statuses() == [], "there is one answer")
        advance(10)
        #expect(!channel.isActive)
    }

    @Test("a head that is too long gets 431, as the first one and as a later one", arguments: [false, true])
    func longHead(isLater: Bool) throws {
        if isLater {
            try head(.GET)
            try end()
            try answer()
        }
        channel.pipeline.fireErrorCaught(HTTPParserError.headerOverflow)
        #expect(try statuses().last == 431)
    }

    @Test("garbage instead of a later request gets 400 as well")
    func laterGarbage() throws {
        try head(.GET)
        try end()
        try answer()
        channel.pipeline.fireErrorCaught(HTTPParserError.invalidMethod)
        #expect(try statuses() == [200, 400])
        advance(10)
        #expect(!channel.isActive)
    }

    @Test(
        "a request that a proxy may parse differently is refused, also when it is not the first",
        arguments: [
            [:], ["host": "a", "Host": "b"], ["host": "a", "HOST": "a"], ["host": "a b"], ["host": "a/b"],
            ["host": "a,b"],
            ["host": "a", "transfer-encoding": "gzip, chunked"],
            ["host": "a", "transfer-encoding": "chunked", "Transfer-Encoding": "chunked"],
        ] as [HTTPHeaders])
    func form(fields: HTTPHeaders) throws {
        try head(.GET)
        try end()
        try answer()
        try head(.GET, fields: fields)
        #expect(try statuses() == [200, 400])
    }

    @Test("a refusal is sent after the answers to earlier requests")
    func refusedInOrder() throws {
        try head(.GET)
        try end()
        try head(.GET, fields: [:])
        try head(.GET)
        #expect(try statuses() == [])
        try answer()
        #expect(try statuses() == [200, 400])
        advance(10)
        #expect(!channel.isActive)
    }

    @Test("an HTTP/1.0 request may leave out Host; its connection ends with the answer")
    func oldVersion() throws {
        try channel.writeInbound(
            HTTPServerRequestPart.head(HTTPRequestHead(version: .http1_0, method: .GET, uri: "/health")))
        let part = try channel.readInbound(as: HTTPServerRequestPart.self)
        guard case .head(let head) = part else { throw ChannelError.inappropriateOperationForState }
        #expect(head.headers["connection"] == ["close"])
    }

    @Test("requests through one proxy count for each client's address until they are answered")
    func forwarded() throws {
        try head(.GET, fields: ["host": "x", "client": "192.0.2.1"])
        try end()
        #expect(!limit.open("192.0.2.1"))
        try answer()
        #expect(limit.open("192.0.2.1"))
        try head(.GET, fields: ["host": "x", "client": "192.0.2.2"])
        try end()
        try answer()
        #expect(try statuses() == [200, 200])
        try head(.GET, fields: ["host": "x", "client": "192.0.2.1"])
        #expect(try statuses() == [429], "the address has its one connection")
    }
}
