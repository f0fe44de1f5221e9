import NIOCore
import Transport

/// The Engine.IO servers of ``EchoServer``, with the limits that the protocol's test suites expect.
enum EchoEngines {
    /// All servers, each with its own path.
    ///
    /// - Parameters:
    ///   - heartbeat: The time between pings, and the time for an answer.
    ///   - sendMemory: Counts the bytes that wait for clients.
    ///   - metrics: Counts what is sent.
    /// - Returns: The servers.
    static func all(
        heartbeat: EchoServer.Heartbeat, sendMemory: SendMemory, metrics: TransportMetrics
    ) -> [EngineServer] {
        func server(
            _ path: String, _ makeSession: @escaping @Sendable (EngineConnection, EngineHandshake) -> any ClientSession
        ) -> EngineServer {
            EngineServer(
                options: { options(path, heartbeat) }, sendMemory: sendMemory, metrics: metrics, pausedTime: { .zero },
                isAllowedOrigin: { _ in true }, makeSession: makeSession)
        }
        return [
            server("/engine.io/") { connection, _ in EchoSession(connection) },
            server("/socket.io/") { connection, _ in ConformanceSockets.session(for: connection) },
        ]
    }

    private static func options(_ path: String, _ heartbeat: EchoServer.Heartbeat) -> EngineOptions {
        var options = EngineOptions(path: path)
        options.pingInterval = heartbeat.interval
        options.pingTimeout = heartbeat.timeout
        options.maxPayload = 1_000_000
        return options
    }
}
