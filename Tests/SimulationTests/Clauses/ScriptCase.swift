import Foundation
import ScriptCheck
import SimulationTestKit
import Testing
import World

@testable import Simulation

/// One small Lua script with what it must print and, if it must fail, what it must say.
struct ScriptCase: Sendable, CustomTestStringConvertible {
    let rule: String
    let script: String
    let prints: [String]
    let error: String?

    /// - Parameters:
    ///   - rule: The rule, with its clause.
    ///   - script: The code of an event of `players_1`.
    ///   - prints: The lines it must print.
    ///   - error: What the one error must say, as a part of its text; `nil` when there must be none.
    init(_ rule: String, _ script: String, prints: [String] = [], error: String? = nil) {
        self.rule = rule
        self.script = script
        self.prints = prints
        self.error = error
    }

    var testDescription: String { rule }

    /// Runs the script on a fresh map of ``ScriptWorld`` and checks its output, its errors and what clients hold.
    func check(_ files: [String: String] = [:]) throws {
        let map = try ScriptWorld.map(files)
        map.script(script)
        #expect(map.prints == prints, "\(rule)\n\(script)")
        if let error {
            #expect(map.errors.count == 1, "\(rule)\n\(map.errors)")
            #expect(map.errors.first?.contains(error) == true, "\(rule)\n\(map.errors)")
            // Every error names the script and the line [2-lua-api].
            let entry = map.simulation.log.errors.first
            #expect(entry?.script == "events/testing/index.lua" && entry?.line != nil, "\(rule)")
        } else {
            #expect(map.errors == [], "\(rule)")
            try checkNoFalseAlarm(map)
        }
        // Whatever the script did, clients hold the map's current state.
        _ = map.expectAgreement(rule)
    }

    /// Expects `perigee check` to find no error in a script that ran without one.
    ///
    /// Scripts that use `pcall` or coroutines are skipped: the errors that they catch may be intended.
    private func checkNoFalseAlarm(_ map: TestMap) throws {
        if script.contains("pcall") || script.contains("coroutine") { return }
        let found = try GameCheck(directory: map.directory.path).diagnostics
        let errors = found.filter { $0.severity == .error && $0.file == "events/testing/index.lua" }
        #expect(errors == [], "\(rule)\n\(script)")
    }
}

/// A small game and its entities, the same for every case: `players_1` and `players_2`, two goblins, a sheep and a
/// stone on a map of 10 × 10 tiles with a wall.
enum ScriptWorld {
    static let files = [
        "maps/1-field.tmj": TestMaps.walled, "maps/2-cave.tmj": TestMaps.empty,
        "components/hp.lua": "--@type number\n--@default 5\n",
        "components/mana.lua": "--@type number\n",
        "components/title.lua": "--@type string\n--@default \"novice\"\n",
        "components/bag.lua": "--@type json\n--@default {\"slots\":[],\"gold\":0}\n--@private\n",
        "components/list.lua": "--@type json\n--@default []\n",
        "components/aggro.lua": "--@type number\n--@default 1\n--@entities enemys\n",
        "events/move/to.lua":
            "--@public true\n--@param x number\n--@param y number = 3\nobject.x = data.x\nobject.y = data.y",
        "events/move/up.lua": "--@public true\nobject.y = object.y - 1",
        "events/move/timeout.lua": "--@order 5\nreturn 0.25",
        "events/heal/index.lua":
            "--@param life number = 1\n--@param why string = \"rest\"\nobject.components.hp = object.components.hp + data.life",
        "events/note/index.lua": "--@param text string\n--@param more table = {}\n--@param flag boolean = false\n"
            + "--@param any any = null\nprint(object.key, data.text)",
    ]

    static let records = [
        EntityRecord(key: EntityKey(.enemys, 1), mapID: 1, prefab: "goblin", x: 2, y: 2, created: 1_600_000_000),
        EntityRecord(key: EntityKey(.enemys, 2), mapID: 1, prefab: "goblin", x: 8, y: 8, created: 1_600_000_000),
        EntityRecord(key: EntityKey(.animals, 3), mapID: 1, prefab: "sheep", x: 5, y: 7, created: 1_600_000_000),
        EntityRecord(key: EntityKey(.objects, 4), mapID: 1, prefab: "stone", x: 7, y: 7, created: 1_600_000_000),
    ]

    /// Makes the map, with files added or replaced, and both players on it.
    static func map(_ more: [String: String] = [:]) throws -> TestMap {
        let map = try TestMap(
            files.merging(more) { $1 }.merging(["game.yaml": "tick_rate: 60\nsend_rate: 60\n"]) { old, _ in old },
            records: records)
        map.patched = [1]
        map.join(1)
        map.join(2, x: 6, y: 5)
        #expect(map.errors == [])
        return map
    }
}

extension TestMap {
    /// Runs a script once, as an event of an entity, in a tick of its own.
    ///
    /// - Parameters:
    ///   - source: The code.
    ///   - key: The key of the entity that the event belongs to.
    /// - Returns: The messages of that tick.
    @discardableResult
    func script(_ source: String, as key: String = "players_1") -> [MapSimulation.Delivery] {
        do {
            try change(["events/testing/index.lua": source])
            let owner = try #require(self.entity(key))
            try simulation.world.addEvent(group: "testing", to: owner, now: now)
        } catch {
            Issue.record("\(error)")
        }
        // The group's timeout of one second must be over, or it delays the next script of the same test.
        return tick(seconds: 1.01)
    }

    /// What scripts printed, without the lines that the map itself logged.
    var prints: [String] { simulation.log.lines.filter { $0.script != nil }.map(\.text) }
}

extension TestMaps {
    /// 10 × 10 tiles; a wall at x = 4 from y = 0 to 8, and a closed room of one tile at 9, 0.
    static let walled: String = {
        var tiles = Array(repeating: "0", count: 100)
        for row in 0...8 { tiles[row * 10 + 4] = "1" }
        for index in [8, 18, 19] { tiles[index] = "1" }
        return """
            {"type":"map","version":"1.8","orientation":"orthogonal","infinite":false,"width":10,"height":10,
            "tilewidth":32,"tileheight":32,"tilesets":[],"layers":[{"type":"tilelayer","name":"collision","id":1,
            "width":10,"height":10,"x":0,"y":0,"data":[\(tiles.joined(separator: ","))]}]}
            """
    }()
}
