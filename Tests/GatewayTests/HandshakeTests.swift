import Foundation
import JSONValues
import Testing
import World

@testable import Gateway

@Suite("WebSocket handshakes [M2.4, 1-protocol 2]", .timeLimit(.minutes(5))) struct HandshakeTests {
    @Test("a token is valid once (checklist 5)")
    func oneTime() async throws {
        try await TestServer.run { server in
            let login = try await server.register("Ann")
            _ = try await server.join(login)
            let second = try await server.client().handshake(TestServer.query(login))
            #expect(second.status == 401)
            #expect(second.json["code"] == .string("bad_token"))
        }
    }

    @Test("of many handshakes with one token exactly one succeeds")
    func race() async throws {
        try await TestServer.run { server in
            let login = try await server.register("Ann")
            let port = server.port
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<20 {
                    group.addTask { try await TestClient(port: port).handshake(TestServer.query(login)).status }
                }
                return try await group.reduce(into: [Int]()) { $0.append($1) }
            }
            #expect(statuses.filter { $0 == 101 }.count == 1)
            #expect(statuses.filter { $0 == 401 }.count == 19)
        }
    }

    @Test("a token expires after 60 s")
    func expired() async throws {
        try await TestServer.run { server in
            let login = try await server.register("Ann")
            server.clock.advance(by: .seconds(60))
            #expect(try await server.client().handshake(TestServer.query(login)).status == 401)
        }
    }

    @Test(
        "bad credentials are refused before any world data (checklist 8)",
        arguments: [
            "", "HTTP_AUTHORIZATION=", "HTTP_AUTHORIZATION=!!!!", "HTTP_AUTHORIZATION=%zz", "HTTP_AUTHORIZATION=MTp4",
            "HTTP_AUTHORIZATION=OTk5Og==", "x=y",
        ])
    func badCredentials(query: String) async throws {
        try await TestServer.run { server in
            let client = try await server.client()
            let reply = try await client.handshake(query)
            #expect(reply.status == 401)
            #expect(reply.json["code"] == .string("bad_token"))
            #expect(try await client.readToEnd() == "")
        }
    }

    @Test("another player's token is refused")
    func otherPlayer() async throws {
        try await TestServer.run { server in
            let ann = try await server.register("Ann")
            _ = try await server.register("Bob")
            var stolen = ann
            stolen["id"] = .number(2)
            #expect(try await server.client().handshake(TestServer.query(stolen)).status == 401)
        }
    }

    @Test("HTTP Basic works as well (checklist 7)")
    func basic() async throws {
        try await TestServer.run { server in
            let login = try await server.register("Ann")
            let text = "\(Int(login["id"]?.number ?? 0)):\(login["token"]?.string ?? "")"
            let reply = try await server.client().handshake(
                "", headers: ["Authorization": "Basic \(Data(text.utf8).base64EncodedString())"])
            #expect(reply.status == 101)
        }
    }

    @Test("pages of other origins may not connect, unless they are listed")
    func origins() async throws {
        try await TestServer.run(configure: { configuration, _ in
            configuration.origins = OriginPolicy(allowed: ["https://game.example"])
        }) { server in
            for (origin, status) in [
                ("http://evil.example", 403), ("null", 403), ("https://GAME.example", 101), ("http://localhost", 101),
            ] {
                let login = try await server.register("p\(status)\(origin.count)")
                let reply = try await server.client().handshake(TestServer.query(login), headers: ["Origin": origin])
                #expect(reply.status == status, "\(origin)")
            }
        }
    }

    @Test("perigee.msgpack is agreed on when it is offered; other subprotocols alone are refused and keep the token")
    func subprotocols() async throws {
        try await TestServer.run { server in
            let query = TestServer.query(try await server.register("Ann"))
            for offer in ["soap", "perigee.json, chat", "Perigee.Msgpack"] {
                let reply = try await server.client().handshake(query, headers: ["Sec-WebSocket-Protocol": offer])
                #expect(reply.status == 400 && reply.json["code"] == .string("bad_request"), "\(offer)")
                #expect(reply.json["error"]?.string?.contains("allowed is perigee.msgpack, or none for JSON") == true)
            }
            let offer = ["Sec-WebSocket-Protocol": "chat, perigee.msgpack"]
            let reply = try await server.client().handshake(query, headers: offer)
            #expect(reply.status == 101 && reply.headers["sec-websocket-protocol"] == "perigee.msgpack")
            let plain = try await server.client().handshake(TestServer.query(try await server.register("Bob")))
            #expect(plain.status == 101 && plain.headers["sec-websocket-protocol"] == nil)
        }
    }

    @Test("patches of the query is 0 or 1; anything else is refused and keeps the token (row 48)")
    func patches() async throws {
        try await TestServer.run { server in
            let query = TestServer.query(try await server.register("Ann"))
            for wrong in ["patches=2", "patches", "patches=", "patches=true", "patches=%zz", "patches=1&patches=1"] {
                let reply = try await server.client().handshake("\(query)&\(wrong)")
                #expect(reply.status == 400 && reply.json["code"] == .string("bad_request"), "\(wrong)")
                let error = reply.json["error"]?.string ?? ""
                #expect(error.contains("allowed is 0 or 1") || error.contains("give it once"), "\(error)")
            }
            #expect(try await server.client().handshake("patches=1&\(query)").status == 101)
            for (name, right) in [("Bob", "patches=0"), ("Eve", "patches=%31"), ("Joe", "Patches=7")] {
                let query = TestServer.query(try await server.register(name))
                #expect(try await server.client().handshake("\(query)&\(right)").status == 101, "\(right)")
            }
        }
    }

    @Test("malformed handshakes are refused and do not use up the token")
    func malformedHandshakes() async throws {
        try await TestServer.run { server in
            let login = try await server.register("Ann")
            let query = TestServer.query(login)
            let version = try await server.client().handshake(query, headers: ["Sec-WebSocket-Version": "8"])
            #expect(version.status == 426)
            #expect(version.headers["sec-websocket-version"] == "13")
            #expect(try await server.client().handshake(query, headers: ["Sec-WebSocket-Key": "short"]).status == 400)
            #expect(try await server.client().handshake(query, headers: ["Connection": "close"]).status == 400)
            #expect(try await server.client().handshake(query, path: "/elsewhere").status == 404)
            #expect(try await server.client().handshake(query, headers: ["Upgrade": "h2c"]).status == 307)
            #expect(try await server.client().handshake(query).status == 101)
        }
    }
}
