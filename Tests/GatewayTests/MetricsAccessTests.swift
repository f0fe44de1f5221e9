import GameRules
import HTTPTypes
import Hummingbird
import JSONValues
import Testing

@testable import Gateway

@Suite("Who may read /metrics", .timeLimit(.minutes(5))) struct MetricsAccessTests {
    private func ask(
        _ headers: [String: String] = [:], host: String = "localhost:8080",
        configure: (inout GatewayConfiguration) -> Void = { _ in }
    ) async throws -> TestClient.Reply {
        var reply: TestClient.Reply?
        try await TestServer.run(
            configure: { configuration, _ in configure(&configuration) },
            isOperator: { request, _ in request.headers[.authorization] == "Bearer key" }
        ) { server in
            reply = try await server.client().request("GET", "/metrics", headers: headers, host: host)
        }
        return try #require(reply)
    }

    @Test(
        "programs of the server's machine may",
        arguments: ["localhost", "localhost:8080", "127.0.0.1:8080", "[::1]:8080", "LOCALHOST"])
    func local(host: String) async throws {
        let reply = try await ask(host: host)
        #expect(reply.status == 200)
        #expect(reply.text.contains("# TYPE"))
    }

    @Test(
        "what a proxy on this machine passes on, and pages of names that point to it, may not",
        arguments: [
            (["X-Forwarded-For": "127.0.0.1"], "localhost"), (["X-Forwarded-For": "203.0.113.9"], "localhost"),
            (["X-Forwarded-Proto": "https"], "localhost"), (["X-Real-IP": "203.0.113.9"], "localhost"),
            (["Forwarded": "for=203.0.113.9"], "localhost"), (["Via": "1.1 cache"], "localhost"),
            ([:], "game.example"), ([:], "localhost.evil.example"), ([:], "203.0.113.9:8080"), ([:], "[2001:db8::1]"),
        ] as [([String: String], String)])
    func passedOn(headers: [String: String], host: String) async throws {
        let reply = try await ask(headers, host: host)
        #expect(reply.status == 401)
        #expect(reply.json["code"] == .string("unauthorized"))
        #expect(reply.headers["www-authenticate"] == "Bearer")
        #expect(reply.json["error"]?.string?.contains("metrics: public") == true)
        #expect(!reply.text.contains("perigee_"))
    }

    @Test("clients behind a trusted proxy may not, whatever they write into their fields")
    func trusted() async throws {
        for list in ["203.0.113.9", "127.0.0.1, 203.0.113.9", "203.0.113.9, 127.0.0.1"] {
            let reply = try await ask(["X-Forwarded-For": list], host: "localhost") { configuration in
                configuration.trustedProxies = TrustedProxies([AddressRange("127.0.0.1")].compactMap { $0 })
            }
            #expect(reply.status == 401, "\(list)")
        }
        let bare = try await ask(host: "localhost") { configuration in
            configuration.trustedProxies = TrustedProxies([AddressRange("127.0.0.1")].compactMap { $0 })
        }
        #expect(bare.status == 401, "a proxy that adds no fields is still no program of this machine")
    }

    @Test("the operator may from anywhere")
    func withKey() async throws {
        #expect(try await ask(["Authorization": "Bearer key"], host: "game.example").status == 200)
        #expect(try await ask(["Authorization": "Bearer other"], host: "game.example").status == 401)
    }

    @Test("everybody may where the operator says so")
    func opened() async throws {
        let reply = try await ask(["X-Forwarded-For": "203.0.113.9"], host: "game.example") {
            $0.metricsArePublic = true
        }
        #expect(reply.status == 200)
    }

    @Test(
        "loopback addresses",
        arguments: [
            ("127.0.0.1", true), ("127.255.0.1", true), ("::1", true), ("::ffff:127.0.0.1", true), ("128.0.0.1", false),
            ("::", false), ("0.0.0.0", false), ("fe80::1", false), ("10.0.0.1", false),
        ])
    func loopback(address: String, isLoopback: Bool) throws {
        #expect(try #require(IPAddress(address)).isLoopback == isLoopback)
    }
}
