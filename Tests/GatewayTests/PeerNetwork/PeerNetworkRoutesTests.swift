import Foundation
import GameRules
import JSONValues
import Testing

@testable import Gateway

@Suite("The peer network over HTTP [T7, T9]", .timeLimit(.minutes(5))) struct PeerNetworkRoutesTests {
    private static let json = ["Content-Type": "application/json"]
    private static let entry = #"{"name":"One","port":8303,"map":"dm1","mode":"dm","players":2,"max":8}"#

    private func servers(_ server: TestServer, _ query: String = "") async throws -> [JSONObject] {
        let reply = try await server.client().request("GET", "/net/servers\(query)")
        #expect(reply.status == 200)
        return reply.json["servers"]?.array?.compactMap(\.object) ?? []
    }

    private func post(
        _ server: TestServer, _ body: String, method: String = "POST", headers: [String: String] = json
    ) async throws -> TestClient.Reply {
        try await server.client().request(method, "/net/servers", headers: headers, body: body)
    }

    private static func refresh(_ first: JSONObject, _ more: String = "") -> String {
        let (key, secret) = (first["key"]?.string ?? "", first["secret"]?.string ?? "")
        return #"{"key":"\#(key)","secret":"\#(secret)","name":"Two","port":8303,"players":3,"max":8\#(more)}"#
    }

    @Test("a native server publishes itself, refreshes its entry with its secret, and expires after 30 s")
    func native() async throws {
        try await TestServer.run { server in
            let first = try await post(server, Self.entry)
            #expect(first.status == 201 && first.json["expires"] == .number(30))
            #expect(PeerKeys.isKey(first.json["key"]?.string ?? ""))
            let listed = try #require(try await servers(server).first)
            #expect(
                listed == [
                    "name": .string("One"), "key": first.json["key"] ?? .null, "address": .string("127.0.0.1"),
                    "port": .number(8303), "map": .string("dm1"), "mode": .string("dm"), "players": .number(2),
                    "max": .number(8),
                ])
            server.clock.advance(by: .seconds(29))
            let second = try await post(server, Self.refresh(first.json))
            #expect(second.status == 200 && second.json["key"] == first.json["key"])
            server.clock.advance(by: .seconds(29))
            #expect(try await servers(server).map { $0["name"] } == [.string("Two")])
            server.clock.advance(by: .seconds(1))
            #expect(try await servers(server) == [])
            // A native server that was away keeps its key.
            #expect(try await post(server, Self.refresh(first.json)).status == 200)
            #expect(try await servers(server).map { $0["key"] } == [first.json["key"]])
            #expect(try await post(server, Self.refresh(first.json), method: "DELETE").status == 200)
            #expect(try await servers(server) == [])
        }
    }

    @Test("nobody changes or removes the entry of another, and pages of other origins publish nothing")
    func foreign() async throws {
        try await TestServer.run { server in
            let mine = try await post(server, Self.entry).json
            let other = try await post(server, Self.entry).json
            let forged: JSONObject = ["key": mine["key"] ?? .null, "secret": other["secret"] ?? .null]
            for method in ["POST", "DELETE"] {
                let reply = try await post(server, Self.refresh(forged), method: method)
                #expect(reply.status == 403 && reply.json["code"] == .string("bad_secret"))
            }
            #expect(try await post(server, Self.refresh(mine, #","room":"x""#)).status == 403)
            let page = try await post(
                server, Self.entry, headers: ["Origin": "https://evil.example", "Content-Type": "text/plain"])
            #expect(page.status == 403 && page.json["code"] == .string("bad_origin"))
            #expect(try await servers(server).count == 2)
        }
    }

    @Test("what is no entry is refused, and publications have a rate and a bound for each address")
    func refused() async throws {
        try await TestServer.run { server in
            for body in ["", "{", "[]", "{}", #"{"name":"\u0007","port":1,"players":0,"max":1}"#] {
                let reply = try await post(server, body)
                #expect(reply.status == 400, "\(body)")
                #expect(["bad_json", "bad_message"].contains(reply.json["code"]?.string), "\(reply.text)")
            }
            #expect(try await post(server, String(repeating: " ", count: 5000)).status == 413)
            #expect(try await post(server, #"{"key":"x"}"#, method: "DELETE").status == 400)
            let query = try await server.client().request("GET", "/net/servers?room=a%20b")
            #expect(query.status == 400 && query.json["field"] == .string("room"))
            for _ in 0..<ServerList.maxPerAddress { #expect(try await post(server, Self.entry).status == 201) }
            let full = try await post(server, Self.entry)
            #expect(full.status == 503 && full.json["code"] == .string("list_full"))
            #expect(full.headers["retry-after"] == "30")
            // 40 at once: 16 and the one beyond them, and these.
            for _ in 0..<23 { #expect(try await post(server, Self.entry).status == 503) }
            let limited = try await post(server, Self.entry)
            #expect(limited.status == 429 && limited.headers["retry-after"] == "1")
        }
    }

    @Test("the list has an entity tag, and is readable for pages of allowed origins only")
    func reading() async throws {
        try await TestServer.run(configure: { configuration, _ in
            configuration.origins = OriginPolicy(allowed: ["https://game.example"])
        }) { server in
            _ = try await post(server, Self.entry)
            let client = try await server.client()
            let reply = try await client.request("GET", "/net/servers", headers: ["Origin": "https://game.example"])
            #expect(reply.headers["access-control-allow-origin"] == "https://game.example")
            #expect(reply.headers["content-type"] == "application/json")
            let tag = try #require(reply.headers["etag"])
            #expect(try await client.request("GET", "/net/servers", headers: ["If-None-Match": tag]).status == 304)
            let other = try await client.request("GET", "/net/servers", headers: ["Origin": "https://evil.example"])
            #expect(other.headers["access-control-allow-origin"] == nil)
            let module = try await client.request(
                "GET", "/net/perigee-net.js", headers: ["Origin": "https://game.example"])
            #expect(module.headers["access-control-allow-origin"] == "https://game.example")
        }
    }

    @Test("the page and the library come from the program")
    func files() async throws {
        try await TestServer.run { server in
            let client = try await server.client()
            #expect(try await client.request("GET", "/net").headers["location"] == "/net/")
            let page = try await client.request("GET", "/net/")
            #expect(page.status == 200 && page.headers["content-type"] == "text/html; charset=utf-8")
            #expect(page.headers["content-security-policy"]?.contains("script-src 'self'") == true)
            #expect(!page.text.contains("<script>") && !page.text.contains("style="))
            for name in PeerNetworkRoutes.files.keys {
                let file = try await client.request("GET", "/net/\(name)")
                #expect(file.status == 200 && file.headers["x-content-type-options"] == "nosniff", "\(name)")
            }
            #expect(try await client.request("GET", "/net/nothing.js").status == 404)
            let signal = try await client.request("GET", "/net/signal")
            #expect(signal.status == 426 && signal.json["code"] == .string("bad_request"))
        }
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../Sources/CPanelFiles/net").standardized.path
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        #expect(
            Set(names).union(["icon.svg"]) == Set(PeerNetworkRoutes.files.keys),
            "add new files to Sources/CPanelFiles/net.c")
    }

    @Test("peers exchange offer and answer over WebSockets, and a peer that vanishes is gone [T15.8]")
    func sockets() async throws {
        try await TestServer.run { server in
            func join() async throws -> (TestClient, key: String) {
                let client = try await server.client()
                #expect(try await client.handshake("", path: "/net/signal").status == 101)
                try await client.send(text: #"{"type":"join"}"#)
                let hello = try await client.message()
                return (client, try #require(hello["key"]?.string))
            }
            let (host, hostKey) = try await join()
            try await host.send(text: #"{"type":"bind","port":8303}"#)
            #expect(try await host.message()["type"] == .string("bound"))
            try await host.send(
                text: #"{"type":"publish","name":"Hill","port":8303,"players":0,"max":4}"#)
            #expect(try await host.message()["type"] == .string("published"))
            #expect(try await servers(server).map { $0["key"] } == [.string(hostKey)])
            let (client, clientKey) = try await join()
            try await client.send(text: #"{"type":"offer","to":"\#(hostKey)","port":8303,"id":4,"sdp":"v=0 a"}"#)
            let offer = try await host.message()
            #expect(offer["from"] == .string(clientKey) && offer["sdp"] == .string("v=0 a"))
            try await host.send(text: #"{"type":"answer","to":"\#(clientKey)","id":4,"sdp":"v=0 b"}"#)
            #expect(try await client.message()["sdp"] == .string("v=0 b"))
            try await host.close()
            #expect(try await client.message() == ["type": .string("gone"), "key": .string(hostKey)])
            #expect(try await servers(server) == [], "its entry goes with it")
        }
    }

    @Test("handshakes of foreign pages, broken ones, and all while the network is off are refused")
    func handshakes() async throws {
        try await TestServer.run { server in
            func handshake(_ headers: [String: String] = [:]) async throws -> TestClient.Reply {
                try await server.client().handshake("", headers: headers, path: "/net/signal")
            }
            let foreign = try await handshake(["Origin": "https://evil.example"])
            #expect(foreign.status == 403 && foreign.json["code"] == .string("bad_origin"))
            #expect(try await handshake(["Sec-WebSocket-Version": "8"]).status == 426)
            #expect(try await handshake(["Sec-WebSocket-Key": "x"]).status == 400)
            #expect(try await handshake().status == 101)
            server.reconfigure { $0.peerNetwork.maxPeers = 0 }
            #expect(try await handshake().status == 404)
            for path in ["/net/", "/net/servers", "/net/perigee-net.js"] {
                #expect(try await server.client().request("GET", path).status == 404, "\(path)")
            }
            #expect(try await post(server, Self.entry).status == 404)
            for name in ["game-connection.js", "lanes.js", "positions.js"] {
                #expect(try await server.client().request("GET", "/net/\(name)").status == 200, "players need \(name)")
            }
        }
    }

    @Test("a full network refuses new peers, but a peer that comes back takes its own place")
    func full() async throws {
        try await TestServer.run(configure: { configuration, _ in configuration.peerNetwork.maxPeers = 1 }) { server in
            func join(_ members: String = "") async throws -> (TestClient, answer: JSONObject) {
                let client = try await server.client()
                #expect(try await client.handshake("", path: "/net/signal").status == 101)
                try await client.send(text: #"{"type":"join"\#(members)}"#)
                return (client, try await client.message())
            }
            let (former, hello) = try await join()
            let (key, secret) = (try #require(hello["key"]?.string), try #require(hello["secret"]?.string))
            let (late, refusal) = try await join()
            #expect(refusal["code"] == .string("full") && refusal["retry"] == .number(10))
            let (later, again) = try await join(#","key":"\#(key)","secret":"\#(secret)""#)
            #expect(again["type"] == .string("hello") && again["key"] == .string(key))
            #expect(try await former.closeCode() == 4001)
            try await later.close()
            try await late.close()
        }
    }

    @Test("a message beyond the bound ends the connection with 1009")
    func tooBig() async throws {
        try await TestServer.run { server in
            let client = try await server.client()
            #expect(try await client.handshake("", path: "/net/signal").status == 101)
            try await client.send(text: String(repeating: " ", count: SignalLimits.maxMessageBytes + 1))
            #expect(try await client.closeCode() == 1009)
        }
    }
}
