import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Transport

/// The ports of maps that each have one of their own: the server's port plus the map's number, or any free one where
/// the server has a free one too.
///
/// Only WebSockets of that map are served there. A map that opened a moment ago, or whose port can't be had, is played
/// at the server's port.
actor MapPorts {
    private struct Listener {
        var port: Int
        var group: ServiceGroup
        var task: Task<Void, any Error>
    }

    /// How long the port of a map that closed stays, so that its players read where they are now.
    private static let linger = Duration.seconds(6)

    private let core: GatewayCore
    private let sharedPort: SharedPort
    private let capacity: ConnectionCapacity
    private let eventLoopGroup: MultiThreadedEventLoopGroup
    private var listeners: [Int: Listener] = [:]
    /// Maps whose port could not be had, which is reported once.
    private var failed: Set<Int> = []
    private var isClosed = false
    private var following: Task<Void, Never>?

    /// Makes ports for the running maps; none is open before ``openAll()``.
    ///
    /// - Parameters:
    ///   - core: What all connections share.
    ///   - sharedPort: How the connections of the server's own port are set up.
    ///   - capacity: How many connections there may be, at all ports together.
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
    /// - Throws: ``GameServerError`` for the first that can't be had; then none is open.
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

    /// Opens the ports of maps that are new and closes those of maps that are gone; what can't be had is logged.
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
                    "a map has no port of its own and is played at the server's",
                    metadata: ["map": "\(mapID)", "port": "\(core.boundPort)", "error": "\(error)"])
            }
        }
        for (mapID, listener) in listeners where !running.contains(mapID) {
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
        guard core.maps.handle(mapID) == nil, let listener = listeners[mapID], listener.port == port else { return }
        listeners[mapID] = nil
        await close(listener)
    }

    private func open(_ mapID: Int) async throws(GameServerError) {
        let configuration = core.configuration
        let port = configuration.port == 0 ? 0 : configuration.port + mapID
        guard port <= 65_535 else { throw .mapPortTooHigh(port, mapID: mapID) }
        let (core, capacity) = (core, capacity)
        var sharedPort = sharedPort
        sharedPort.decide = { core.decide($0, from: core.origin(peer: $1, $0), mapID: mapID) }
        let bound = AsyncStream.makeStream(of: Int.self, bufferingPolicy: .bufferingNewest(1))
        // Every ordinary request is refused before it gets there.
        let channel = GatewayChannel(
            responder: { _, _, channel in try await channel.close() }, port: sharedPort,
            idleTimeout: { core.configuration.idleTimeout })
        let service = channel.server(
            configuration: ServerConfiguration(
                address: .hostname(configuration.host, port: port), backlog: configuration.backlog),
            onServerRunning: { channel in
                // It fails on a listener that is closed already.
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
        throw .listening(.unusableAddress(host: configuration.host, port: port, reason: "it ended at once"))
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
        // How it ended makes no difference any more.
        _ = await listener.task.result
    }
}
