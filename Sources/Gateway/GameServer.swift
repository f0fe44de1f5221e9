import GameRules
package import Hummingbird
package import Logging
import NIOCore
package import NIOPosix
import ServiceLifecycle
package import Storage
import Synchronization
package import Transport

/// The network side of the server as a service: HTTP, login, WebSocket sessions, the client's files.
///
/// The start order in a service group is: ``WriteBehind``, the maps, this server. The group stops them in reverse
/// order, so that sessions are closed (1001) while the maps still run, and the final save of the maps is still written.
package final class GameServer: Service {
    private let core: GatewayCore
    private let connections: ConnectionLimit
    private let players: PlayerService?
    private let responder: RouterResponder<GatewayRequestContext>
    private let eventLoopGroup: MultiThreadedEventLoopGroup
    private let mapPorts = Mutex<MapPorts?>(nil)
    private let bound = AsyncStream.makeStream(of: Int.self, bufferingPolicy: .bufferingNewest(1))

    /// The metrics of the gateway.
    package var metrics: GatewayMetrics { core.metrics }

    /// Makes a server; it listens when it runs.
    ///
    /// - Parameters:
    ///   - configuration: Everything an operator can set.
    ///   - storage: Accounts and HTTP sessions.
    ///   - writeBehind: Reads and saves the players' entities; it runs as a separate service.
    ///   - maps: The running maps.
    ///   - players: What operators do about players; the server loads its bans before it listens. `nil` for a server
    ///     without bans.
    ///   - metrics: The metrics of the gateway.
    ///   - ports: Told at which ports the server listens.
    ///   - time: The clocks.
    ///   - pauses: Measures the server's pauses while it runs.
    ///   - eventLoopGroup: The event loops of the connections.
    ///   - logger: Gets the log lines of the gateway.
    ///   - isOperator: Whether a request comes from an operator, or from a program with a key.
    ///   - addRoutes: Adds more endpoints, such as the operator's panel.
    package init(
        configuration: GatewayConfiguration, storage: any Storage, writeBehind: WriteBehind, maps: any RunningMaps,
        players: PlayerService? = nil, metrics: GatewayMetrics = GatewayMetrics(),
        ports: ListeningPorts = ListeningPorts(), time: TimeSource = .system, pauses: ServerPauses = ServerPauses(),
        eventLoopGroup: MultiThreadedEventLoopGroup = .singleton, logger: Logger,
        isOperator: @escaping @Sendable (Request, ClientOrigin) async throws -> Bool = { _, _ in false },
        addRoutes: (GatewayRouter) -> Void = { _ in }
    ) {
        core = GatewayCore(
            configuration: configuration, storage: storage, writeBehind: writeBehind, maps: maps, players: players,
            metrics: metrics, ports: ports, time: time, pauses: pauses, logger: logger)
        connections = ConnectionLimit { [core] in core.configuration.maxConnectionsPerAddress }
        self.players = players
        self.eventLoopGroup = eventLoopGroup
        let router = GatewayRouter(context: GatewayRequestContext.self)
        router.add(middleware: OriginMiddleware(core: core))
        router.add(middleware: ErrorMiddleware())
        // The inner `ErrorMiddleware` makes answers of refusals, so that pages of other origins can read them.
        let shared = router.group().add(middleware: CrossOriginMiddleware(core: core)).add(
            middleware: ErrorMiddleware())
        SignRoutes(core: core).add(to: shared)
        StatusRoutes(core: core, isOperator: isOperator).add(to: router)
        GameRoutes(core: core).add(to: shared)
        PeerNetworkRoutes(core: core).add(to: shared)
        OfferRoutes(core: core, connections: connections).add(to: shared)
        if let directory = configuration.clientDirectory { PlayRoutes(clientDirectory: directory).add(to: router) }
        if let directory = configuration.musicDirectory { StaticFiles(root: directory, base: "/music").add(to: shared) }
        router.endpoint("/", [.get: { _, _ in .redirect(to: "/play/", type: .temporary) }])
        addRoutes(router)
        responder = router.buildResponder()
    }

    /// Changes the settings for later logins and connections.
    ///
    /// Settings that are used only at the start, such as the port, have no effect.
    ///
    /// - Parameter change: Changes the settings.
    package func reconfigure(_ change: (inout GatewayConfiguration) -> Void) { core.reconfigure(change) }

    /// Waits until the server listens, and returns its port; only one caller may use it.
    ///
    /// - Returns: The port, or `nil` when the server ended before it could listen.
    package func boundPort() async -> Int? {
        for await port in bound.stream { return port }
        return nil
    }

    /// Listens until a graceful shutdown, then stops accepting, closes the sessions with 1001 and answers running
    /// requests.
    ///
    /// - Throws: ``GameServerError`` when the server can't listen on the address, ``TLSFilesError`` when the
    ///   certificate can't be used, `RTCAddressError` when WebRTC is on and the server knows no address for it.
    package func run() async throws {
        defer { bound.continuation.finish() }
        let core = core
        try await players?.load(logger: core.logger)
        let continuation = bound.continuation
        let configuration = core.configuration
        let tls = try configuration.tls.map { files throws(TLSFilesError) in try TLSContext(files) }
        let capacity = ConnectionCapacity(metrics: core.metrics.transport, logger: core.logger)
        let sockets = EngineServer.sockets(of: core)
        var port = port(tls)
        port.engines = [sockets]
        let sharedPort = port
        let idleTimeout = { @Sendable in core.configuration.idleTimeout }
        if configuration.portPerMap {
            let ports = MapPorts(
                core: core, sharedPort: sharedPort, capacity: capacity, eventLoopGroup: eventLoopGroup)
            mapPorts.withLock { $0 = ports }
            try await ports.openAll()
        }
        let mapPorts = mapPorts.withLock { $0 }
        do {
            try await core.webRTC.open(for: core)
        } catch {
            await mapPorts?.closeAll()
            throw error
        }
        let application = Application(
            responder: responder,
            server: .init { responder in
                GatewayChannel(responder: responder, port: sharedPort, idleTimeout: idleTimeout)
            },
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port), serverName: nil,
                backlog: configuration.backlog, reuseAddress: true),
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? configuration.port
                // `guarding` fails when the listener is closed already.
                try? await AcceptGate.guarding(channel, capacity: capacity, logger: core.logger)
                core.listening(on: port)
                continuation.yield(port)
            },
            eventLoopGroupProvider: .shared(eventLoopGroup), logger: core.logger)
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    // The maps' ports, the UDP port and the server's port stop at the same time, so that clients of one
                    // port don't wait for those of another.
                    async let maps: Void? = mapPorts?.run()
                    async let webRTC: Void = core.webRTC.run()
                    // Clients that poll have no open connection that the application could tell.
                    try await withGracefulShutdownHandler {
                        try await application.run()
                    } onGracefulShutdown: {
                        sockets.stop()
                    }
                    await maps
                    await webRTC
                }
                group.addTask { try await Self.purgeSessions(core) }
                let loop = self.eventLoopGroup.next()
                group.addTask { await core.pauses.run(on: loop) }
                if let tls { group.addTask { try await Self.renew(tls, core.logger) } }
                // Only the first task ends by itself, when the server has stopped; all other tasks are then cancelled.
                try await group.next()
                group.cancelAll()
            }
        } catch  where ListeningError.isMeant(by: error) {
            await mapPorts?.closeAll()
            throw GameServerError.listening(.init(error, host: configuration.host, port: configuration.port))
        }
        await core.accounts.shutdown()
    }

    private func port(_ tls: TLSContext?) -> SharedPort {
        let core = core
        return SharedPort(
            times: {
                let configuration = core.configuration
                return .init(
                    request: configuration.handshakeTimeout, drain: configuration.session.drainTimeout,
                    idle: TimeAmount(configuration.idleTimeout))
            },
            connections: connections,
            isProxy: { core.configuration.trustedProxies.contains($0.flatMap(IPAddress.init)) },
            client: { peer, head in
                guard let head else {
                    return ClientOrigin(address: peer.flatMap(IPAddress.init), isSecure: false).key
                }
                return core.origin(peer: peer, head).key
            },
            options: { .init(maxMessageBytes: core.configuration.session.maxMessageBytes) },
            sendMemory: core.sendMemory, metrics: core.metrics.transport, pausedTime: { core.pausedTime }, tls: tls,
            compresses: core.configuration.compresses,
            decide: { core.decide($0, from: core.origin(peer: $1, $0)) })
    }

    /// Opens the ports of new maps and closes the ports of closed maps; does nothing when all maps share one port.
    package func followMaps() async { await mapPorts.withLock { $0 }?.follow() }

    /// Loads renewed certificate files, once a minute.
    private static func renew(_ tls: TLSContext, _ logger: Logger) async throws {
        while true {
            try await Task.sleep(for: .seconds(60))
            tls.refresh(logger: logger)
        }
    }

    /// Deletes expired HTTP sessions every 600 s.
    private static func purgeSessions(_ core: GatewayCore) async throws {
        while true {
            do throws(StorageError) {
                try await core.storage.deleteHTTPSessions(expiredAt: core.time.unix())
            } catch {
                core.logger.warning("can't forget expired HTTP sessions", metadata: ["error": "\(error)"])
            }
            try await Task.sleep(for: .seconds(600))
        }
    }
}
