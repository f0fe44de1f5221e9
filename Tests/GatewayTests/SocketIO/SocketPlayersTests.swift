import ClientFrames
import JSONValues
import NIOCore
import Simulation
import Storage
import Testing
import Wire
import World

@testable import Gateway

@Suite("Players over Socket.IO, on a whole server", .timeLimit(.minutes(5))) struct SocketPlayersTests {
    private static let ann: JSONObject = ["login": .string("Ann"), "password": .string("secret")]

    private func session(_ login: JSONObject) -> JSONObject { ["session": login["session"] ?? .null] }

    private func deliver(_ message: OutboundMessage, to sink: any SessionSink) {
        sink.thread.execute {
            sink.deliver(message)
            sink.flush()
        }
    }

    @Test("events are commands; their acknowledgements come when they ran or are refused")
    func commands() async throws {
        try await TestServer.run { server in
            let client = try await server.joinSocket(session(server.register("Ann")))
            let (_, sink) = try #require(await server.map.nextJoin())
            try await client.emit("move/to", ["x": .number(3)], acknowledgement: 0)
            #expect(
                await server.map.nextCommand()
                    == Command(group: "move", event: "to", commandID: 1, parameters: ["x": .number(3)]))
            let own = OwnMembers(commands: Array(#"{"move":{"command_id":1,"wait_time":0.2}}"#.utf8))
            deliver(.text(.delta, #"{"tick":1}"#).with(own), to: sink)
            #expect(try await client.next() == .event("delta", ["tick": .number(1)]))
            #expect(
                try await client.next() == .acknowledgement(0, ["ok": .bool(true), "wait_time": .number(0.2)]))

            try await client.emit("no command", [:], acknowledgement: 1)
            let refusal = try await client.next()
            #expect(refusal.code == "bad_command", "\(refusal)")
            try await client.emit("move/by", [:], acknowledgement: 2)
            let error = CommandError(.missingParameter, "x is missing", action: "move/by", commandID: 3)
            deliver(OutboundMessage(kind: .error, json: error.payload), to: sink)
            #expect(try await client.next().code == "missing_parameter")
            server.map.isFull = true
            try await client.emit("a", [:], acknowledgement: 3)
            #expect(try await client.next().code == "busy")
            try await client.emit("a", [:])
            #expect(try await client.next().code == "busy")
            server.map.isFull = false
        }
    }

    @Test("load/index asks for the world, and is acknowledged after it")
    func load() async throws {
        try await TestServer.run { server in
            let client = try await server.joinSocket(session(server.register("Ann")))
            let (_, sink) = try #require(await server.map.nextJoin())
            try await client.emit("load/index", [:], acknowledgement: 9)
            #expect(await server.map.nextReload() == sink.id)
            deliver(.text(.snapshot, #"{"fresh":true}"#), to: sink)
            #expect(try await client.next() == .event("load/index", ["fresh": .bool(true)]))
            #expect(try await client.next() == .acknowledgement(9, ["ok": .bool(true), "wait_time": .number(0)]))
        }
    }

    @Test("a client that polls plays as others do")
    func polling() async throws {
        try await TestServer.run(configure: { configuration, _ in
            // No ping comes between the packets, however slow the machine is.
            configuration.session.pingInterval = .hours(1)
            configuration.session.deadAfter = .hours(2)
        }) { server in
            let auth = JSON.object(session(try await server.register("Ann"))).text
            let (polls, posts) = (try await server.client(), try await server.client())
            var path = "/socket.io/?EIO=4&transport=polling"
            let opened = try await polls.request("GET", path).text
            let sid = try #require(EngineHTTP.sid(of: opened))
            path += "&sid=\(sid)"
            #expect(try await posts.request("POST", path, body: "40/perigee,\(auth)").text == "ok")
            var received = ""
            while !received.contains("load/index") { received += try await polls.request("GET", path).text }
            #expect(received.hasPrefix(#"40/perigee,{"sid":""#), "\(received)")
            #expect(received.hasSuffix(#"42/perigee,["load/index",{"action":"load/index"}]"#), "\(received)")
            #expect(try await posts.request("POST", path, body: #"42/perigee,["move/to"]"#).text == "ok")
            #expect(await server.map.nextCommand()?.action == "move/to")
            #expect(try await posts.request("POST", path, body: "1").text == "ok")
            #expect(await server.map.nextLeave() != nil)
        }
    }

    // MARK: - One connection for each player

    @Test("a second connection takes over, whichever protocol each of them speaks", arguments: [true, false])
    func takeOver(socketIOFirst: Bool) async throws {
        try await TestServer.run(maps: [StubMap(mapID: 4), StubMap(mapID: 9)]) { server in
            let login = try await server.register("Ann")
            let moved = EntityRecord(key: EntityKey(.players, 1), mapID: 9)
            if socketIOFirst {
                let first = try await server.joinSocket(session(login))
                server.writeBehind.save([moved], removed: [])
                let reply = try await server.client().request(
                    "POST", "/server/sign/auth/", headers: LoginTests.form, body: "login=Ann&password=secret")
                _ = try await server.join(reply.json)
                #expect(try await first.next().code == "replaced")
                #expect(try await first.next() == .disconnected)
            } else {
                let first = try await server.join(login)
                server.writeBehind.save([moved], removed: [])
                _ = try await server.joinSocket(session(login))
                #expect(try await first.message()["code"] == .string("replaced"))
                #expect(try await first.closeCode() == 4001)
            }
            #expect(await server.maps[1].nextJoin() != nil)
        }
    }

    @Test("a second connection on the same map takes over, and the first keeps its transport")
    func takeOverOnMap() async throws {
        try await TestServer.run { server in
            let login = try await server.register("Ann")
            let first = try await server.joinSocket(session(login))
            let (_, sink) = try #require(await server.map.nextJoin())
            let second = try await server.joinSocket(session(login))
            deliver(.text(.replaced, #"{"error":"…","code":"replaced"}"#), to: sink)
            #expect(try await first.next().code == "replaced")
            #expect(try await first.next() == .disconnected)
            #expect(await server.map.nextLeave() == sink.id)
            // Its user may want it back.
            #expect(try await first.connect(session(login)) == .connected)
            try await second.vanish()
        }
    }

    @Test("a token in a snapshot is good for the next connection over Socket.IO, once, and for a WebSocket")
    func resume() async throws {
        try await TestServer.run(configure: { configuration, _ in configuration.resumeTime = .seconds(30) }) { server in
            func token(_ packet: SocketIOClient.Packet) throws -> JSONObject {
                guard case .event("load/index", let snapshot) = packet else { throw SocketIOClientError.noOpenPacket }
                let token = try #require(snapshot["resume"]?.object?["token"])
                return ["id": .number(1), "token": token]
            }
            let first = try await SocketIOClient(server)
            #expect(try await first.connect(session(server.register("Ann"))) == .connected)
            let resume = try token(try await first.next())
            try await first.vanish()
            let second = try await SocketIOClient(server)
            #expect(try await second.connect(resume) == .connected)
            let next = try token(try await second.next())
            #expect(next != resume)
            let third = try await SocketIOClient(server)
            #expect(try await third.connect(resume).code == "bad_token")
            try await second.vanish()
            #expect(try await server.client().handshake(TestServer.query(next)).status == 101)
        }
    }

    // MARK: - The end

    @Test("a kicked player gets the reason, is disconnected, and can't come back with the snapshot's token")
    func kick() async throws {
        try await TestServer.run(configure: { configuration, _ in configuration.resumeTime = .seconds(30) }) { server in
            let client = try await SocketIOClient(server)
            #expect(try await client.connect(session(server.register("Ann"))) == .connected)
            guard case .event("load/index", let snapshot) = try await client.next() else {
                Issue.record("no snapshot")
                return
            }
            let (_, sink) = try #require(await server.map.nextJoin())
            let reason: JSONObject = ["error": .string("be nice"), "code": .string("kicked"), "return": .bool(false)]
            deliver(.text(.kicked, JSON.object(reason).text), to: sink)
            #expect(try await client.next() == .event("error", reason))
            #expect(try await client.next() == .disconnected)
            let token = snapshot["resume"]?.object?["token"] ?? .null
            #expect(try await client.connect(["id": .number(1), "token": token]).code == "bad_token")
        }
    }

    @Test("when the map stops the player is told and waits, and its commands are refused meanwhile")
    func pause() async throws {
        try await TestServer.run { server in
            let client = try await server.joinSocket(session(server.register("Ann")))
            let (_, sink) = try #require(await server.map.nextJoin())
            server.map.isReady = false
            deliver(.text(.paused(mapID: 4, reason: "an operator stopped it"), "{}"), to: sink)
            guard case .event("pause", let notice) = try await client.next() else {
                Issue.record("no notice")
                return
            }
            #expect(notice["map_id"] == .number(4) && notice["reason"]?.string?.isEmpty == false)
            try await client.emit("move", [:], acknowledgement: 2)
            let refusal = try await client.next(after: "pause")
            #expect(refusal.code == "busy", "\(refusal)")
        }
    }

    @Test("when the server stops a player is told, and its connection is closed so that clients come back")
    func stop() async throws {
        var client: SocketIOClient?
        var silent: SocketIOClient?
        try await TestServer.run { server in
            client = try await server.joinSocket(session(server.register("Ann")))
            silent = try await SocketIOClient(server)
        }
        #expect(try await client?.next().code == "shutting_down")
        #expect(try await client?.next() == .closed(1001))
        #expect(try await silent?.next() == .closed(1001))
    }

    // MARK: - Pages

    @Test("pages of allowed origins may connect, and read the answers; others get 403 and code 4")
    func origins() async throws {
        let page = "https://game.example"
        try await TestServer.run(configure: { configuration, _ in
            configuration.origins = OriginPolicy(allowed: [page])
        }) { server in
            let path = "/socket.io/?EIO=4&transport=polling"
            let good = try await server.client().request("GET", path, headers: ["Origin": page])
            #expect(good.status == 200 && good.headers["access-control-allow-origin"] == page)
            for origin in ["https://evil.example", "null", "http://game.example"] {
                let bad = try await server.client().request("GET", path, headers: ["Origin": origin])
                #expect(bad.status == 403 && bad.json["code"] == .number(4), "\(bad.text)")
                #expect(bad.headers["access-control-allow-origin"] == nil)
                let socket = try await server.client().handshake(
                    SocketIOClient.webSocket, headers: ["Origin": origin], path: SocketIOClient.path)
                #expect(socket.status == 403 && socket.json["code"] == .number(4), "\(socket.text)")
            }
            let socket = try await server.client().handshake(
                SocketIOClient.webSocket, headers: ["Origin": page], path: SocketIOClient.path)
            #expect(socket.status == 101)
            let preflight = try await server.client().request(
                "OPTIONS", path, headers: ["Origin": page, "Access-Control-Request-Method": "POST"])
            #expect(preflight.status == 204 && preflight.headers["access-control-allow-origin"] == page)
        }
    }
}
