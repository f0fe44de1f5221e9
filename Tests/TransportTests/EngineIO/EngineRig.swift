import ClientFrames
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing
import Wire

@testable import Transport

/// An Engine.IO server on an event loop whose time a test advances, with HTTP connections and WebSockets to it.
final class EngineRig {
    let loop = EmbeddedEventLoop()
    let server: EngineServer
    let memory: SendMemory
    private let sessions = Sessions()
    private var channels: [EmbeddedChannel] = []

    /// Sessions in the order of their opening. `@unchecked Sendable`: used on the test's thread only.
    private final class Sessions: @unchecked Sendable {
        var all: [RecordingEngineSession] = []
        var isEchoing = false
    }

    init(
        isEchoing: Bool = false, memoryLimit: Int = 1 << 20, perClient: Int = .max,
        admit: @escaping @Sendable (HTTPRequestHead, SocketAddress?) -> EngineRefusal? = { _, _ in nil },
        change: (inout EngineOptions) -> Void = { _ in }
    ) {
        var options = EngineOptions(path: "/engine.io/")
        options.pingInterval = .milliseconds(300)
        options.pingTimeout = .milliseconds(200)
        change(&options)
        memory = SendMemory(limit: memoryLimit, metrics: TransportMetrics(), logger: .silent)
        sessions.isEchoing = isEchoing
        server = EngineServer(
            options: { [options] in options }, sendMemory: memory, metrics: TransportMetrics(), pausedTime: { .zero },
            connectionLimit: ConnectionLimit { perClient },
            client: { _, head in head.headers.first(name: "client") ?? "" },
            isAllowedOrigin: { $0.headers["origin"] == ["http://good.example"] }, admit: admit,
            makeSession: { [sessions] connection, handshake in
                let session = RecordingEngineSession(connection, handshake, isEchoing: sessions.isEchoing)
                sessions.all.append(session)
                return session
            })
    }

    deinit { for channel in channels { _ = try? channel.finish() } }

    /// The session of the connection that was opened last.
    var session: RecordingEngineSession { sessions.all[sessions.all.count - 1] }
    var sessionCount: Int { sessions.all.count }

    func forgetSessions() { sessions.all = [] }

    func advance(_ milliseconds: Int64) { loop.advanceTime(by: .milliseconds(milliseconds)) }

    // MARK: - HTTP

    /// An HTTP connection; `idle` limits the time without a request.
    func connect(idle: TimeAmount? = nil) throws -> EngineHTTP {
        let polling = EnginePollingHandler(servers: [server], idleTime: idle, pausedTime: { .zero })
        let http = try EngineHTTP(
            loop: loop, path: "/engine.io/",
            handlers: [HTTPServerPipelineHandler(), PipelinedRequests(), polling])
        channels.append(http.channel)
        return http
    }

    /// Opens a connection by polling, on an HTTP connection of its own.
    ///
    /// - Returns: The sid.
    func open() throws -> String {
        let answer = try #require(try connect().get("EIO=4&transport=polling"))
        #expect(answer.status == .ok)
        return try EngineRig.sid(of: answer.body)
    }

    /// Polls on an HTTP connection of its own.
    ///
    /// - Returns: The answer; `nil` while the poll waits.
    func poll(_ sid: String) throws -> EngineHTTP.Answer? { try connect().get("EIO=4&transport=polling&sid=\(sid)") }

    func post(_ sid: String, _ body: String) throws -> EngineHTTP.Answer? {
        try connect().post("EIO=4&transport=polling&sid=\(sid)", body)
    }

    static func sid(of packet: String) throws -> String {
        try #require(EngineHTTP.sid(of: packet))
    }

    // MARK: - WebSockets

    /// A WebSocket that opens a connection, or with a sid one that takes it over.
    func webSocket(_ sid: String? = nil) throws -> StubSocket {
        let query = "EIO=4&transport=websocket" + (sid.map { "&sid=\($0)" } ?? "")
        let head = EngineHTTP.webSocketHead("/engine.io/?\(query)")
        guard case .serve(let terms)? = server.decide(head, from: nil) else {
            throw EngineRefusal(code: -1, "the handshake was refused")
        }
        let socket = StubSocket(loop)
        socket.serve(terms.makeSession(socket))
        return socket
    }
}

