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
/// Start order in a service group: the ``WriteBehind``, the maps, then this; the group stops them the other way round,
/// so that the sessions are closed (1001) while the maps still run, and what the maps save at the end is still written.
package final class GameServer: Service {
    private let core: GatewayCore
    private let responder: RouterResponder<GatewayRequestContext>
    private let eventLoopGroup: MultiThreadedEventLoopGroup
    private let mapPorts = Mutex<MapPorts?>(nil)
    private let bound = AsyncStream.makeStream(of: Int.self, bufferingPolicy: .bufferingNewest(1))

    /// What the gateway counts.
    package var metrics: GatewayMetrics { core.metrics }

    /// Makes a server; it listens when it runs.
    ///
    /// - Parameters:
    ///   - configuration: Everything an operator can set.
    ///   - storage: Accounts and HTTP sessions.
    ///   - writeBehind: The players' entities; it runs as a service of its own.
    ///   - maps: The running maps.
    ///   - metrics: What the gateway counts.
    ///   - time: The clocks.
    ///   - eventLoopGroup: The event loops of the connections.
    ///   - logger: Where it reports.
    ///   - isOperator: Whether a request has the operator's key.
    ///   - addRoutes: Adds more endpoints, such as the operator's panel.
    package init(
        configuration: GatewayConfiguration, storage: any Storage, writeBehind: WriteBehind, maps: any RunningMaps,
        metrics: GatewayMetrics = GatewayMetrics(), time: TimeSource = .system,
        eventLoopGroup: MultiThreadedEventLoopGroup = .singleton, logger: Logger,
        isOperator: @escaping @Sendable (Request) -> Bool = { _ in false },
        addRoutes: (GatewayRouter) -> Void = { _ in }
    ) {
        core = GatewayCore(
            configuration: configuration, storage: storage, writeBehind: writeBehind, maps: maps, metrics: metrics,
            time: time, logger: logger)
        self.eventLoopGroup = eventLoopGroup
        let router = GatewayRouter(context: GatewayRequestContext.self)
        router.add(middleware: OriginMiddleware(core: core))
        router.add(middleware: ErrorMiddleware())
        // The inner `ErrorMiddleware` makes answers of refusals, so that pages of other origins can read them.
        let shared = router.group().add(middleware: CrossOriginMiddleware(core: core)).add(
            middleware: ErrorMiddleware())
        SignRoutes(core: core).add(to: shared)
        StatusRoutes(core: core, isOperator: isOperator).add(to: router)
        if let directory = configuration.clientDirectory { StaticFiles(root: directory, base: "/play").add(to: router) }
        if let directory = configuration.musicDirectory { StaticFiles(root: directory, base: "/music").add(to: shared) }
        router.endpoint("/", [.get: { _, _ in .redirect(to: "/play/", type: .temporary) }])
        addRoutes(router)
        responder = router.buildResponder()
    }

    /// Takes other settings for the logins and connections that come from now on: what of them is used at the start
    /// only, such as the port, stays as it is.
    ///
    /// - Parameter change: Changes the settings.
    package func reconfigure(_ change: (inout GatewayConfiguration) -> Void) { core.reconfigure(change) }

    /// The port the server listens on, as soon as it does; for one caller.
    ///
    /// - Returns: The port, or `nil` when the server ended before it could listen.
    package func boundPort() async -> Int? {
        for await port in bound.stream { return port }
        return nil
    }

    /// Listens until a graceful shutdown: then no connection is accepted any more, the sessions are closed with 1001,
    /// and running requests are answered.
    ///
    /// - Throws: ``GameServerError`` when the address can't be had, ``TLSFilesError`` when the certificate can't be
    ///   used.
    package func run() async throws {
        defer { bound.continuation.finish() }
        let core = core
        let continuation = bound.continuation
        let configuration = core.configuration
        let tls = try configuration.tls.map { files throws(TLSFilesError) in try TLSContext(files) }
        let capacity = ConnectionCapacity(metrics: core.metrics.transport, logger: core.logger)
        let port = port(tls)
        let idleTimeout = { @Sendable in core.configuration.idleTimeout }
        if configuration.portPerMap {
            let ports = MapPorts(
                core: core, sharedPort: port, capacity: capacity, eventLoopGroup: eventLoopGroup)
            mapPorts.withLock { $0 = ports }
            try await ports.openAll()
        }
        let mapPorts = mapPorts.withLock { $0 }
        let application = Application(
            responder: responder,
            server: .init { responder in GatewayChannel(responder: responder, port: port, idleTimeout: idleTimeout) },
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port), serverName: nil,
                backlog: configuration.backlog, reuseAddress: true),
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? configuration.port
                // It fails on a listener that is closed already.
                try? await AcceptGate.guarding(channel, capacity: capacity, logger: core.logger)
                core.listening(on: port)
                continuation.yield(port)
            },
            eventLoopGroupProvider: .shared(eventLoopGroup), logger: core.logger)
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    // Both stop at once, so that no client waits for others.
                    async let maps: Void? = mapPorts?.run()
                    try await application.run()
                    await maps
                }
                group.addTask { try await Self.purgeSessions(core) }
                let loop = self.eventLoopGroup.next()
                group.addTask { await core.pauses.run(on: loop) }
                if let tls { group.addTask { try await Self.renew(tls, core.logger) } }
                // The purge ends by cancellation only; when the server is done, so is everything.
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
                return .init(request: configuration.handshakeTimeout, drain: configuration.session.drainTimeout)
            },
            connections: ConnectionLimit { core.configuration.maxConnectionsPerAddress },
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

    /// Gives maps that opened a port of their own, and takes it from those that closed; nothing where all maps share
    /// one.
    package func followMaps() async { await mapPorts.withLock { $0 }?.follow() }

    /// Takes over renewed certificates.
    private static func renew(_ tls: TLSContext, _ logger: Logger) async throws {
        while true {
            try await Task.sleep(for: .seconds(60))
            tls.refresh(logger: logger)
        }
    }

    /// Forgets expired HTTP sessions now and then.
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

/// Why the server can't listen, with what to do about it.
package enum GameServerError: Error, Sendable, Equatable, CustomStringConvertible {
    /// An address can't be had.
    case listening(ListeningError)
    /// Another program has the port of a map.
    case mapPortTaken(Int, mapID: Int)
    /// The port of a map would be higher than ports go.
    case mapPortTooHigh(Int, mapID: Int)

    /// What is wrong, and what to do.
    package var description: String {
        switch self {
        case .listening(let error): error.description
        case .mapPortTaken(let port, let mapID):
            "port \(port) is taken, and with --port-per-map it is that of map \(mapID); stop the other program, or choose "
                + "another --port"
        case .mapPortTooHigh(let port, let mapID):
            "with --port-per-map the port of map \(mapID) would be \(port), and ports end at 65535; choose a lower --port, "
                + "or give the map a lower number"
        }
    }
}
