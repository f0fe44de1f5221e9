import Foundation
import GameRules
import JSONValues
import NIOCore
import ServerMetrics
import Storage
import Testing

@testable import Gateway

@Suite("Offers of WebRTC's clients [1-protocol 6]", .timeLimit(.minutes(5))) struct OfferRoutesTests {
    @Test("an offer with a token is answered, once")
    func answered() async throws {
        try await TestServer.runWebRTC { server in
            let login = try await server.register("Ann")
            let client = try await OfferClient(server)
            let reply = try await client.offer(login)
            #expect(reply.status == 200, "\(reply.text)")
            #expect(reply.headers["content-type"] == "application/json")
            #expect(reply.json["type"] == .string("answer"))
            let sdp = try #require(reply.json["sdp"]?.string)
            #expect(sdp.contains("a=ice-lite\r\n") && sdp.contains(" 127.0.0.1 ") && sdp.contains("a=setup:passive"))
            #expect(reply.json["ice_servers"] == nil)
            let again = try await client.offer(login)
            #expect(again.status == 401 && again.json["code"] == .string("bad_token"))
            #expect(try await server.client().handshake(TestServer.query(login)).status == 401)
        }
    }

    @Test("an answer has a token for a WebSocket, should UDP not come through")
    func fallback() async throws {
        try await TestServer.runWebRTC { server in
            var login = try await server.register("Ann")
            let reply = try await OfferClient(server).offer(login)
            login["token"] = reply.json["token"]
            #expect(try await server.client().handshake(TestServer.query(login)).status == 101)
            #expect(try await server.client().handshake(TestServer.query(login)).status == 401)
        }
    }

    @Test("the token may come as HTTP Basic, and the offer as SDP alone")
    func basic() async throws {
        try await TestServer.runWebRTC { server in
            let login = try await server.register("Ann")
            let text = "\(Int(login["id"]?.number ?? 0)):\(login["token"]?.string ?? "")"
            let reply = try await OfferClient(server).offer(
                nil, OfferClient.sdp,
                headers: [
                    "Authorization": "Basic \(Data(text.utf8).base64EncodedString())",
                    "Content-Type": "application/sdp",
                ])
            #expect(reply.status == 200, "\(reply.text)")
        }
    }

    @Test("of many offers with one token exactly one is answered")
    func race() async throws {
        try await TestServer.runWebRTC { server in
            let login = try await server.register("Ann")
            let port = server.port
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<20 { group.addTask { try await OfferClient(port: port).offer(login).status } }
                return try await group.reduce(into: [Int]()) { $0.append($1) }
            }
            #expect(statuses.filter { $0 == 200 }.count == 1)
            #expect(statuses.filter { $0 == 401 }.count == 19)
        }
    }

    @Test("without the setting there is no such address, and the answer says how to turn it on")
    func off() async throws {
        try await TestServer.run { server in
            let login = try await server.register("Ann")
            let reply = try await OfferClient(server).offer(login)
            #expect(reply.status == 404 && reply.json["code"] == .string("not_found"))
            #expect(reply.json["error"]?.string?.contains("webrtc: true in game.yaml") == true)
            #expect(try await server.client().handshake(TestServer.query(login)).status == 101)
            #expect(try await server.client().request("GET", "/metrics").text.contains("perigee_webrtc") == false)
        }
    }

    @Test(
        "an offer that can't be answered says why, and keeps the token",
        arguments: [
            ("", 400, "no SDP"), ("no SDP", 400, "no SDP"), ("{}", 400, "no text \"sdp\""),
            (#"{"type":"answer","sdp":"v=0"}"#, 400, "allowed is offer"),
            (OfferClient.sdp.replacing("actpass", with: "passive"), 400, "a=setup"),
            (OfferClient.sdp.replacing("a=ice-pwd", with: "a=x"), 400, "no a=ice-pwd"),
            (OfferClient.sdp + String(repeating: "a=candidate:1\r\n", count: 3000), 413, "32768 bytes"),
            (String(repeating: "x", count: 200_000), 413, "32768 bytes"),
        ])
    func badOffers(body: String, status: Int, says: String) async throws {
        try await TestServer.runWebRTC { server in
            let login = try await server.register("Ann")
            let reply = try await OfferClient(server).offer(login, body)
            #expect(reply.status == status && reply.json["code"] == .string("bad_offer"), "\(reply.text)")
            #expect(reply.json["error"]?.string?.contains(says) == true, "\(reply.text)")
            #expect(server.metrics.registry.value(.handshakesRefused, "bad_offer") == 1)
            #expect(try await OfferClient(server).offer(login).status == 200)
        }
    }

    @Test("a missing, wrong or expired token is refused, whatever the body is")
    func badTokens() async throws {
        try await TestServer.runWebRTC { server in
            let client = try await OfferClient(server)
            var login = try await server.register("Ann")
            login["id"] = .number(2)
            for token in [nil, login] {
                for body in [OfferClient.body, "no SDP"] {
                    let reply = try await client.offer(token, body)
                    #expect(reply.status == 401 && reply.json["code"] == .string("bad_token"), "\(reply.text)")
                }
            }
            let old = try await server.register("Bob")
            server.clock.advance(by: .seconds(60))
            #expect(try await client.offer(old).status == 401)
            #expect(server.metrics.registry.value(.handshakesRefused, "bad_token") == 5)
        }
    }

    @Test("patches of the query is 0 or 1, and pages of other origins may not connect; both keep the token")
    func optionsAndOrigins() async throws {
        try await TestServer.runWebRTC(configure: { $0.origins = OriginPolicy(allowed: ["https://game.example"]) }) {
            server in
            let login = try await server.register("Ann")
            let client = try await OfferClient(server)
            let wrong = try await client.offer(login, query: "&patches=2")
            #expect(wrong.status == 400 && wrong.json["code"] == .string("bad_request"), "\(wrong.text)")
            let evil = try await client.offer(login, headers: ["Origin": "https://evil.example"])
            #expect(evil.status == 403 && evil.json["code"] == .string("bad_origin"), "\(evil.text)")
            #expect(evil.headers["access-control-allow-origin"] == nil)
            let good = try await client.offer(
                login, query: "&patches=1", headers: ["Origin": "https://game.example"])
            #expect(good.status == 200, "\(good.text)")
            #expect(good.headers["access-control-allow-origin"] == "https://game.example")
            let own = try await client.offer(
                try await server.register("Bob"), headers: ["Origin": "http://localhost"])
            #expect(own.status == 200, "\(own.text)")
        }
    }

    @Test("a banned address is told before anything else")
    func banned() async throws {
        var players: PlayerService?
        try await TestServer.runWebRTC(players: { players = $0 }) { server in
            let login = try await server.register("Ann")
            _ = try await players?.bans.add(Ban(addresses: "127.0.0.1", reason: "r", madeBy: "op", created: 0))
            for body in [OfferClient.body, "no SDP"] {
                let reply = try await OfferClient(server).offer(login, body)
                #expect(reply.status == 403 && reply.json["code"] == .string("banned"), "\(reply.text)")
            }
        }
    }

    @Test("an address may send so many offers a minute; a reload can change that")
    func rate() async throws {
        try await TestServer.runWebRTC(configure: { $0.offerLimit = RateLimit(burst: 2, perSecond: 0.1) }) { server in
            let login = try await server.register("Ann")
            let client = try await OfferClient(server)
            for _ in 0..<2 { #expect(try await client.offer(nil).status == 401) }
            let reply = try await client.offer(login)
            #expect(reply.status == 429 && reply.json["code"] == .string("rate_limited"), "\(reply.text)")
            #expect(reply.headers["retry-after"] == "10" && reply.json["retry"] == .number(10))
            server.clock.advance(by: .seconds(10))
            #expect(try await client.offer(nil).status == 401)
            #expect(try await client.offer(nil).status == 429)
            server.reconfigure { $0.offerLimit = RateLimit(burst: 10, perSecond: 0.1) }
            #expect(try await client.offer(login).status == 200)
        }
    }

    /// Runs a server with one place among the sessions, of which Ann's client has it; the body gets Bob's login.
    private func withOnePlace(
        opening: TimeAmount, _ body: (TestServer, OfferClient, JSONObject) async throws -> Void
    ) async throws {
        try await TestServer.runWebRTC(configure: { configuration in
            configuration.maxSessions = 1
            configuration.offerLimit = RateLimit(burst: 1_000_000, perSecond: 1_000_000)
            configuration.offerTimeout = opening
        }) { server in
            let (ann, bob) = (try await server.register("Ann"), try await server.register("Bob"))
            let client = try await OfferClient(server)
            #expect(try await client.offer(ann).status == 200)
            try await body(server, client, bob)
        }
    }

    @Test("a client that is still connecting has a place among the sessions")
    func places() async throws {
        try await withOnePlace(opening: .hours(1)) { server, client, bob in
            let reply = try await client.offer(bob)
            #expect(reply.status == 503 && reply.json["code"] == .string("full"), "\(reply.text)")
            #expect(try await server.client().handshake(TestServer.query(bob)).status == 503)
        }
    }

    @Test(
        "the place of a client that does not connect in time is free again; a refusal for want of one keeps the token")
    func freedPlace() async throws {
        try await withOnePlace(opening: .milliseconds(1)) { server, client, bob in
            var reply = try await client.offer(bob)
            while reply.status == 503 { reply = try await client.offer(bob) }
            #expect(reply.status == 200, "\(reply.text)")
        }
    }

    @Test("32 clients of an address may be connecting; the refusal of a further one keeps its token")
    func halfOpen() async throws {
        try await TestServer.runWebRTC(configure: { $0.offerTimeout = .hours(1) }) { server in
            let client = try await OfferClient(server)
            for number in 1...32 {
                // An address may register few players at once.
                server.clock.advance(by: .seconds(3600))
                #expect(try await client.offer(try await server.register("p\(number)")).status == 200)
            }
            let login = try await server.register("Ann")
            let reply = try await client.offer(login)
            #expect(reply.status == 503 && reply.json["code"] == .string("busy"), "\(reply.text)")
            #expect(reply.headers["retry-after"] == "2")
            #expect(try await server.client().handshake(TestServer.query(login)).status == 101)
        }
    }

    @Test("what the UDP port counts is in /metrics")
    func counts() async throws {
        try await TestServer.runWebRTC { server in
            let login = try await server.register("Ann")
            #expect(try await OfferClient(server).offer(login).status == 200)
            let text = try await server.client().request("GET", "/metrics").text
            for line in ["perigee_webrtc_peers 1", "perigee_webrtc_opened_total 0", "perigee_webrtc_ended_total 0"] {
                #expect(text.contains("\n\(line)\n"), "\(line)")
            }
            #expect(text.contains("\nperigee_webrtc_checks_total{result=\"refused\"} 0\n"))
        }
    }

    @Test("a map's own port sends offers to the server's port, which answers them for all maps")
    func mapPorts() async throws {
        try await TestServer.runWebRTC(configure: { $0.portPerMap = true }) { server in
            let login = try await server.register("Ann")
            let port = Int(login["port"]?.number ?? 0)
            #expect(port != server.port)
            let wrong = try await TestClient(port: port).request(
                "POST", "/rtc/offer?\(TestServer.query(login))", body: OfferClient.body)
            #expect(wrong.status == 421 && wrong.json["code"] == .string("wrong_port"), "\(wrong.text)")
            #expect(try await OfferClient(server).offer(login).status == 200)
        }
    }
}
