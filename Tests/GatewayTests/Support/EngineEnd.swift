import ClientFrames
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing
import Wire

@testable import Transport

/// The client's end of an Engine.IO connection. Packets are texts that begin with their type.
protocol EngineEnd: AnyObject {
    func send(_ packet: String) throws

    /// The packets that the client got since the last call; `1` also when the server closed a WebSocket.
    func takePackets() throws -> [String]

    /// Closes the connection as the client.
    func close() throws

    /// Makes the server's bytes wait, or lets them go.
    ///
    /// - Parameters:
    ///   - isWritable: Whether to let them go.
    ///   - connection: The server's end.
    ///   - limit: The most bytes that may wait before the connection is unwritable.
    /// - Throws: `ChannelError`.
    func setWritable(_ isWritable: Bool, of connection: EngineConnection, limit: Int) throws

    /// Asks for the connection's end to keep to the process's bound of bytes that wait.
    func shed(_ connection: EngineConnection?)

    /// Ends the connection as if the client had vanished.
    func disconnect()
}

/// A client of Engine.IO over a WebSocket.
final class EngineWebSocketEnd: EngineEnd {
    private let socket: EmbeddedWebSocket

    init(_ server: EngineServer, _ loop: EmbeddedEventLoop, _ metrics: TransportMetrics) throws {
        let head = EngineHTTP.webSocketHead("\(server.options.path)?EIO=4&transport=websocket")
        guard case .serve(let terms)? = server.decide(head, from: nil), let options = terms.options else {
            throw EngineRefusal(code: -1, "the handshake was refused")
        }
        socket = EmbeddedWebSocket(on: loop, maxMessageBytes: options.maxMessageBytes, metrics)
        try socket.open(terms.makeSession(socket.connection))
        #expect(try takePackets().compactMap { EngineHTTP.sid(of: $0) }.count == 1)
    }

    func send(_ packet: String) throws { try socket.receive(.text(packet)) }

    func takePackets() throws -> [String] {
        try socket.takeSent().compactMap { signal -> String? in
            switch signal {
            case .text(let packet): return packet
            case .close: return "1"
            case .ping, .pong:
                Issue.record("a control frame")
                return nil
            }
        }
    }

    func close() throws { try socket.receive(.close(1000)) }
    func setWritable(_ isWritable: Bool, of connection: EngineConnection, limit: Int) {
        socket.setWritable(isWritable)
    }
    func shed(_ connection: EngineConnection?) { socket.shed() }
    func disconnect() { socket.disconnect() }
}

/// A client of Engine.IO over polling. One of its polls always waits, and it posts packets when the server has taken
/// the ones before, as stock clients do.
final class EnginePollingEnd: EngineEnd {
    private let server: EngineServer
    private let loop: EmbeddedEventLoop
    private let posts: EngineHTTP
    private var polls: EngineHTTP
    private var pollWrites: HeldWrites
    private var stuck: (http: EngineHTTP, writes: HeldWrites)?
    private let query: String
    private var outgoing: [String] = []
    private var received: [String] = []
    private var isPosting = false
    private var isPolling = false
    private var isClosed = false
    /// What fills the kernel's buffer.
    private var filler: String?

    init(_ server: EngineServer, _ loop: EmbeddedEventLoop) throws {
        self.server = server
        self.loop = loop
        (posts, _) = try Self.connect(to: server, loop)
        (polls, pollWrites) = try Self.connect(to: server, loop)
        let opening = "EIO=4&transport=polling"
        let answer = try posts.get(opening)
        let sid = try #require(EngineHTTP.sid(of: answer?.body ?? ""))
        query = "\(opening)&sid=\(sid)"
    }

    deinit { for http in [posts, polls, stuck?.http] { _ = try? http?.channel.finish() } }

    private static func connect(
        to server: EngineServer, _ loop: EmbeddedEventLoop
    ) throws -> (EngineHTTP, HeldWrites) {
        let writes = HeldWrites()
        let polling = EnginePollingHandler(servers: [server], idleTime: nil, pausedTime: server.pausedTime)
        let http = try EngineHTTP(
            loop: loop, path: server.options.path, handlers: [writes, HTTPServerPipelineHandler(), polling])
        return (http, writes)
    }

    func send(_ packet: String) throws {
        outgoing.append(packet)
        try exchange()
    }

    func takePackets() throws -> [String] {
        try exchange()
        defer { received = [] }
        return received
    }

    func close() throws { try send("1") }

    /// Sends and gets what there is, until a poll waits.
    private func exchange() throws {
        while !isClosed {
            if isPolling, let answer = try polls.answer() {
                take(answer)
            } else if isPosting, let answer = try posts.answer() {
                try notePosted(answer)
            } else if !isPolling {
                isPolling = true
                if let answer = try polls.get(query) { take(answer) }
            } else if !isPosting, !outgoing.isEmpty {
                let body = outgoing.joined(separator: "\u{1E}")
                outgoing = []
                isPosting = true
                if let answer = try posts.post(query, body) { try notePosted(answer) }
            } else {
                return
            }
        }
    }

    private func take(_ answer: EngineHTTP.Answer) {
        isPolling = false
        guard answer.status == .ok else { return isClosed = true }
        let packets = answer.body.split(separator: "\u{1E}", omittingEmptySubsequences: false).map(String.init)
        received += packets.filter { $0 != filler }
        if packets.contains("1") { isClosed = true }
    }

    private func notePosted(_ answer: EngineHTTP.Answer) throws {
        isPosting = false
        guard answer.status != .ok else { return }
        if isPolling, let last = try polls.answer() { take(last) }
        isClosed = true
    }

    /// Fills the connection of a poll with an answer of which the kernel takes no more; later polls use another one.
    func setWritable(_ isWritable: Bool, of connection: EngineConnection, limit: Int) throws {
        guard !isWritable else {
            stuck?.writes.release()
            return
        }
        try exchange()
        pollWrites.hold()
        let text = String(repeating: "x", count: limit + 1)
        filler = "4" + text
        connection.send(text: Array(text.utf8))
        connection.flush()
        if let answer = try polls.answer() { take(answer) }
        stuck = (polls, pollWrites)
        (polls, pollWrites) = try Self.connect(to: server, loop)
    }

    func shed(_ connection: EngineConnection?) { connection?.shed() }

    func disconnect() {
        do {
            try exchange()
        } catch {
            Issue.record(error)
        }
        isClosed = true
        polls.channel.close(promise: nil)
    }
}

/// Keeps the promises of writes, as the pipeline does when the kernel takes no more bytes.
private final class HeldWrites: ChannelOutboundHandler {
    typealias OutboundIn = HTTPServerResponsePart

    private var isHolding = false
    private var promises: [EventLoopPromise<Void>] = []

    func hold() { isHolding = true }

    func release() {
        isHolding = false
        let kept = promises
        promises = []
        for promise in kept { promise.succeed() }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard isHolding, let promise else { return context.write(data, promise: promise) }
        promises.append(promise)
        context.write(data, promise: nil)
    }

    func handlerRemoved(context: ChannelHandlerContext) { release() }
}
