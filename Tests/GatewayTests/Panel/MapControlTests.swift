import JSONValues
import OperatorAPI
import Storage
import Synchronization
import Testing
import World

@testable import AdminPanel
@testable import Gateway
@testable import Simulation

@Suite("Maps as servers in the panel [M7, M7.1, M7.6-M7.8; rows 152, 162, 165, 167]", .timeLimit(.minutes(5)))
struct MapControlTests {
    private static func census() -> MapCensus {
        var census = MapCensus()
        census.players = [
            .init(
                id: 3, login: "bob <b>", x: 1, y: 2, ping: 0.05, idle: 3, bytes: 77, sentBytes: 2048, receivedBytes: 99)
        ]
        census.matching = 1
        census.types = [
            .init(kind: .enemys, prefab: "goblin", count: 12), .init(kind: .enemys, prefab: "orc", count: 2),
        ]
        return census
    }

    private func run(_ body: (PanelServer, StubGame, StubMap) async throws -> Void) async throws {
        let map = StubMap(mapID: 4)
        map.census.withLock { $0 = Self.census() }
        let game = StubGame([map, StubMap(mapID: 3)], closed: [5: "maps/5.tmj: <not> JSON"])
        try await PanelServer.run(control: game) { try await body($0, game, map) }
    }

    @Test("the list has each map with address, state and figures; what it could do is 1,000 / p95")
    func list() async throws {
        try await run { panel, game, map in
            let viewer = try await panel.user(.viewer)
            map.statusTime.withLock { $0.time = panel.server.clock.source.unix() }
            let answer = try await panel.send(.listMaps, as: viewer)
            let maps = try #require(answer.array).compactMap(\.object)
            #expect(maps.map { $0["id"] } == [.number(3), .number(4), .number(5)])
            #expect(
                maps.map { $0["state"]?.string } == ["asleep", "running", "closed"],
                "3 has not published its status lately")
            #expect(maps[2]["reason"] == .string("maps/5.tmj: <not> JSON") && maps[2]["figures"] == nil)
            let figures = try #require(maps[1]["figures"]?.object)
            #expect(figures["fps"] == .number(60) && figures["target_fps"] == .number(60))
            #expect(figures["tick_p95_ms"] == .number(2) && figures["possible_fps"] == .number(500))
            #expect(maps[0]["figures"]?.object?["fps"] == .number(0), "who sleeps has no ticks")
            #expect(maps[1]["address"]?.string?.hasPrefix("localhost") == true)
            map.isReady = false
            map.lateness = .seconds(7)
            let late = try await panel.send(.listMaps, as: viewer).array?[1].object
            #expect(late?["state"] == .string("hanging") && late?["reason"] == .string("it has not ticked for 7 s"))
            map.lateness = .zero
            #expect(
                try await panel.send(.listMaps, as: viewer).array?[1].object?["state"] == .string("starting"))
        }
    }

    @Test("the page shows all maps, and a closed or stopped one too; names are text, and a viewer gets no buttons")
    func page() async throws {
        try await run { panel, game, _ in
            let editor = try await panel.user(.editor)
            let page = try await panel.send("GET", "/admin?map=4", as: editor).text
            #expect(page.contains("Meadow &lt;4&gt;") && page.contains("bob &lt;b&gt;") && !page.contains("bob <b>"))
            #expect(page.contains("maps/5.tmj: &lt;not&gt; JSON"))
            #expect(page.contains("data-history=\"/server/api/v1/maps/4/history\""))
            #expect(page.contains("data-call=\"POST /server/api/v1/maps/4/stop\""))
            #expect(page.contains("data-kick=\"players_3\""))
            #expect(page.contains("<option value=\"enemys\">enemys (14)</option>"))
            try await game.stopMap(4)
            let stopped = try await panel.send("GET", "/admin?map=4", as: editor).text
            #expect(stopped.contains("data-call=\"POST /server/api/v1/maps/4/start\""))
            #expect(stopped.contains("an operator stopped it") && !stopped.contains("/maps/4/stop\""))
            let viewer = try await panel.user(.viewer)
            for path in ["/admin?map=3", "/admin?map=4", "/server/api/v1/maps", "/server/api/v1/maps/3"] {
                let seen = try await panel.send("GET", path, as: viewer, headers: ["Accept": "text/html"])
                #expect(seen.status == 200 && !seen.text.contains("data-call=\"POST"), "\(path)")
                #expect(!seen.text.contains("data-kick") && !seen.text.contains("data-dialog"), "\(path)")
            }
        }
    }

    @Test("one map is shown with its players, who can be searched, and its types")
    func show() async throws {
        try await run { panel, _, _ in
            let viewer = try await panel.user(.viewer)
            let answer = try await panel.send("GET", "/server/api/v1/maps/4?types=1", as: viewer)
            let player = answer.json["players"]?.array?.first?.object
            #expect(player?["key"] == .string("players_3") && player?["login"] == .string("bob <b>"))
            #expect(player?["bytes"] == .number(77) && player?["sent_bytes"] == .number(2048))
            #expect(answer.json["types"]?.array?.count == 2 && answer.json["matching"] == .number(1))
            let none = try await panel.send("GET", "/server/api/v1/maps/4?player=zoe", as: viewer)
            #expect(none.json["players"] == .array([]) && none.json["types"] == nil)
            for id in ["9", "x", "04"] {
                #expect(try await panel.send("GET", "/server/api/v1/maps/\(id)", as: viewer).status == 404)
            }
        }
    }

    @Test("an editor stops, starts and restarts a map; the audit log has the state before and after")
    func stopAndStart() async throws {
        try await run { panel, game, map in
            let editor = try await panel.user(.editor)
            let stop = try await panel.send(.stopMap, ["map_id": "4"], as: editor)
            #expect(stop.json["state"] == .string("stopped") && game.handles.map(\.mapID) == [3])
            let entry = try #require(try await panel.audit().first)
            #expect(entry.action == "maps.stop" && entry.target == "map 4" && entry.actor == "editor")
            #expect(entry.before == #"{"state":"asleep","players":1}"# && entry.after == #"{"state":"stopped"}"#)
            for endpoint in [Endpoint.kickPlayer, .announceOnMap, .rerunSpawnHooks] {
                let body = #"{"player":"bob <b>","text":"x"}"#
                let reply = try await panel.send(endpoint, ["map_id": "4"], as: editor, json: body)
                #expect(reply.status == 409 && reply.json["code"] == .string("not_running"), "\(reply.text)")
                #expect(reply.json["error"]?.string?.contains("an operator stopped it") == true)
            }
            #expect(try await panel.send(.startMap, ["map_id": "4"], as: editor).json["state"] == .string("asleep"))
            #expect(try await panel.send(.restartMap, ["map_id": "4"], as: editor).status == 200)
            #expect(game.handles.map(\.mapID) == [3, 4])
            for (failure, status, code) in [
                (MapControlError.unknown(9), 404, "not_found"), (.running(4), 409, "running"),
                (.stopped(4), 409, "stopped"), (.closed(4, reason: "r"), 409, "closed"), (.hangs(4), 503, "map_hangs"),
                (.failed(4, reason: "r"), 500, "not_started"),
            ] {
                game.failure = failure
                let reply = try await panel.send(.stopMap, ["map_id": "4"], as: editor)
                #expect(reply.status == status && reply.json["code"] == .string(code))
                #expect(reply.json["error"] == .string("\(failure)"))
                #expect(try await panel.audit().first?.refusal == "\(failure)")
            }
        }
    }

    @Test("a key means the player who has it, also when the login of another player looks like it")
    func kickByKey() async throws {
        try await run { panel, _, map in
            map.census.withLock { census in
                var (other, meant) = (census.players[0], census.players[0])
                (other.id, other.login) = (3, "players_12")
                (meant.id, meant.login) = (12, "zoe")
                census.players = [other, meant]
            }
            let editor = try await panel.user(.editor)
            for (player, id) in [("players_12", 12), ("players_3", 3), ("zoe", 12)] {
                let answer = try await panel.send(
                    .kickPlayer, ["map_id": "4"], as: editor, json: #"{"player":"\#(player)"}"#)
                #expect(answer.json["kicked"] == .string("players_\(id)"), "\(answer.text)")
                #expect(await map.nextAction() == .kick(player: id, reason: "an operator ended your session"))
            }
        }
    }

    @Test("a player is kicked by login or key, with a reason; who is not there is not found")
    func kick() async throws {
        try await run { panel, _, map in
            let editor = try await panel.user(.editor)
            let answer = try await panel.send(
                .kickPlayer, ["map_id": "4"], as: editor, json: #"{"player":"bob <b>","reason":" be nice "}"#)
            #expect(answer.json["kicked"] == .string("players_3"), "\(answer.text)")
            #expect(await map.nextAction() == .kick(player: 3, reason: "be nice"))
            let entry = try #require(try await panel.audit().first)
            #expect(entry.action == "players.kick" && entry.target == "players_3 on map 4")
            #expect(entry.after == #"{"reason":"be nice"}"#)
            _ = try await panel.send(.kickPlayer, ["map_id": "4"], as: editor, json: #"{"player":"players_3"}"#)
            #expect(await map.nextAction() == .kick(player: 3, reason: "an operator ended your session"))
            let unknown = try await panel.send(.kickPlayer, ["map_id": "4"], as: editor, json: #"{"player":"zoe"}"#)
            #expect(unknown.status == 404 && unknown.json["field"] == .string("player"))
            #expect(unknown.json["error"]?.string?.contains("\"zoe\" is connected to map 4") == true)
            let refusal = try #require(try await panel.audit(refused: true).first)
            #expect(refusal.action == "players.kick" && refusal.target == "map 4")
            for entry in try await panel.audit() {
                #expect(!"\(entry)".contains("zoe") && !"\(entry)".contains("bob"), "the log has no logins of players")
            }
            let long = String(repeating: "x", count: 301)
            let refused = try await panel.send(
                .kickPlayer, ["map_id": "4"], as: editor, json: #"{"player":"bob <b>","reason":"\#(long)"}"#)
            #expect(refused.status == 400 && refused.json["field"] == .string("reason"))
            #expect(refused.json["error"] == .string("reason has 301 bytes; at most 300 are allowed"))
            #expect(try await panel.send(.kickPlayer, ["map_id": "4"], as: editor, json: "{}").status == 400)
            #expect(
                try await panel.send(.kickPlayer, ["map_id": "9"], as: editor, json: #"{"player":"b"}"#).status == 404)
        }
    }

    @Test("a message goes to one map or to all; an empty one and one that is too long are refused with the limit")
    func message() async throws {
        try await run { panel, game, map in
            let editor = try await panel.user(.editor)
            let body = #"{"text":"<b>now</b>"}"#
            let one = try await panel.send(.announceOnMap, ["map_id": "4"], as: editor, json: body)
            #expect(one.json["players"] == .number(1), "\(one.text)")
            #expect(await map.nextAction() == .announce(text: "<b>now</b>"))
            #expect(try await panel.audit().first?.target == "map 4")
            let all = try await panel.send(.announce, as: editor, json: body)
            #expect(all.json["players"] == .number(2))
            for case let map as StubMap in game.handles {
                #expect(await map.nextAction() == .announce(text: "<b>now</b>"))
            }
            let entry = try #require(try await panel.audit().first)
            #expect(entry.target == "all maps" && entry.after == #"{"text":"<b>now</b>"}"#)
            let long = String(repeating: "\u{e4}", count: 501)
            for (text, message) in [
                ("", "text is empty; write what the players are to read"),
                (" \\n ", "text is empty; write what the players are to read"),
                (long, "text has 1002 bytes; at most 1000 are allowed"),
            ] {
                for endpoint in [Endpoint.announce, .announceOnMap] {
                    let reply = try await panel.send(
                        endpoint, ["map_id": "4"], as: editor, json: #"{"text":"\#(text)"}"#)
                    #expect(reply.status == 400 && reply.json["field"] == .string("text"))
                    #expect(reply.json["error"] == .string(message))
                }
            }
        }
    }

    @Test("spawn hooks run again for all entities, a kind, or a type that is there")
    func hooks() async throws {
        try await run { panel, _, map in
            let editor = try await panel.user(.editor)
            func send(_ body: String) async throws -> TestClient.Reply {
                try await panel.send(.rerunSpawnHooks, ["map_id": "4"], as: editor, json: body)
            }
            #expect(try await send(#"{"kind":"enemys","prefab":"goblin"}"#).json["entities"] == .number(12))
            #expect(await map.nextAction() == .rerunSpawnHooks(.init(kind: .enemys, prefab: "goblin")))
            #expect(try await panel.audit().first?.after == #"{"kind":"enemys","prefab":"goblin"}"#)
            #expect(try await send(#"{"kind":"","prefab":""}"#).json["entities"] == .number(14))
            #expect(await map.nextAction() == .rerunSpawnHooks(.init()))
            let wrong = try await send(#"{"kind":"sheep"}"#)
            #expect(wrong.status == 400 && wrong.json["field"] == .string("kind"))
            #expect(wrong.json["error"]?.string?.contains("players, enemys, animals, objects") == true)
            let none = try await send(#"{"prefab":"dragon"}"#)
            #expect(none.status == 404 && none.json["error"]?.string?.contains("enemys goblin, enemys orc") == true)
        }
    }

    @Test("a map that does not answer delays no operator for long, and is refused")
    func silence() async throws {
        let map = StubMap(mapID: 4)
        map.isSilent = true
        try await PanelServer.run(patience: .milliseconds(1), control: StubGame([map])) { panel in
            let editor = try await panel.user(.editor)
            let shown = try await panel.send(.showMap, ["map_id": "4"], as: editor)
            #expect(shown.status == 200 && shown.json["players"] == .array([]))
            for (endpoint, body) in [(Endpoint.kickPlayer, #"{"player":"bob"}"#), (.rerunSpawnHooks, "{}")] {
                let reply = try await panel.send(endpoint, ["map_id": "4"], as: editor, json: body)
                #expect(reply.status == 503 && reply.json["code"] == .string("map_hangs"))
            }
        }
    }
}

extension TestClient.Reply {
    /// The body, when it is a JSON array.
    fileprivate var array: [JSON]? { (try? JSON(parsing: body))?.array }
}
