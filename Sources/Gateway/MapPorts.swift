import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Transport

/// The ports of maps when each map has its own port: the server's port plus the map's number, or any free port when the
/// server's port is configured as 0.
///
/// A map's port serves only WebSockets of that map. While a map's port is not open yet, or can't be opened, players use
/// the server's port.
actor MapPorts {
    private struct Listener {
        var port: Int
        var group: ServiceGroup
        var task: Task<Void, any Error>
    }

    /// How long the port of a closed map stays open, so that its players still receive the address of their new map.
    private static let linger = Duration.seconds(6)

    private let core: GatewayCore
    private let sharedPort: SharedPort
    private let capacity: ConnectionCapacity
    private let eventLoopGroup: MultiThreadedEventLoopGroup
    private var listeners: [Int: Listener] = [:]
    /// Maps whose port could not be opened; each failure is logged once.
    private var failed: Set<Int> = []
    private var isClosed = false
    private var following: Task<Void, Never>?

    /// Makes the ports of the running maps; ``openAll()`` opens them.
    ///
    /// - Parameters:
    ///   - core: The state that all connections share.
    ///   - sharedPort: Sets up the connections, as at the server's port.
    ///   - capacity: Limits the connections of all ports together.
    ///   - eventLoopGroup: The event loops of the connections.
    init(
        core: GatewayCore, sharedPort: SharedPort, capacity: ConnectionCapacity,
        eventLoopGroup: MultiThreadedEventLoopGroup
    ) {
        self.core = core
        self.sharedPort = sharedPort
        self.capacity = capacity
        self.eventLoopGroup = eventLoopGroup
    }

    /// Opens the ports of all running maps.
    ///
    /// - Throws: ``GameServerError`` for the first port that can't be opened; all ports are closed then.
    func openAll() async throws(GameServerError) {
        for map in core.maps.handles {
            do {
                try await open(map.mapID)
            } catch {
                await closeAll()
                throw error
            }
        }
    }

    /// Opens the ports of new maps and closes the ports of closed maps; a port that can't be opened is logged.
    func follow() async {
        let before = following
        let task = Task {
            await before?.value
            await self.followNow()
        }
        following = task
        await task.value
    }

    private func followNow() async {
        let running = Set(core.maps.handles.map(\.mapID))
        failed.formIntersection(running)
        for mapID in running.subtracting(listeners.keys).sorted() where !isClosed {
            do throws(GameServerError) {
                try await open(mapID)
                failed.remove(mapID)
            } catch {
                guard failed.insert(mapID).inserted else { continue }
                core.logger.error(
                    "can't open the map's own port; its players use the server's port",
                    metadata: ["map": "\(mapID)", "port": "\(core.boundPort)", "error": "\(error)"])
            }
        }
        // Players wait at the port of a map that an operator stopped.
        for (mapID, listener) in listeners
        where !running.contains(mapID) && core.maps.closedReason(mapID) == nil {
            core.listening(on: nil, forMap: mapID)
            Task {
                try? await Task.sleep(for: Self.linger)
                await self.closeIfGone(mapID, listener.port)
            }
        }
        for (mapID, listener) in listeners where running.contains(mapID) {
            core.listening(on: listener.port, forMap: mapID)
        }
    }

    private func closeIfGone(_ mapID: Int, _ port: Int) async {
        guard core.maps.handle(mapID) == nil, core.maps.closedReason(mapID) == nil, let listener = listeners[mapID],
            listener.port == port
        else { return }
        listeners[mapID] = nil
        await close(listener)
    }

    private func open(_ mapID: Int) async throws(GameServerError) {
        let configuration = core.configuration
        let port = configuration.port == 0 ? 0 : configuration.port + mapID
        guard port <= 65_535 else { throw .mapPortTooHigh(port, mapID: mapID) }
        let (core, capacity) = (core, capacity)
        var sharedPort = sharedPort
        // Polling clients are served at the server's port only.
        sharedPort.engines = []
        sharedPort.decide = { core.decide($0, from: core.origin(peer: $1, $0), mapID: mapID) }
        let bound = AsyncStream.makeStream(of: Int.self, bufferingPolicy: .bufferingNewest(1))
        // The responder is never reached: `decide` refuses every ordinary request at this port.
        let channel = GatewayChannel(
            responder: { _, _, channel in try await channel.close() }, port: sharedPort,
            idleTimeout: { core.configuration.idleTimeout })
        let service = channel.server(
            configuration: ServerConfiguration(
                address: .hostname(configuration.host, port: port), backlog: configuration.backlog),
            onServerRunning: { channel in
                // `guarding` fails when the listener is closed already.
                try? await AcceptGate.guarding(channel, capacity: capacity, logger: core.logger)
                bound.continuation.yield(channel.localAddress?.port ?? port)
            },
            eventLoopGroup: eventLoopGroup, logger: core.logger)
        let group = ServiceGroup(configuration: .init(services: [service], logger: core.logger))
        let task = Task {
            defer { bound.continuation.finish() }
            try await group.run()
        }
        for await port in bound.stream {
            listeners[mapID] = Listener(port: port, group: group, task: task)
            core.listening(on: port, forMap: mapID)
            return
        }
        do {
            try await task.value
        } catch {
            let error = ListeningError(error, host: configuration.host, port: port)
            throw error == .portTaken(port) ? .mapPortTaken(port, mapID: mapID) : .listening(error)
        }
        throw .listening(.unusableAddress(host: configuration.host, port: port, reason: "the listener closed at once"))
    }

    // MARK: - The end

    /// Waits for the graceful shutdown and closes all ports, with their sessions.
    func run() async {
        // Cancellation ends the wait as well.
        try? await gracefulShutdown()
        await closeAll()
    }

    /// Closes all ports.
    func closeAll() async {
        isClosed = true
        let all = Array(listeners.values)
        listeners = [:]
        await withTaskGroup(of: Void.self) { tasks in
            for listener in all { tasks.addTask { await self.close(listener) } }
        }
    }

    private nonisolated func close(_ listener: Listener) async {
        await listener.group.triggerGracefulShutdown()
        // The result of the task does not matter here.
        _ = await listener.task.result
    }
}
