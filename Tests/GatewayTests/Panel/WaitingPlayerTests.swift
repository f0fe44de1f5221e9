import JSONValues
import NIOCore
import OperatorAPI
import Storage
import Testing
import Wire
import World

@testable import AdminPanel
@testable import Gateway

@Suite("What operators do about players who wait for a map", .timeLimit(.minutes(5))) struct WaitingPlayerTests {
    /// The clients of these tests answer no pings, while the passwords of all other tests are hashed.
    private static func patient(_ configuration: inout GatewayConfiguration) {
        configuration.session.deadAfter = .hours(1)
    }

    /// The next message that tells no reason for waiting: those come again when the map's reason changes, which a
    /// waiting session looks at every second.
    private static func message(afterWaiting client: TestClient) async throws -> JSONObject {
        while true {
            let message = try await client.message()
            if message["action"] != .string("pause") { return message }
        }
    }

    @Test("a player who waits for a stopped map counts as connected, and comes no more when its sessions are ended")
    func waiting() async throws {
        let map = StubMap(mapID: 4)
        try await PanelServer.run(maps: [map], configure: Self.patient) { panel in
            let client = try await panel.server.join(try await panel.server.register("ann"))
            let (_, sink) = try #require(await map.nextJoin())
            map.isReady = false
            map.deliver(.paused(mapID: 4, reason: "an operator stopped it"), "{}", to: sink)
            #expect(try await client.message()["action"] == .string("pause"))
            let online = try #require(panel.players.registry[1])
            #expect(online.isWaiting && online.mapID == 4 && panel.players.registry.count == 1)
            #expect(panel.players.registry.online == [online])
            #expect(try await panel.players.currentMap(of: 1) == nil)
            let found = try await panel.send("GET", "/server/api/v1/players?state=offline", bearer: panel.key)
            #expect(found.json["players"] == .array([]), "\(found.text)")
            let shown = try await panel.send("GET", "/server/api/v1/players/1", bearer: panel.key)
            #expect(shown.json["online"]?.object?["waiting"] == .bool(true), "\(shown.text)")
            let page = try await panel.send("GET", PlayersPage.page(of: 1), bearer: panel.key)
            #expect(page.text.contains("waits for map 4"), "\(page.text)")
            let reset = try await panel.send(
                .resetPlayerPassword, ["id": "1"], bearer: panel.key, json: #"{"password":"fresh-secret"}"#)
            #expect(reset.status == 200, "\(reset.text)")
            #expect(try await Self.message(afterWaiting: client)["code"] == .string("ended"))
            #expect(try await client.closeCode() == 1008)
            #expect(panel.players.registry[1] == nil)
            map.isReady = true
            _ = try await panel.server.join(try await panel.server.register("bob"))
            #expect(await map.nextJoin()?.0.key == EntityKey(.players, 2))
        }
    }

    @Test("a ban of addresses closes the connections of those who wait, and a move takes a waiting player along")
    func waitingElsewhere() async throws {
        let (closed, target) = (StubMap(mapID: 4), StubMap(mapID: 3))
        try await PanelServer.run(maps: [closed, target], configure: Self.patient) { panel in
            closed.isReady = false
            var clients: [TestClient] = []
            for (id, name) in [(1, "ann"), (2, "bob")] {
                let login = try await panel.server.register(name)
                panel.server.writeBehind.save(
                    [EntityRecord(key: EntityKey(.players, id), login: name, mapID: 4)], removed: [])
                let client = try await panel.server.client()
                #expect(try await client.handshake(TestServer.query(login)).status == 101)
                #expect(try await client.message()["action"] == .string("pause"))
                clients.append(client)
            }
            let move = try await panel.send(
                .movePlayer, ["id": "1"], bearer: panel.key, json: #"{"map_id":3}"#)
            #expect(move.status == 200, "\(move.text)")
            #expect(try await Self.message(afterWaiting: clients[0])["action"] == .string("load/index"))
            #expect(await target.nextJoin()?.0.key == EntityKey(.players, 1))
            let ban = try await panel.send(
                .createBan, bearer: panel.key, json: #"{"addresses":"127.0.0.1","reason":"r"}"#)
            #expect(ban.json["closed"] == .number(2), "\(ban.text)")
            for client in clients {
                #expect(try await Self.message(afterWaiting: client)["code"] == .string("banned"))
            }
        }
    }
}
