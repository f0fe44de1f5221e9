import Foundation
import GameFolder
import JSONValues
import NIOCore
import NIOPosix
import OperatorAPI
import Simulation
import SimulationTestKit
import Storage
import Testing
import World

@testable import AdminPanel
@testable import Gateway

@Suite("The page and API of a map's world (M0.11, row 149)", .timeLimit(.minutes(5))) struct WorldPanelTests {
    static let files = [
        "game.yaml": "event_time_limit_ms: 20\n",
        "maps/4-field.tmj":
            #"{"type":"map","orientation":"orthogonal","infinite":false,"width":10,"height":10,"tilewidth":32,"#
            + #""tileheight":32,"tilesets":[],"layers":[]}"#,
        "components/max_hp.lua": "--@type number\n--@default 5\nprint('trigger', value)",
        "components/name.lua": "--@type string\n",
        "events/walk/index.lua": "--@param x number\n--@param fast boolean = false\nobject.x = data.x",
        "events/walk/timeout.lua": "return 100",
    ]

    /// Runs a body against a panel with a map that ticks on a loop of its own.
    static func run(entities: Int = 3, _ body: (PanelServer, MapActor) async throws -> Void) async throws {
        let folder = try TestMap(files, mapID: 4)
        // Time stands still: no test here needs it to go on.
        let clock = SimulationClock(now: { 1_700_000_000 }, monotonic: { 0 })
        let map = try MapActor(
            game: folder.simulation.game, mapID: 4, seed: 7,
            surroundings: .init(ids: TestIDs(), persistence: folder.store, router: folder.store, clock: clock),
            eventLoop: MultiThreadedEventLoopGroup.singleton.next())
        await map.start(
            with: (1...entities).map {
                EntityRecord(
                    key: EntityKey(.animals, $0), mapID: 4, prefab: $0 == 1 ? "<b>sheep</b>" : "cow", x: Double($0),
                    y: 2, components: ["name": .string("animal \($0)")])
            })
        try await PanelServer.run(maps: [StubMap(mapID: 4, actor: map), StubMap(mapID: 3)]) { try await body($0, map) }
        await map.stop()
    }

    static let changes: [Endpoint] = [.addEntity, .changeEntity, .removeEntity, .queueEvent, .removeEvent]

    static func path(_ endpoint: Endpoint, _ key: String = "animals_1", group: String = "walk") -> String {
        endpoint.path(["map_id": "4", "key": key, "group": group])
    }

    @Test("entities are searched by key, type, prefab, name and component value, and paged")
    func search() async throws {
        try await Self.run(entities: 30) { panel, _ in
            let viewer = try await panel.user(.viewer)
            func keys(_ query: String) async throws -> [String] {
                let reply = try await panel.send("GET", Self.path(.listEntities) + "?" + query, as: viewer)
                #expect(reply.status == 200, "\(reply.text)")
                return reply.json["entities"]?.array?.compactMap { $0.object?["key"]?.string } ?? []
            }
            #expect(try await keys("limit=3&offset=27") == ["animals_28", "animals_29", "animals_30"])
            #expect(try await keys("text=ANIMALS_7") == ["animals_7"])
            #expect(try await keys("text=sheep") == ["animals_1"])
            #expect(try await keys("text=animal%2012") == ["animals_12"])
            #expect(try await keys("text=name%3Danimal%2025") == ["animals_25"])
            #expect(try await keys("text=max_hp%3D5").count == 30)
            #expect(try await keys("text=max_hp%3D6").isEmpty)
            #expect(try await keys("type=players").isEmpty)
            for wrong in ["type=sheep", "limit=0", "limit=201", "offset=-1", "offset=x"] {
                let reply = try await panel.send("GET", Self.path(.listEntities) + "?" + wrong, as: viewer)
                #expect(reply.status == 400, "\(wrong): \(reply.text)")
            }
        }
    }

    @Test("positions, geometry, schema and one entity are answered; names of the game keep their spelling")
    func reading() async throws {
        try await Self.run { panel, _ in
            let viewer = try await panel.user(.viewer)
            let positions = try await panel.send(.showPositions, ["map_id": "4"], as: viewer)
            #expect(positions.json["total"] == .number(3) && positions.json["shown"] == .number(3))
            #expect(
                positions.json["places"]?.object?["animals"]
                    == .array([1, 1, 2, 2, 2, 2, 3, 3, 2].map { JSON.number($0) }))
            let geometry = try await panel.send(.showGeometry, ["map_id": "4"], as: viewer)
            #expect(geometry.json["width"] == .number(2))
            let tag = try #require(geometry.headers["etag"])
            let again = try await panel.send(
                .showGeometry, ["map_id": "4"], as: viewer, headers: ["If-None-Match": tag])
            #expect(again.status == 304)
            let schema = try await panel.send(.showSchema, ["map_id": "4"], as: viewer)
            for text in [#""name":"max_hp""#, #""type":"number""#, #""default":5"#, "objects.add", #""name":"walk""#] {
                #expect(schema.text.contains(text), "\(schema.text)")
            }
            let entity = try await panel.send("GET", Self.path(.showEntity), as: viewer)
            #expect(entity.json["components"]?.object?["max_hp"] == .number(5))
            #expect(entity.json["fields"]?.object?["prefab"] == .string("<b>sheep</b>"))
            for (path, status) in [
                (Self.path(.showEntity, "animals_99"), 404), (Self.path(.showEntity, "cow"), 404),
                (Endpoint.showPositions.path(["map_id": "3"]), 404), (Endpoint.showSchema.path(["map_id": "77"]), 404),
            ] { #expect(try await panel.send("GET", path, as: viewer).status == status) }
        }
    }

    @Test("an editor's changes are made and audited with before and after; wrong ones are refused with the field")
    func changes() async throws {
        try await Self.run { panel, _ in
            let editor = try await panel.user(.editor)
            func send(_ endpoint: Endpoint, _ json: String? = nil, key: String = "animals_1") async throws
                -> TestClient.Reply
            {
                try await panel.send(endpoint.method.rawValue, Self.path(endpoint, key), as: editor, json: json)
            }
            let changed = try await send(.changeEntity, #"{"fields":{"x":4},"components":{"max_hp":7}}"#)
            #expect(changed.status == 200, "\(changed.text)")
            var entry = try #require(try await panel.audit(refused: false).first)
            #expect(
                entry.action == "entities.change" && entry.actor == "editor" && entry.target == "animals_1 on map 4")
            #expect(entry.before == #"{"x":1,"components":{"max_hp":5}}"#)
            #expect(entry.after == #"{"x":4,"components":{"max_hp":7}}"#)
            _ = try await send(.changeEntity, #"{"components":{"max_hp":"7"}}"#)
            entry = try #require(try await panel.audit(refused: true).first)
            #expect(entry.target == "animals_1 on map 4" && entry.refusal?.contains("takes a number") == true)
            for (json, status, field) in [
                (#"{"components":{"max_hp":"7"}}"#, 400, "components.max_hp"), (#"{"fields":{"x":1000}}"#, 400, "x"),
                (#"{"fields":[]}"#, 400, "fields"), (#"{"x":3}"#, 400, nil), ("[]", 400, nil), ("{", 400, nil),
                ("{}", 400, nil),
            ] as [(String, Int, String?)] {
                let reply = try await send(.changeEntity, json)
                #expect(reply.status == status && reply.json["field"]?.string == field, "\(json): \(reply.text)")
            }
            #expect(try await send(.changeEntity, #"{"fields":{"x":3}}"#, key: "animals_99").status == 404)

            let added = try await send(.addEntity, #"{"type":"objects","prefab":"chest","x":2,"y":3}"#)
            let key = try #require(added.json["key"]?.string)
            entry = try #require(try await panel.audit(refused: false).first)
            #expect(entry.action == "entities.add" && entry.target == "\(key) on map 4" && entry.before == nil)
            #expect(entry.after?.contains(#""prefab":"chest""#) == true)
            #expect(try await send(.addEntity, #"{"type":"players"}"#).status == 400)
            #expect(try await send(.addEntity, #"{"type":"cow"}"#).json["field"] == .string("type"))

            let queued = try await send(.queueEvent, #"{"group":"walk","data":{"x":6}}"#)
            #expect(queued.status == 200, "\(queued.text)")
            #expect(queued.json["after"]?.object?["data"]?.object?["fast"] == .bool(false))
            let wrong = try await send(.queueEvent, #"{"group":"walk","data":{"x":"6"}}"#)
            #expect(wrong.status == 400 && wrong.json["field"] == .string("data.x"))
            // The first one ran at once, and made the group wait.
            #expect(try await send(.removeEvent).status == 409)
            #expect(try await send(.queueEvent, #"{"group":"walk","data":{"x":5}}"#).status == 200)
            #expect(try await send(.removeEvent).status == 200)
            entry = try #require(try await panel.audit(refused: false).first)
            #expect(entry.action == "entities.remove_event" && entry.before?.contains(#""x":5"#) == true)

            #expect(try await send(.removeEntity, key: key).status == 200)
            entry = try #require(try await panel.audit(refused: false).first)
            #expect(entry.action == "entities.remove" && entry.before?.contains("chest") == true && entry.after == nil)
            #expect(try await send(.removeEntity, key: key).status == 404)
        }
    }

    @Test("a viewer's changes and snippets are refused, and nothing happens")
    func roles() async throws {
        try await Self.run { panel, map in
            let viewer = try await panel.user(.viewer)
            for endpoint in Self.changes + [.tryConsole, .runConsole] {
                let reply = try await panel.send(
                    endpoint.method.rawValue, Self.path(endpoint), as: viewer,
                    json: #"{"source":"objects.remove('animals_1')"}"#)
                #expect(reply.status == 403)
                #expect(try await panel.audit(refused: true).first?.action == endpoint.name)
            }
            #expect(await map.entity(EntityKey(.animals, 1)) != nil)
            let page = try await panel.send("GET", "/admin/world?map=4", as: viewer)
            #expect(page.text.contains("data-editor=\"false\"") && !page.text.contains("id=\"console\""))
        }
    }

    @Test("the console tries a snippet on a copy, then runs it on the map; both are audited with the text")
    func console() async throws {
        try await Self.run { panel, map in
            let editor = try await panel.user(.editor)
            func send(_ endpoint: Endpoint, _ source: String, _ object: String = "animals_1") async throws
                -> TestClient.Reply
            {
                let body = JSON.object(["source": .string(source), "object": .string(object)]).text
                return try await panel.send(endpoint.method.rawValue, Self.path(endpoint), as: editor, json: body)
            }
            let source = "object.components.max_hp = 1 print('done')"
            let trial = try await send(.tryConsole, source)
            #expect(trial.status == 200, "\(trial.text)")
            #expect(
                trial.text.contains(
                    #"{"change":"changed","key":"animals_1","field":"components.max_hp","before":5,"after":1}"#))
            #expect(await map.entity(EntityKey(.animals, 1))?.record.components["max_hp"] == .number(5))
            let run = try await send(.runConsole, source)
            #expect(
                run.json["ok"] == .bool(true) && run.text.contains(#""output":["trigger\t1","done"]"#), "\(run.text)")
            #expect(await map.entity(EntityKey(.animals, 1))?.record.components["max_hp"] == .number(1))
            let entries = try await panel.audit(refused: false).prefix(2)
            #expect(entries.map(\.action) == ["console.run", "console.try"])
            #expect(entries.allSatisfy { $0.after?.contains("object.components.max_hp = 1") == true })
            for (endpoint, source, kind) in [
                (.tryConsole, "while true do end", "time_limit"), (.runConsole, "while true do end", "time_limit"),
                (.runConsole, "x =", "syntax"), (.tryConsole, "error('no')", "runtime"),
            ] as [(Endpoint, String, String)] {
                let reply = try await send(endpoint, source)
                #expect(reply.status == 200 && reply.json["ok"] == .bool(false))
                #expect(reply.json["error"]?.object?["kind"] == .string(kind), "\(reply.text)")
            }
            let long = "-- \(String(repeating: "x", count: 50_000))\nerror('at the end')"
            #expect(try await send(.runConsole, long).status == 200)
            let entry = try #require(try await panel.audit(refused: false).first?.after)
            #expect(entry.hasPrefix(#"{"error":""#), "\(entry.prefix(200))")
            #expect(entry.hasSuffix(#"error('at the end')"}"#), "an operator's Lua is in the log to its end")
            #expect(try await send(.runConsole, "  \n").json["field"] == .string("source"))
            #expect(try await send(.runConsole, "return 1", "animals_99").status == 404)
            #expect(try await send(.tryConsole, "return 1", "animals_99").status == 404)
            #expect(try await send(.tryConsole, "return 1", "cow").json["field"] == .string("object"))
        }
    }

    @Test("a change that the map does not begin in time is refused, and not made later")
    func late() async throws {
        let folder = try TestMap(Self.files, mapID: 4)
        let map = try MapActor(
            game: folder.simulation.game, mapID: 4, seed: 7,
            surroundings: .init(
                ids: TestIDs(), persistence: folder.store, router: folder.store,
                clock: SimulationClock(now: { 1_700_000_000 }, monotonic: { 0 })),
            eventLoop: MultiThreadedEventLoopGroup.singleton.next())
        try await PanelServer.run(maps: [StubMap(mapID: 4, actor: map)], patience: .zero) { panel in
            let editor = try await panel.user(.editor)
            // The map has not started, so it does not tick.
            for (endpoint, json) in [
                (.changeEntity, #"{"fields":{"x":4}}"#), (.runConsole, #"{"source":"objects.animals_1.y = 4"}"#),
            ] as [(Endpoint, String)] {
                let reply = try await panel.send(
                    endpoint.method.rawValue, Self.path(endpoint), as: editor, json: json)
                #expect(reply.status == 503 && reply.json["code"] == .string("map_hangs"), "\(reply.text)")
                let entry = try await panel.audit(refused: true).first
                #expect(entry?.action == endpoint.name && entry?.refusal?.contains("Nothing was changed") == true)
            }
            await map.start(with: [EntityRecord(key: EntityKey(.animals, 1), mapID: 4, x: 1, y: 2)])
            let change = OperatorChange.set(
                EntityKey(.animals, 1), fields: ["sort": .number(1)], components: [:])
            guard case .done = await map.edit(change, within: .seconds(60), runtime: .zero) else {
                Issue.record("the map does not make changes")
                return
            }
            let record = await map.entity(EntityKey(.animals, 1))?.record
            #expect(record?.x == 1 && record?.y == 2)
        }
        await map.stop()
    }

    @Test("a map that ended says so")
    func ended() async throws {
        try await Self.run { panel, map in
            let editor = try await panel.user(.editor)
            await map.stop()
            let reply = try await panel.send(
                "PATCH", Self.path(.changeEntity), as: editor, json: #"{"fields":{"x":4}}"#)
            #expect(reply.status == 503 && reply.json["code"] == .string("map_closed"))
        }
    }
}
