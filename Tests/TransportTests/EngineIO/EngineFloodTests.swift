import ClientFrames
import Dispatch
import NIOCore
import NIOPosix
import Testing

@testable import ConformanceEcho
@testable import Transport

@Suite("Engine.IO: what a WebSocket on another event loop may leave for its connection") struct EngineFloodTests {
    private let server: EngineServer

    init() {
        let metrics = TransportMetrics()
        server = EngineServer(
            options: {
                var options = EngineOptions(path: "/engine.io/")
                // Real time passes in these tests, and on a busy machine much of it.
                (options.pingInterval, options.upgradeTimeout) = (.hours(1), .hours(1))
                return options
            },
            sendMemory: SendMemory(limit: 1 << 20, metrics: metrics, logger: .silent), metrics: metrics,
            pausedTime: { .zero }, isAllowedOrigin: { _ in true },
            makeSession: { connection, _ in EchoSession(connection) })
    }

    /// Opens a connection for polling; call it on its event loop.
    private func open(on loop: any EventLoop) throws -> EngineConnection {
        let head = EngineHTTP.webSocketHead("/engine.io/?EIO=4&transport=polling")
        let connection = try server.open(EngineHandshake(head: head, peer: nil), on: loop, socket: nil)
        connection.begin()
        return connection
    }

    /// Opens a WebSocket for the upgrade of a connection; call it on its event loop.
    private func webSocket(for connection: EngineConnection, on loop: any EventLoop) throws -> StubSocket {
        let head = EngineHTTP.webSocketHead("/engine.io/?EIO=4&transport=websocket&sid=\(connection.sid)")
        guard case .serve(let terms)? = server.decide(head, from: nil) else { throw EngineRefusal.badRequest }
        let socket = StubSocket(loop)
        socket.serve(terms.makeSession(socket))
        return socket
    }

    @Test("a flood of pings stops the reading of the WebSocket until the connection has seen them")
    func pings() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let (loop, other) = (group.next(), group.next())
        let connection = try await loop.submit { try open(on: loop) }.get()
        let socket = try await other.submit {
            NIOLoopBound(try webSocket(for: connection, on: other), eventLoop: other)
        }.get()
        try await loop.submit {}.get()

        let release = DispatchSemaphore(value: 0)
        loop.execute { release.wait() }
        let count = try await other.submit {
            var count = 0
            while socket.value.isReading, count < 100_000 {
                _ = socket.value.receivePing()
                count += 1
            }
            return count
        }.get()
        #expect(count <= EngineCredit.high / EnginePacket.overhead + 1)
        release.signal()
        // Both loops pass the credit on to each other in turns.
        var isReading = false
        for _ in 0..<1000 where !isReading {
            try await loop.submit {}.get()
            isReading = try await other.submit { socket.value.isReading }.get()
        }
        #expect(isReading)

        try await loop.submit { connection.closeNow() }.get()
        try await group.shutdownGracefully()
    }
}
