import Testing

@testable import Gateway

@Suite("How many connections of Socket.IO a server has", .timeLimit(.minutes(5))) struct SocketEndpointTests {
    @Test("at most twice as many as sessions, whether they have a namespace or not")
    func connections() async throws {
        try await TestServer.run(configure: { configuration, _ in configuration.maxSessions = 2 }) { server in
            var statuses: [Int] = []
            for _ in 0..<5 {
                statuses.append(try await server.client().request("GET", "/socket.io/?EIO=4&transport=polling").status)
            }
            #expect(statuses == [200, 200, 200, 200, 503])
        }
    }
}
