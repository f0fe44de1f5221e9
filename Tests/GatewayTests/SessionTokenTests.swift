import JSONValues
import Storage
import Testing

@testable import Gateway

@Suite("Tokens for a session [1-protocol 7]", .timeLimit(.minutes(5))) struct SessionTokenTests {
    private func renew(_ server: TestServer, _ session: String?, path: String = "token") async throws
        -> TestClient.Reply
    {
        let headers = session.map { ["Authorization": "Bearer \($0)"] } ?? [:]
        return try await server.client().request("POST", "/server/sign/\(path)", headers: headers)
    }

    @Test("a session gets an answer like a login's, with the same session and a token that opens a connection")
    func answers() async throws {
        try await TestServer.run { server in
            let login = try await server.register("Ann")
            let session = try #require(login["session"]?.string)
            for path in ["token", "token/"] {
                let reply = try await renew(server, session, path: path)
                #expect(reply.status == 200)
                var (before, after) = (login, reply.json)
                #expect(after["token"] != before["token"])
                // The test's client names another host than `register` does.
                for member in ["token", "host", "port"] { (before[member], after[member]) = (nil, nil) }
                #expect(after == before)
                _ = try await server.join(reply.json)
            }
            // A token is good once.
            let reply = try await renew(server, session)
            _ = try await server.join(reply.json)
            let again = try await server.client().handshake(TestServer.query(reply.json))
            #expect(again.status == 401)
        }
    }

    @Test("without a session that is known and not older than 24 h there is no token, nor after a logout")
    func refused() async throws {
        try await TestServer.run { server in
            for session in [nil, "", "x", "Ann", String(repeating: "x", count: 300)] {
                let reply = try await renew(server, session)
                #expect(reply.status == 401)
                #expect(reply.json["code"] == .string("unauthorized"))
            }
            for path in ["logout", "out", "logout/"] {
                let session = try await server.register("Ann\(path.count)")["session"]?.string
                #expect(try await renew(server, session, path: path).json["ok"] == .bool(true))
                #expect(try await renew(server, session).status == 401, "after \(path)")
                #expect(try await renew(server, session, path: path).status == 401)
            }
            let session = try await server.register("Bob")["session"]?.string
            server.clock.advance(by: .seconds(24 * 3600 - 1))
            #expect(try await renew(server, session).status == 200)
            // A token does not make the session last longer.
            server.clock.advance(by: .seconds(1))
            #expect(try await renew(server, session).status == 401)
        }
    }

    @Test("/metrics counts these tokens apart from logins")
    func counted() async throws {
        try await TestServer.run { server in
            let session = try await server.register("Ann")["session"]?.string
            for _ in 0..<2 { #expect(try await renew(server, session).status == 200) }
            for secret in [nil, "x", "y"] { #expect(try await renew(server, secret).status == 401) }
            let lines = try await server.client().request("GET", "/metrics").text.split(separator: "\n")
            for line in [
                "perigee_logins_total 1", "perigee_logins_refused_total{reason=\"bad_credentials\"} 0",
                "perigee_token_renewals_total 2",
                "perigee_token_renewals_refused_total 3",
            ] {
                #expect(lines.contains(line[...]), "\(line)")
            }
        }
    }

    @Test("tokens count as logins for the limits, and a map that is not ready gives none")
    func limits() async throws {
        let map = StubMap()
        try await TestServer.run(
            maps: [map],
            configure: { configuration, _ in
                configuration.successfulLoginLimit = RateLimit(burst: 2, perSecond: 0.5)
            }
        ) { server in
            let session = try await server.register("Ann")["session"]?.string
            #expect(try await renew(server, session).status == 200)
            #expect(try await renew(server, session).status == 200)
            let refused = try await renew(server, session)
            #expect(refused.status == 429)
            #expect(refused.headers["retry-after"] == "2")
            server.clock.advance(by: .seconds(60))
            map.isReady = false
            let waiting = try await renew(server, session)
            #expect(waiting.status == 503)
            #expect(waiting.json["code"] == .string("map_starting"))
        }
    }
}
