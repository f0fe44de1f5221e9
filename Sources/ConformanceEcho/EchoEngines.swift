import NIOCore
import Transport

/// The Engine.IO servers of ``EchoServer``, with the times and limits that the protocol's test suites expect.
enum EchoEngines {
    /// All servers, each with its own path.
    ///
    /// - Parameters:
    ///   - sendMemory: Counts the bytes that wait for clients.
    ///   - metrics: Counts what is sent.
    /// - Returns: The servers.
    static func all(sendMemory: SendMemory, metrics: TransportMetrics) -> [EngineServer] {
        func server(
            _ path: String, _ makeSession: @escaping @Sendable (EngineConnection, EngineHandshake) -> any ClientSession
        ) -> EngineServer {
            EngineServer(
                options: options(path), sendMemory: sendMemory, metrics: metrics, pausedTime: { .zero },
                isAllowedOrigin: { _ in true }, makeSession: makeSession)
        }
        return [
            server("/engine.io/") { connection, _ in EchoSession(connection) },
            server("/socket.io/") { connection, _ in ConformanceSockets.session(for: connection) },
        ]
    }

    private static func options(_ path: String) -> EngineOptions {
        var options = EngineOptions(path: path)
        options.pingInterval = .milliseconds(300)
        options.pingTimeout = .milliseconds(200)
        options.maxPayload = 1_000_000
        return options
    }
}