/// A session that writes down what happens to it.
final class RecordingEngineSession: ClientSession {
    let connection: EngineConnection
    let handshake: EngineHandshake
    private let isEchoing: Bool
    private(set) var events: [String] = []
    var reads = true
    var mayAnswerPings = true

    init(_ connection: EngineConnection, _ handshake: EngineHandshake, isEchoing: Bool) {
        self.connection = connection
        self.handshake = handshake
        self.isEchoing = isEchoing
    }

    /// What has happened since the last call; `heard` is left out.
    func takeEvents() -> [String] {
        defer { events = [] }
        return events
    }

    func send(_ texts: String...) {
        for text in texts { connection.send(text: Array(text.utf8)) }
        connection.flush()
    }

    func connectionOpened() {
        events.append("opened")
        connection.setReading(reads)
    }
    func heard() {}
    func received(_ message: [UInt8], isText: Bool) {
        events.append(isText ? String(decoding: message, as: UTF8.self) : "\(message)")
        guard isEchoing else { return }
        connection.send(message, isText: isText)
        connection.flush()
    }
    func receivedControl() -> Bool {
        events.append("control")
        return mayAnswerPings
    }
    func violated(_ code: CloseCode, _ description: String) { events.append("violated \(code.rawValue)") }
    func clientCloses() { events.append("client closes") }
    func writabilityChanged(_ isWritable: Bool) { events.append(isWritable ? "writable" : "unwritable") }
    func connectionShed() {
        events.append("shed")
        connection.abort()
    }
    func serverStops() {
        events.append("stops")
        connection.close(.goingAway, reason: "the server stops")
    }
    func connectionFailed(_ error: any Error) { events.append("failed: \(error)") }
    func connectionEnded() { events.append("ended") }
}

/// The connection of a WebSocket, without a socket.
final class StubSocket: ClientConnection {
    let eventLoop: any EventLoop
    private var session: (any ClientSession)?
    private var queued: [String] = []
    private var sent: [String] = []
    private(set) var isReading = false
    private(set) var limits: [Int] = []
    var waitingBytes = 0
    var acceptsDeflate: Bool { false }

    init(_ loop: any EventLoop) { eventLoop = loop }

    func serve(_ session: any ClientSession) {
        self.session = session
        session.connectionOpened()
    }

    var isOpen: Bool { session != nil }

    /// What was sent since the last call; binary messages as lists of bytes, a close frame as `close` with its code.
    func takeSent() -> [String] {
        defer { sent = [] }
        return sent
    }

    func receive(_ texts: String...) {
        for text in texts {
            session?.heard()
            session?.received(Array(text.utf8), isText: true)
        }
    }

    func receive(bytes: [UInt8]) { session?.received(bytes, isText: false) }

    func receiveClose() {
        session?.clientCloses()
        end()
    }

    func setWritable(_ isWritable: Bool) { session?.writabilityChanged(isWritable) }
    func shed() { session?.connectionShed() }
    func stop() { session?.serverStops() }
    func receivePing() -> Bool? { session?.receivedControl() }
    func violate(_ code: CloseCode) { session?.violated(code, "") }

    func end() {
        let session = session
        self.session = nil
        session?.connectionEnded()
    }

    // MARK: - ClientConnection

    func setReading(_ isOn: Bool) { isReading = isOn }
    func send(_ message: OutboundMessage) { queued.append(String(buffer: message.payload)) }
    func size(of message: OutboundMessage) -> Int { message.size }
    func send(_ bytes: [UInt8], isText: Bool) {
        queued.append(isText ? String(decoding: bytes, as: UTF8.self) : "\(bytes)")
    }
    func flush() {
        sent += queued
        queued = []
    }
    func ping() {}
    func limitWaiting(high: Int, low: Int) { limits = [high, low] }
    func close(_ code: CloseCode, reason: String) {
        flush()
        sent.append("close \(code.rawValue)")
    }
    func closeNow() { end() }
    func abort() {
        sent.append("abort")
        end()
    }
}
