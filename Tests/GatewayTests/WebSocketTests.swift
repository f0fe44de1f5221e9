import ClientFrames
import JSONValues
import NIOCore
import Simulation
import Storage
import Testing
import Wire
import World

@testable import Gateway

@Suite("WebSocket connections [M2.4, 1-protocol 2, 3]", .timeLimit(.minutes(5))) struct WebSocketTests {
    @Test("log in, connect, get the world, send a command [M2.5]")
    func wholeWay() async throws {
        try await TestServer.run { server in
            let client = try await server.join(try await server.register("Ann"))
            let (record, sink) = try #require(await server.map.nextJoin())
            #expect(record.key == EntityKey(.players, 1))
            #expect(record.login == "Ann")
            #expect(record.mapID == 4)
            try await client.send(text: #"{"action":"move/to","command_id":5,"x":3}"#)
            #expect(
                await server.map.nextCommand()
                    == Command(group: "move", event: "to", commandID: 5, parameters: ["x": .number(3)]))
            server.map.deliver(.delta, #"{"tick":1}"#, to: sink)
            #expect(try await client.message()["tick"] == .number(1))
            try await client.close()
            #expect(await server.map.nextLeave() == sink.id)
        }
    }

    @Test("binary frames and fragmented messages are accepted too (checklist 14)")
    func binaryAndFragments() async throws {
        try await TestServer.run { server in
            let client = try await server.join(try await server.register("Ann"))
            try await client.send(ClientFrame.make(2, Array(#"{"action":"a"}"#.utf8)))
            #expect(await server.map.nextCommand()?.action == "a/index")
            try await client.send(ClientFrame.make(1, Array(#"{"action"#.utf8), isFinal: false))
            try await client.send(ClientFrame.make(9, [1, 2]))
            try await client.send(ClientFrame.make(0, Array(#"":"b"}"#.utf8)))
            #expect(await server.map.nextCommand()?.action == "b/index")
            #expect(try await client.frame() == .pong([1, 2]))
        }
    }

    @Test("a refused command gets an answer and never reaches the map; the connection stays open (1-protocol 3)")
    func refusals() async throws {
        try await TestServer.run { server in
            let client = try await server.join(try await server.register("Ann"))
            try await client.send(text: "not json")
            #expect(try await client.message()["code"] == .string("bad_json"))
            try await client.send(text: #"{"action":7,"command_id":3}"#)
            let second = try await client.message()
            #expect(second["code"] == .string("bad_command"))
            #expect(second["command_id"] == .number(3))
            try await client.send(text: #"{"action":"ok"}"#)
            #expect(await server.map.nextCommand()?.group == "ok")
        }
    }

    @Test("a command to a full map gets the answer busy, and the connection stays open")
    func busy() async throws {
        try await TestServer.run { server in
            let client = try await server.join(try await server.register("Ann"))
            server.map.isFull = true
            try await client.send(text: #"{"action":"a","command_id":1}"#)
            #expect(try await client.message()["code"] == .string("busy"))
            server.map.isFull = false
            try await client.send(text: #"{"action":"b"}"#)
            #expect(await server.map.nextCommand()?.group == "b")
        }
    }

    @Test("twenty refusals in ten seconds close the connection with 1008")
    func tooManyRefusals() async throws {
        try await TestServer.run { server in
            let client = try await server.join(try await server.register("Ann"))
            for _ in 0..<20 { try await client.send(text: "x") }
            #expect(try await client.closeCode() == 1008)
            #expect(await server.map.nextLeave() != nil)
        }
    }

    @Test("refusals by the map count as well")
    func mapRefusals() async throws {
        try await TestServer.run { server in
            let client = try await server.join(try await server.register("Ann"))
            let (_, sink) = try #require(await server.map.nextJoin())
            for _ in 0..<20 { server.map.deliver(.error, #"{"code":"not_public"}"#, to: sink) }
            #expect(try await client.closeCode() == 1008)
        }
    }

    @Test("a flood is rate limited and closed")
    func flood() async throws {
        try await TestServer.run { server in
            let client = try await server.join(try await server.register("Ann"))
            // All at once: the limit grows with the time that passes between them.
            let command = ClientFrame.make(1, Array(#"{"action":"a"}"#.utf8))
            try await client.send((0..<400).flatMap { _ in command })
            var sawLimit = false
            while case .text(let text) = try await client.frame() {
                sawLimit = sawLimit || text.contains("rate_limited")
            }
            #expect(sawLimit)
            #expect(await server.map.nextLeave() != nil)
        }
    }

    @Test(
        "broken frames close the connection with the code of their mistake",
        arguments: [
            ([0x81, 0x01, 0x41], 1002), ([0xC1, 0x80, 0, 0, 0, 0], 1002), ([0x83, 0x80, 0, 0, 0, 0], 1002),
            ([0x81, 0xFE, 0xFF, 0xFF, 0, 0, 0, 0], 1009), ([0x81, 0xFF, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0], 1009),
            ([0x81, 0x82, 0, 0, 0, 0, 0xC3, 0x28], 1007), ([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xED], 1002),
        ] as [([UInt8], UInt16)])
    func brokenFraming(bytes: [UInt8], code: UInt16) async throws {
        try await TestServer.run { server in
            let client = try await server.join(try await server.register("Ann"))
            try await client.send(bytes)
            #expect(try await client.closeCode() == code)
            #expect(try await client.frame() == .end)
            #expect(await server.map.nextLeave() != nil)
        }
    }

    @Test("a close is answered with the same code")
    func close() async throws {
        try await TestServer.run { server in
            let client = try await server.join(try await server.register("Ann"))
            try await client.send(ClientFrame.make(8, [0x0F, 0xA3, 0x62, 0x79, 0x65]))
            #expect(try await client.frame() == .close(4003, ""))
            #expect(try await client.frame() == .end)
            #expect(await server.map.nextLeave() != nil)
        }
    }

    @Test("a replaced session gets the reason and is closed with 4001 (checklist 9)")
    func replaced() async throws {
        try await TestServer.run { server in
            let client = try await server.join(try await server.register("Ann"))
            let (_, sink) = try #require(await server.map.nextJoin())
            server.map.deliver(.replaced, #"{"error":"…","code":"replaced"}"#, to: sink)
            #expect(try await client.message()["code"] == .string("replaced"))
            #expect(try await client.frame() == .close(4001, "this player has connected again"))
        }
    }

    @Test("a session on another map is replaced too")
    func replacedAcrossMaps() async throws {
        try await TestServer.run(maps: [StubMap(mapID: 4), StubMap(mapID: 9)]) { server in
            let first = try await server.join(try await server.register("Ann"))
            server.writeBehind.save([EntityRecord(key: EntityKey(.players, 1), mapID: 9)], removed: [])
            let reply = try await server.client().request(
                "POST", "/server/sign/auth/", headers: LoginTests.form, body: "login=Ann&password=secret")
            _ = try await server.join(reply.json)
            #expect(try await first.message()["code"] == .string("replaced"))
            #expect(try await first.closeCode() == 4001)
            #expect(await server.maps[1].nextJoin() != nil)
        }
    }

    @Test("a player who moved gets address and token of the other map (1-protocol 4.3)")
    func reconnect() async throws {
        try await TestServer.run(maps: [StubMap(mapID: 4), StubMap(mapID: 9)]) { server in
            let client = try await server.join(try await server.register("Ann"))
            let (record, sink) = try #require(await server.map.nextJoin())
            var moved = record
            moved.mapID = 9
            server.writeBehind.save([moved], removed: [])
            server.map.deliver(.reconnect(mapID: 9), "", to: sink)
            let message = try await client.message()
            #expect(message["action"] == .string("reconnect"))
            #expect(message["map_id"] == .number(9))
            #expect(message["host"] == .string("localhost"))
            #expect(message["port"] == .number(80))
            let query = TestServer.query(["id": .number(1), "token": message["token"] ?? .null])
            let second = try await server.client()
            #expect(try await second.handshake(query).status == 101)
            #expect(await server.maps[1].nextJoin()?.0 == moved)
            try await second.close()
        }
    }

    @Test("load/index asks the map for a snapshot [M3.6]")
    func reload() async throws {
        try await TestServer.run { server in
            let client = try await server.join(try await server.register("Ann"))
            let (_, sink) = try #require(await server.map.nextJoin())
            try await client.send(text: #"{"action":"load"}"#)
            #expect(await server.map.nextReload() == sink.id)
        }
    }

    @Test("a graceful stop closes sessions with 1001, and silent connections too")
    func gracefulStop() async throws {
        var client: TestClient?
        var silent: TestClient?
        try await TestServer.run { server in
            client = try await server.join(try await server.register("Ann"))
            silent = try await server.client()
            let idle = try await server.client()
            #expect(try await idle.request("GET", "/health").status == 200)
            silent = idle
        }
        #expect(try await client?.message()["code"] == .string("shutting_down"))
        #expect(try await client?.closeCode() == 1001)
        #expect(try await silent?.readToEnd() == "")
    }

    @Test(
        "garbage gets 400 or a close, and the server goes on",
        arguments: [
            "\u{0}\u{0}\u{0}\u{0}\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}",
            "POST /server/sign/auth/ HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
            "POST /server/sign/auth/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            "GET /%zz/%00?%=& HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            "GET /play/../../etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        ])
    func garbage(text: String) async throws {
        // The time for a request stays as it is: a shorter one would also end the good request of a slow machine.
        try await TestServer.run { server in
            let client = try await server.client()
            try await client.send(text.utf8)
            let answer = try await client.readToEnd()
            #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 4") || answer.hasPrefix("HTTP/1.0 4"), "\(answer)")
            #expect(try await server.client().request("GET", "/health").status == 200)
        }
    }
}
