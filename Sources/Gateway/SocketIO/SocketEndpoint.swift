import NIOCore
import NIOHTTP1
import Transport
import Wire

extension EngineServer {
    /// The least `maxPayload`: clients put several packets into one request.
    private static let leastPayload = 100_000

    /// Makes the server of Socket.IO's clients, at `/socket.io/`.
    ///
    /// - Parameter core: The gateway, whose settings and limits hold for these clients too.
    /// - Returns: The server.
    static func sockets(of core: GatewayCore) -> EngineServer {
        var options = EngineOptions(path: "/socket.io/")
        options.maxPayload = max(leastPayload, core.configuration.session.maxMessageBytes)
        return EngineServer(
            options: options, sendMemory: core.sendMemory, metrics: core.metrics.transport,
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

    fileprivate init(_ limits: SessionLimits, pauses: @escaping @Sendable () -> TimeAmount) {
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
        } else if metrics.openSessions >= configuration.maxSessions {
            refusal = ("full", .forbidden("the server has no room for another player", status: .serviceUnavailable))
        } else {
            refusal = nil
        }
        if let refusal { metrics.handshakesRefused.increment(refusal.code) }
        return refusal?.1
    }
}
