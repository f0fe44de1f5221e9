import GameFolder
import GameRules
import JSONValues
import Storage
import Testing
import World

@testable import Gateway

@Suite("Login over HTTP [M2, 1-protocol 1]", .timeLimit(.minutes(5))) struct LoginTests {
    static let form = ["Content-Type": "application/x-www-form-urlencoded"]

    @Test("a registration answers with everything a client needs [M2.3]")
    func registration() async throws {
        try await TestServer.run { server in
            let reply = try await server.client().request(
                "POST", "/server/sign/register/", headers: Self.form, body: "login=Ann&password=secret",
                host: "127.0.0.1:\(server.port)")
            #expect(reply.status == 200)
            #expect(reply.headers["content-type"] == "application/json")
            let answer = reply.json
            #expect(answer["id"] == .number(1))
            #expect(answer["key"] == .string("players_1"))
            #expect(answer["host"] == .string("127.0.0.1:\(server.port)"))
            #expect(answer["port"] == .number(Double(server.port)))
            #expect(answer["map_id"] == .number(4))
            #expect(answer["fps"] == .number(60))
            #expect(answer["step"] == .number(0.0167))
            #expect((answer["token"]?.string?.count ?? 0) >= 32)
            #expect((answer["session"]?.string?.count ?? 0) >= 32)
        }
    }

    @Test("a login tells the decimals of coordinates if the game sets them [L-AUTH-3]")
    func positionPrecision() async throws {
        for decimals in [nil, 0, 2] {
            try await TestServer.run(configure: { configuration, _ in configuration.positionDecimals = decimals }) {
                server in
                let reply = try await server.client().request(
                    "POST", "/server/sign/register/", headers: Self.form, body: "login=Ann&password=secret")
                #expect(reply.json["position_precision"] == decimals.map { .number(Double($0)) })
            }
        }
    }

    @Test(
        "all three kinds of body are read, on every alias, with and without the slash",
        arguments: ["/server/sign/auth/", "/server/sign/auth", "/server/signin/auth", "/server/signin/auth/"])
    func bodies(path: String) async throws {
        try await TestServer.run { server in
            _ = try await server.register("Ann%20B", password: "p%26%C3%BC%2B")
            let bodies = [
                ("application/x-www-form-urlencoded; charset=UTF-8", "login=Ann+B&password=p%26%C3%BC%2B"),
                ("application/json", #"{"login":"Ann B","password":"p&ü+"}"#),
                (
                    "multipart/form-data; boundary=XyZ",
                    "--XyZ\r\nContent-Disposition: form-data; name=\"login\"\r\n\r\nann b\r\n--XyZ\r\n"
                        + "Content-Disposition: form-data; name=\"password\"\r\n\r\np&ü+\r\n--XyZ--\r\n"
                ),
            ]
            for (type, body) in bodies {
                let reply = try await server.client().request(
                    "POST", path, headers: ["Content-Type": type], body: body)
                #expect(reply.status == 200, "\(type): \(reply.text)")
                #expect(reply.json["id"] == .number(1))
            }
        }
    }

    @Test("a wrong login and a wrong password get the same answer (checklist 2)")
    func badCredentials() async throws {
        try await TestServer.run { server in
            _ = try await server.register("Ann")
            for body in ["login=Ann&password=wrong", "login=Bob&password=secret"] {
                let reply = try await server.client().request(
                    "POST", "/server/sign/auth/", headers: Self.form, body: body)
                #expect(reply.status == 401)
                #expect(
                    reply.json == ["error": .string("wrong login or password"), "code": .string("bad_credentials")])
            }
        }
    }

    @Test("a login's case does not matter")
    func loginTaken() async throws {
        try await TestServer.run { server in
            _ = try await server.register("Ann")
            let reply = try await server.client().request(
                "POST", "/server/sign/register/", headers: Self.form, body: "login=aNN&password=other")
            #expect(reply.status == 409)
            #expect(reply.json["code"] == .string("login_taken"))
        }
    }

    @Test(
        "malformed bodies are refused with the name of the wrong field",
        arguments: [
            ("application/json", "{", nil), ("application/json", "[]", nil), ("text/plain", "login=a", nil),
            ("application/json", #"{"login":1,"password":"secret"}"#, "login"),
            ("application/json", #"{"login":"Ann"}"#, "password"),
            ("application/json", #"{"login":"A\nB","password":"secret"}"#, "login"),
            ("application/x-www-form-urlencoded", "", "login"),
            ("application/x-www-form-urlencoded", "login=&password=secret", "login"),
            ("application/x-www-form-urlencoded", "login=%20%20&password=secret", "login"),
            ("application/x-www-form-urlencoded", "login=Ann&password=abc", "password"),
            ("application/x-www-form-urlencoded", "login=Ann&password=%zz", nil),
            ("application/x-www-form-urlencoded", "login=%ff&password=secret", nil),
            ("application/x-www-form-urlencoded", "login=a&login=b&password=secret", nil),
            (
                "application/x-www-form-urlencoded", "login=\(String(repeating: "x", count: 65))&password=secret",
                "login"
            ),
            (
                "application/x-www-form-urlencoded", "login=a&password=\(String(repeating: "x", count: 1025))",
                "password"
            ),
            ("multipart/form-data", "--x", nil), ("multipart/form-data; boundary=x", "--y", nil),
            ("multipart/form-data; boundary=x", "--x\r\n\r\n", nil),
        ] as [(String, String, String?)])
    func malformed(type: String, body: String, field: String?) async throws {
        try await TestServer.run { server in
            let reply = try await server.client().request(
                "POST", "/server/sign/register/", headers: ["Content-Type": type], body: body)
            #expect(reply.status == 400, "\(reply.text)")
            #expect(reply.json["code"] == .string("bad_request"))
            #expect(reply.json["field"]?.string == field)
        }
    }

    @Test("a body over the limit is 413, an unknown path 404, a wrong method 405, all as JSON")
    func otherErrors() async throws {
        try await TestServer.run { server in
            let large = try await server.client().request(
                "POST", "/server/sign/auth/", headers: Self.form, body: String(repeating: "x", count: 20_000))
            #expect(large.status == 413)
            #expect(large.json["code"] == .string("bad_request"))
            let missing = try await server.client().request("GET", "/server/nothing")
            #expect(missing.status == 404)
            #expect(missing.json["code"] == .string("not_found"))
            let wrong = try await server.client().request("GET", "/server/sign/auth/")
            #expect(wrong.status == 405)
            #expect(wrong.headers["allow"] == "POST")
            #expect(wrong.json["code"] == .string("method_not_allowed"))
        }
    }

    @Test("too many attempts for a login get 429 with Retry-After, and after a time the login may try again")
    func throttled() async throws {
        try await TestServer.run(configure: { configuration, _ in
            configuration.loginLimit = RateLimit(burst: 2, perSecond: 0.125)
        }) { server in
            _ = try await server.register("Ann")
            let client = try await server.client()
            func attempt(_ login: String, _ password: String) async throws -> TestClient.Reply {
                try await client.request(
                    "POST", "/server/sign/auth/", headers: Self.form, body: "login=\(login)&password=\(password)")
            }
            for _ in 0..<2 { #expect(try await attempt("Ann", "wrong").status == 401) }
            let refused = try await attempt("ANN", "secret")
            #expect(refused.status == 429)
            #expect(refused.headers["retry-after"] == "8")
            #expect(refused.json["retry"] == .number(8))
            #expect(refused.json["code"] == .string("rate_limited"))
            #expect(try await attempt("Bob", "wrong").status == 401, "another login is not affected")
            server.clock.advance(by: .seconds(8))
            #expect(try await attempt("Ann", "secret").status == 200)
            #expect(try await attempt("Ann", "secret").status == 200, "what succeeds does not count")
        }
    }

    @Test("a login to a starting map gets 503 with Retry-After (checklist 12)")
    func mapStarting() async throws {
        try await TestServer.run { server in
            server.map.isReady = false
            let reply = try await server.client().request(
                "POST", "/server/sign/register/", headers: Self.form, body: "login=Ann&password=secret")
            #expect(reply.status == 503)
            #expect(reply.headers["retry-after"] == "2")
            #expect(reply.json["code"] == .string("map_starting"))
            server.map.isReady = true
            let again = try await server.client().request(
                "POST", "/server/sign/auth/", headers: Self.form, body: "login=Ann&password=secret")
            #expect(again.status == 200)
        }
    }

    @Test("the answer names the map on which the player was saved (checklist 4)")
    func savedMap() async throws {
        try await TestServer.run(maps: [StubMap(mapID: 4), StubMap(mapID: 9)]) { server in
            _ = try await server.register("Ann")
            server.writeBehind.save([EntityRecord(key: EntityKey(.players, 1), mapID: 9)], removed: [])
            let reply = try await server.client().request(
                "POST", "/server/sign/auth/", headers: Self.form, body: "login=Ann&password=secret")
            #expect(reply.json["map_id"] == .number(9))
        }
    }

    @Test(
        "requests with a session never wait for password checks: with a full queue maps are served and sign-out works")
    func sessionsDoNotWait() async throws {
        try await TestServer.run(configure: { configuration, _ in configuration.maxWaitingLogins = 0 }) { server in
            let client = try await server.client()
            let refused = try await client.request(
                "POST", "/server/sign/register/", headers: Self.form, body: "login=Ann&password=secret")
            #expect(refused.status == 503)
            #expect(refused.json["code"] == .string("busy"))
            let account = try await server.storage.createAccount(login: "Ann", passwordHash: "x", created: 0)
            let secret = "a-session"
            try await server.storage.createHTTPSession(
                HTTPSession(
                    hash: Sodium.hash(secret.utf8), playerID: account.id, expires: server.clock.source.unix() + 60))
            let headers = ["Authorization": "Bearer \(secret)"]
            #expect(
                try await client.request("GET", "/server/sign/get_map/?map_id=4", headers: headers).status == 200)
            #expect(try await client.request("POST", "/server/sign/out", headers: headers).status == 200)
        }
    }

    @Test("behind a trusted proxy limits count by X-Forwarded-For; from other peers that field is ignored")
    func forwardedAddresses() async throws {
        for isTrusted in [true, false] {
            try await TestServer.run(configure: { configuration, _ in
                configuration.registrationLimit = RateLimit(burst: 1, perSecond: 0.01)
                if isTrusted {
                    configuration.trustedProxies = TrustedProxies([try #require(AddressRange("127.0.0.0/8"))])
                }
            }) { server in
                let client = try await server.client()
                func register(_ login: String, _ address: String) async throws -> Int {
                    var headers = Self.form
                    headers["X-Forwarded-For"] = address
                    return try await client.request(
                        "POST", "/server/sign/register/", headers: headers, body: "login=\(login)&password=secret"
                    ).status
                }
                #expect(try await register("Ann", "192.0.2.1") == 200)
                #expect(try await register("Bob", "192.0.2.1") == 429)
                #expect(try await register("Cid", "192.0.2.2") == (isTrusted ? 200 : 429))
                #expect(
                    try await register("Dan", "192.0.2.9, 192.0.2.2") == 429, "what the client wrote itself is not read"
                )
            }
        }
    }

    @Test("each client behind a trusted proxy has its own limit of connections; WebSockets count until they end")
    func forwardedConnections() async throws {
        try await TestServer.run(configure: { configuration, _ in
            configuration.maxConnectionsPerAddress = 1
            configuration.trustedProxies = TrustedProxies([try #require(AddressRange("127.0.0.1"))])
        }) { server in
            var sockets: [TestClient] = []
            for (login, address, status) in [
                ("Ann", "192.0.2.1", 101), ("Bob", "192.0.2.2", 101), ("Cid", "192.0.2.2", 429),
            ] {
                let answer = try await server.register(login)
                let client = try await server.client()
                let reply = try await client.handshake(
                    TestServer.query(answer), headers: ["X-Forwarded-For": address])
                #expect(reply.status == status, "\(reply.text)")
                sockets.append(client)
            }
            let client = try await server.client()
            let health = { (address: String) in
                try await client.request("GET", "/health", headers: ["X-Forwarded-For": address]).status
            }
            #expect(try await health("192.0.2.3") == 200)
            #expect(try await health("192.0.2.2") == 429)
        }
    }
}
