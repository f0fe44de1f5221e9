import NIOCore
import NIOHTTP1
import Transport
import Wire

extension EngineServer {
    /// Makes the server of Socket.IO's clients, at `/socket.io/`.
    ///
    /// - Parameter core: The gateway, whose settings and limits hold for these clients too.
    /// - Returns: The server.
    static func sockets(of core: GatewayCore) -> EngineServer {
        EngineServer(
            options: {
                let configuration = core.configuration
                var options = EngineOptions.sockets(configuration.session)
                // A client that comes back may still have its former connection, and some have no namespace yet.
                options.maxConnections = 2 * configuration.maxSessions
                return options
            }, sendMemory: core.sendMemory,
            metrics: core.metrics.transport,
            pausedTime: { core.pausedTime },
            connectionLimit: ConnectionLimit { core.configuration.maxConnectionsPerAddress },
            client: { core.origin(peer: $0, $1).key },
            isAllowedOrigin: { core.allowsPages(of: $0.headers["origin"], host: $0.headers.first(name: "host")) },
            admit: { core.socketRefusal($0, from: core.origin(peer: $1, $0)) },
            makeSession: { connection, handshake in
                SocketClient(
                    connection, server: GameSockets(core, handshake),
                    options: SocketOptions(core.configuration.session) { core.pausedTime },
                    recovery: core.recovery)
            })
    }
}

extension EngineOptions {
    /// The path of Socket.IO's clients.
    static let socketPath = "/socket.io/"

    /// The least `maxPayload`: clients put several packets into one request.
    private static let leastPayload = 100_000

    /// Makes the options of players' connections.
    ///
    /// Engine.IO pings each client in each interval, also one that plays: clients take a server that does not for gone.
    /// Its times are a little longer than the session's, so that a player's session finds a silent client first, and
    /// says why it ends.
    ///
    /// - Parameter limits: The limits of sessions.
    /// - Returns: The options.
    static func sockets(_ limits: SessionLimits) -> EngineOptions {
        var options = EngineOptions(path: socketPath)
        options.maxPayload = max(leastPayload, limits.maxMessageBytes)
        let slack = TimeAmount.milliseconds(limits.pingInterval.nanoseconds / 4_000_000)
        options.pingInterval = limits.pingInterval + slack
        options.pingTimeout = max(limits.deadAfter - limits.pingInterval, .zero) + slack
        return options
    }
}

extension RecoveryStore {
    /// Makes the store of a server; `nil` when its game does not want any.
    ///
    /// - Parameters:
    ///   - configuration: The server's settings at its start.
    ///   - time: A clock that stands still while the server is paused, so that clients can come back after a pause.
    convenience init?(_ configuration: GatewayConfiguration, time: TimeSource) {
        guard configuration.sockets.recoveryTime > .zero else { return nil }
        var limits = Limits()
        limits.time = configuration.sockets.recoveryTime
        // A client that is back gets everything at once, and must not count as one that reads too slowly.
        limits.bytesPerSocket = min(limits.bytesPerSocket, configuration.session.sendBufferBytes)
        self.init(limits: limits, now: { .uptimeNanoseconds(0) + TimeAmount(time.monotonic()) })
    }
}

extension SocketOptions {
    /// The bytes of a packet beside a command's text: the event's name, its group and its numbers.
    private static let framing = 256

    /// Makes the options of players' connections.
    ///
    /// - Parameters:
    ///   - limits: The limits of sessions.
    ///   - pauses: Returns the total time of the server's pauses.
    init(_ limits: SessionLimits, pauses: @escaping @Sendable () -> TimeAmount) {
        self.init()
        packets.maxBytes = limits.maxMessageBytes + Self.framing
        // The array of the event is one level more than a command has.
        packets.maxDepth = limits.maxJSONDepth + 1
        closeTimeout = limits.closeTimeout
        self.pauses = pauses
    }
}

extension GatewayCore {
    /// Why a client may not open a Socket.IO connection; `nil` when it may.
    fileprivate func socketRefusal(_ head: HTTPRequestHead, from origin: ClientOrigin) -> EngineRefusal? {
        let refusal: (code: String, EngineRefusal)?
        if let banned = standings.refusal(of: nil, at: origin.address, now: time.unix()) {
            refusal = (banned.code, .forbidden(banned.message))
        } else if !allowsPages(of: head.headers["origin"], host: head.headers.first(name: "host")) {
            refusal = (
                "bad_origin", .forbidden("pages of this origin may not connect; the operator can allow it")
            )
        } else if !places.hasPlace(among: configuration.maxSessions) {
            refusal = ("full", .forbidden("the server has no room for another player", status: .serviceUnavailable))
        } else {
            refusal = nil
        }
        if let refusal { metrics.handshakesRefused.increment(refusal.code) }
        return refusal?.1
    }
}
