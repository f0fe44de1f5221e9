package import NIOCore
package import NIOHTTP1
import Synchronization

/// Serves Engine.IO 4 (`EIO=4`) at a path, over HTTP long polling and WebSockets: its connections, and the decisions
/// about requests that open one or belong to one.
///
/// A ``SharedPort`` gives it the requests of its path. Each connection lives on the event loop of the channel over
/// which it was opened; requests of it may come on other loops. Any thread may call it.
package final class EngineServer: Sendable {
    private struct State {
        var connections: [String: EngineConnection] = [:]
        var isStopping = false
    }

    /// What to do with a request that is not a WebSocket handshake.
    enum Call {
        case open(EngineHandshake)
        case poll(EngineConnection)
        case post(EngineConnection)
        case preflight
        case refuse(EngineRefusal)
    }

    /// The most bytes of a request's target.
    static let mostTargetBytes = 8 * 1024

    private let currentOptions: @Sendable () -> EngineOptions
    let sendMemory: SendMemory
    let metrics: TransportMetrics
    let pausedTime: @Sendable () -> TimeAmount
    private let connectionLimit: ConnectionLimit?
    private let client: @Sendable (SocketAddress?, HTTPRequestHead) -> String
    private let isAllowedOrigin: @Sendable (HTTPRequestHead) -> Bool
    private let admit: @Sendable (HTTPRequestHead, SocketAddress?) -> EngineRefusal?
    private let makeSession: @Sendable (EngineConnection, EngineHandshake) -> any ClientSession
    private let state = Mutex(State())

    /// Makes a server without connections.
    ///
    /// - Parameters:
    ///   - options: Returns what the server tells clients, and its limits. A connection has those of its handshake.
    ///     The path must stay the same.
    ///   - sendMemory: Counts the bytes that wait for clients that do not poll.
    ///   - metrics: Counts the packets and bytes that are sent in answers to polls.
    ///   - pausedTime: Returns the total time of the server's pauses, which count for no deadline.
    ///   - connectionLimit: Limits the connections of each client, because one that polls needs no open socket; `nil`
    ///     for no limit.
    ///   - client: Returns the key under which the connection of a handshake is counted.
    ///   - isAllowedOrigin: Whether the page that sends a request with an `Origin` may read the answer.
    ///   - admit: Returns why a handshake is refused (bans, origins, limits); `nil` lets it in. Called on the event
    ///     loop of the handshake, as are `client` and `isAllowedOrigin`.
    ///   - makeSession: Makes the session of a new connection; called once, on the connection's event loop.
    package init(
        options: @escaping @Sendable () -> EngineOptions, sendMemory: SendMemory, metrics: TransportMetrics,
        pausedTime: @escaping @Sendable () -> TimeAmount, connectionLimit: ConnectionLimit? = nil,
        client: @escaping @Sendable (SocketAddress?, HTTPRequestHead) -> String = { peer, _ in peer?.ipAddress ?? "" },
        isAllowedOrigin: @escaping @Sendable (HTTPRequestHead) -> Bool,
        admit: @escaping @Sendable (HTTPRequestHead, SocketAddress?) -> EngineRefusal? = { _, _ in nil },
        makeSession: @escaping @Sendable (EngineConnection, EngineHandshake) -> any ClientSession
    ) {
        currentOptions = options
        self.sendMemory = sendMemory
        self.metrics = metrics
        self.pausedTime = pausedTime
        self.connectionLimit = connectionLimit
        self.client = client
        self.isAllowedOrigin = isAllowedOrigin
        self.admit = admit
        self.makeSession = makeSession
    }

    /// What the server tells new clients now, and its limits.
    package var options: EngineOptions { currentOptions() }

    /// How many connections there are.
    package var count: Int { state.withLock { $0.connections.count } }

    /// Tells all sessions that the server stops, and accepts no further connections.
    package func stop() {
        let all = state.withLock { state in
            state.isStopping = true
            return Array(state.connections.values)
        }
        for connection in all { connection.run { $0.serverStops() } }
    }

    // MARK: - Requests

    /// Whether a request is for this server.
    ///
    /// - Parameter uri: The request's target.
    /// - Returns: Whether it has the server's path.
    func owns(_ uri: String) -> Bool {
        let path = uri.utf8.prefix { $0 != UInt8(ascii: "?") }
        let own = options.path.utf8
        return path.elementsEqual(own) || own.last == UInt8(ascii: "/") && path.elementsEqual(own.dropLast())
    }

    /// Whether the page that sends a request may read the answer.
    func allowsOrigin(of head: HTTPRequestHead) -> Bool { isAllowedOrigin(head) }

    /// Decides about the first request of a TCP connection.
    ///
    /// - Parameters:
    ///   - head: The request's head.
    ///   - peer: The other end of the TCP connection.
    /// - Returns: The decision; `nil` for a request that is not for this server.
    func decide(_ head: HTTPRequestHead, from peer: SocketAddress?) -> HandshakeDecision? {
        guard owns(head.uri) else { return nil }
        guard head.asksForWebSocket else { return .http }
        do throws(EngineRefusal) {
            let start = try start(head, from: peer, isWebSocket: true)
            if let problem = head.upgradeProblem { throw .badRequest(problem.description, status: problem.status) }
            let terms = WebSocketTerms(
                extensions: .none, options: .init(maxMessageBytes: options.maxPayload),
                makeSession: { EngineWebSocket($0, server: self, start: start) })
            return .serve(terms)
        } catch {
            return .answer(error.status, body: error.json)
        }
    }

    /// Decides about a request that is not a WebSocket handshake.
    ///
    /// - Parameters:
    ///   - head: The request's head.
    ///   - peer: The other end of the TCP connection.
    /// - Returns: The decision.
    func call(_ head: HTTPRequestHead, from peer: SocketAddress?) -> Call {
        if head.method == .OPTIONS { return .preflight }
        do throws(EngineRefusal) {
            switch try start(head, from: peer, isWebSocket: false) {
            case .open(let handshake): return .open(handshake)
            case .upgrade(let connection) where head.method == .GET: return .poll(connection)
            case .upgrade(let connection) where head.method == .POST: return .post(connection)
            case .upgrade: throw .badRequest
            }
        } catch {
            return .refuse(error)
        }
    }

    /// Checks what all requests have in common, in the order of the reference server.
    private func start(
        _ head: HTTPRequestHead, from peer: SocketAddress?, isWebSocket: Bool
    ) throws(EngineRefusal) -> EngineWebSocket.Start {
        guard head.uri.utf8.count <= Self.mostTargetBytes else { throw .targetTooLong(Self.mostTargetBytes) }
        let query = RequestQuery(of: head.uri)
        guard let transport = query["transport"], ["polling", "websocket"].contains(transport) else {
            throw .unknownTransport
        }
        if query["j"] != nil { throw .noJSONP }
        let isFitting = isWebSocket == (transport == "websocket")
        if let sid = query["sid"], !sid.isEmpty {
            guard let connection = state.withLock({ $0.connections[sid] }) else { throw .unknownSID }
            guard isFitting else { throw .badRequest }
            return .upgrade(connection)
        }
        guard head.method == .GET else { throw .badHandshakeMethod }
        guard isFitting else { throw .badRequest }
        guard query["EIO"] == "4" else { throw .unsupportedVersion(query["EIO"]) }
        if let refusal = admit(head, peer) { throw refusal }
        let (isStopping, count) = state.withLock { ($0.isStopping, $0.connections.count) }
        if isStopping { throw .stopping }
        guard count < options.maxConnections else { throw .full }
        return .open(EngineHandshake(head: head, peer: peer))
    }

    // MARK: - Connections

    /// Opens a connection; its session is told later, by ``EngineConnection/begin()``.
    ///
    /// - Parameters:
    ///   - handshake: The request that opens it.
    ///   - eventLoop: The connection's event loop; call it there.
    ///   - socket: The WebSocket that carries it; `nil` for polling.
    /// - Returns: The connection.
    /// - Throws: ``EngineRefusal`` when the limits of the server or the client are reached.
    func open(
        _ handshake: EngineHandshake, on eventLoop: any EventLoop, socket: EngineWebSocket?
    ) throws(EngineRefusal) -> EngineConnection {
        let key = client(handshake.peer, handshake.head)
        guard connectionLimit?.open(key) ?? true else { throw .tooManyConnections }
        let connection = EngineConnection(
            sid: RandomID.make(), clientKey: key, server: self, eventLoop: eventLoop, socket: socket)
        let refusal: EngineRefusal? = state.withLock { state in
            if state.isStopping { return .stopping }
            guard state.connections.count < connection.options.maxConnections else { return .full }
            state.connections[connection.sid] = connection
            return nil
        }
        if let refusal {
            connectionLimit?.close(key)
            throw refusal
        }
        connection.serve(makeSession(connection, handshake))
        return connection
    }

    /// Forgets a connection that has ended; its sid is unknown from now on.
    func remove(_ connection: EngineConnection) {
        let before = state.withLock { $0.connections.removeValue(forKey: connection.sid) }
        if before != nil { connectionLimit?.close(connection.clientKey) }
    }
}
