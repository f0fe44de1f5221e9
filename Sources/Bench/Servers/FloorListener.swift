import NIOCore
import NIOPosix

/// The port of a bare broadcaster: it listens on a free loopback port, with one thread for all clients.
final class FloorListener: Sendable {
    /// The port on which it listens.
    let port: Int
    private let group: MultiThreadedEventLoopGroup

    /// Starts to listen; ``stop()`` ends that.
    ///
    /// - Parameters:
    ///   - makeState: Makes what all clients share; called once, on the thread.
    ///   - makeHandler: Makes the handler of a new client; called on the thread.
    /// - Throws: An error of the system.
    init<State>(
        _ makeState: @escaping @Sendable (NIOIsolatedEventLoop) -> State,
        makeHandler: @escaping @Sendable (State) -> any ChannelInboundHandler
    ) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let eventLoop = group.next()
        do {
            let state = try await eventLoop.submit {
                NIOLoopBound(makeState(eventLoop.assumeIsolated()), eventLoop: eventLoop)
            }.get()
            let channel = try await ServerBootstrap(group: eventLoop)
                .serverChannelOption(.backlog, value: 4_096)
                .serverChannelOption(.maxMessagesPerRead, value: 64)
                .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                .childChannelOption(.writeBufferWaterMark, value: .init(low: 256 << 10, high: 1 << 20))
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(makeHandler(state.value))
                    }
                }.bind(host: "127.0.0.1", port: 0).get()
            (self.group, port) = (group, channel.localAddress?.port ?? 0)
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
    }

    /// Closes all connections and the listening socket, and ends the thread. Call it once.
    ///
    /// - Throws: An error of the system.
    func stop() async throws { try await group.shutdownGracefully() }
}
