import Foundation
import GameFolder
import GameRules
import JSONValues
import SimulationTestKit
import Testing
import Wire
import World

@testable import Simulation

/// Whatever happens on a map, deltas applied to a snapshot give what a fresh snapshot gives [`1-protocol.md` 4.2].
@Suite("Clients agree with the map") struct AgreementTests {
    static let files = [
        "maps/1-field.tmj": TestMaps.walled, "maps/2-cave.tmj": TestMaps.empty,
        "components/hp.lua":
            "--@type number\n--@default 5\nif value and value < 0 then object.events.add('chaos', 'die') end",
        "components/title.lua": "--@type string\n", "components/list.lua": "--@type json\n--@default []\n",
        "components/bag.lua": "--@type json\n--@default {\"slots\":[],\"gold\":0}\n--@private\n",
        "components/purse.lua": "--@type number\n--@default 1\n--@private\n--@entities players\n",
        "events/move/to.lua":
            "--@public true\n--@param x number\n--@param y number = 3\nobject.x = data.x\nobject.y = data.y\nobject.action = 'walk'",
        "events/move/timeout.lua": "return 0.1",
        "events/chaos/die.lua": "object.remove()", "events/chaos/timeout.lua": "return math.random() / 4",
        "events/chaos/index.lua": """
        --@public true
        --@param what number = 1
        local all = keys(objects)
        local function any() return objects[all[math.random(#all)]] end
        for i = 1, math.random(6) do
          local o = any()
          local dice = math.random(22)
          if o == nil then dice = 0 end
          if dice == 1 then o.x = math.random(9) o.x = o.x
          elseif dice == 2 then o.action = ({'walk', 'idle', 'hit'})[math.random(3)]
          elseif dice == 3 then o.side = ({'up', 'down', 'up\\n"ü'})[math.random(3)]
          elseif dice == 4 then o.components.hp = math.random(5) - 1
          elseif dice == 5 then o.components.hp = nil
          elseif dice == 6 then o.components.title = ({'a', 'b', ''})[math.random(3)]
          elseif dice == 7 then o.components.title = nil
          elseif dice == 8 then table.insert(o.components.list, math.random(3))
          elseif dice == 9 then table.remove(o.components.list)
          elseif dice == 10 then o.components.list = {}
          elseif dice == 11 then o.components.bag.gold = math.random(3)
          elseif dice == 12 then o.components.bag.slots[#o.components.bag.slots + 1] = {n = i}
          elseif dice == 13 then o.components.bag = {gold = 1, slots = {}}
          elseif dice == 14 and o.type == 'players' then o.components.purse = o.components.purse + 1
          elseif dice == 15 then objects.add('enemys', {prefab = 'goblin', components = {hp = i}})
          elseif dice == 16 and o.type ~= 'players' then o.remove()
          elseif dice == 17 and o.type ~= 'players' and math.random(4) == 1 then o.map_id = 2
          elseif dice == 18 then o.events.add('chaos', 'index', {what = i})
          elseif dice == 19 then o.events.remove('chaos')
          elseif dice == 20 then o.events.move.time = math.random(3)
          elseif dice == 21 then o.sort = o.sort + 1 o.sort = o.sort - 1
          elseif dice == 22 and o.type == 'objects' then local n = objects.add('objects', {}) n.remove()
          end
        end
        if math.random(3) == 1 then object.events.add('chaos', 'index', {what = math.random(2)}) end
        """,
    ]

    /// Changes to the game's files that a run may make and undo.
    static let reloads: [[String: String?]] = [
        ["components/hp.lua": nil], ["components/hp.lua": "--@type string\n"],
        ["components/hp.lua": files["components/hp.lua"]],
        ["components/mana.lua": "--@type number\n--@default 2\n"], ["components/mana.lua": nil],
        ["components/bag.lua": "--@type json\n--@default {\"slots\":[],\"gold\":0}\n"],
        ["components/bag.lua": files["components/bag.lua"]], ["events/aaa/index.lua": "return"],
        ["events/aaa/index.lua": nil],
        ["events/move/timeout.lua": "--@share owner\nreturn 0.1"], ["events/move/timeout.lua": "return 0.1"],
        ["events/chaos/timeout.lua": "--@share none\nreturn math.random() / 4"],
        ["events/chaos/timeout.lua": files["events/chaos/timeout.lua"]],
        ["events/move/to.lua": "if then"], ["events/move/to.lua": files["events/move/to.lua"]],
        ["components/title.lua": "--@type string\n--@entities enemys, objects\n"],
        ["components/title.lua": files["components/title.lua"]], ["maps/1-field.tmj": TestMaps.empty],
        ["maps/1-field.tmj": TestMaps.walled],
    ]

    @Test(
        "after any sequence of commands, scripts, joins, leaves and reloads",
        arguments: UInt64(1)...(ProcessInfo.processInfo.environment["PERIGEE_FUZZ"] == nil ? 24 : 600))
    func anySequence(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let decimals = ["", "position_decimals: 0\n", "position_decimals: 1\n"][Int(seed % 3)]
        let rates = (seed % 2 == 0 ? "tick_rate: 60\nsend_rate: 60\n" : "tick_rate: 60\nsend_rate: 20\n") + decimals
        // In every second pair of runs each client sees only a part of the map.
        let view = seed % 4 < 2 ? "" : "view_distance: 3\n"
        let map = try TestMap(
            Self.files.merging(["game.yaml": rates + view]) { $1 }, seed: seed, records: ScriptWorld.records,
            builtInEvents: seed % 3 == 0)
        map.compressed = [2, 3]
        map.compact = [1, 4]
        map.patched = [3, 4]
        map.lanes = [2, 4]
        var online: Set<Int> = []
        var compared = 0
        for step in 0..<400 {
            switch Int.random(in: 0..<20, using: &random) {
            case 0:
                let id = Int.random(in: 1...4, using: &random)
                map.join(id)
                online.insert(id)
            case 1:
                guard online.count > 1, let id = online.sorted().randomElement(using: &random) else { break }
                online.remove(id)
                map.tick([.leave(try #require(map.players[id]).id)])
            case 2:
                guard let id = online.sorted().randomElement(using: &random) else { break }
                map.tick([.reload(try #require(map.players[id]).id)])
            case 3 where step % 12 == 0 && !view.isEmpty:
                let distance = Int.random(in: 0...5, using: &random)
                try map.change(["game.yaml": "\(rates)view_distance: \(distance)\n"])
            case 3 where step % 12 == 4:
                let other = Int.random(in: 0...2, using: &random)
                let settings = "\(rates)\(view)".replacing(decimals, with: "")
                try map.change(["game.yaml": settings + "position_decimals: \(other)\n"])
            case 3:
                guard step % 4 == 0, let change = Self.reloads.randomElement(using: &random) else { break }
                let known = Set(map.simulation.game.scripts.map(\.path))
                let isGone = change.contains { $0.value == nil && !known.contains($0.key) }
                if !isGone { try map.change(change) }
            case 4...10:
                guard let id = online.sorted().randomElement(using: &random) else { break }
                try map.command(id, "chaos", ["what": .number(Double(step))], id: Double(step))
            case 11...14:
                guard let id = online.sorted().randomElement(using: &random) else { break }
                let x = Double(Int.random(in: 0...36, using: &random)) / 4
                try map.command(id, "move/to", ["x": .number(x)], id: Double(step))
            default: map.tick()
            }
            compared += map.expectAgreement("seed \(seed), step \(step)")
        }
        #expect(compared > 50)
        map.simulation.save()
        for entity in map.simulation.world.entities {
            let record = try #require(map.simulation.world.record(of: entity))
            let saved = map.store.saved[record.key].map(Self.withoutNull)
            #expect(saved == Self.withoutNull(record), "the store has every entity as it is, \(record.key)")
        }
    }
}

extension AgreementTests {
    /// A component that a reload added and that has no default need not be stored: an absent component equals a null.
    private static func withoutNull(_ record: EntityRecord) -> EntityRecord {
        var record = record
        record.components = record.components.filter { $0.value != .null }
        return record
    }
}

extension TestMap {
    /// Expects every client on the map to hold the world of a fresh snapshot, once all changes were sent.
    ///
    /// - Parameter comment: The moment of the comparison, for the failure's message.
    /// - Returns: How many clients were compared.
    func expectAgreement(_ comment: String) -> Int {
        guard !simulation.world.hasChanges, !simulation.needsSnapshots else { return 0 }
        var compared = 0
        let snapshots = SnapshotEncoder()
        snapshots.encode(simulation.world)
        for session in simulation.sessions.inOrder.compactMap({ simulation.sessions[place: $0] })
        where !session.wantsSnapshot {
            guard let player = session.sink as? TestPlayer else { continue }
            let fresh = TestPlayer(id: 0, playerID: 0)
            let head = SnapshotEncoder.Head(
                tick: simulation.tickNumber, time: now, tickRate: 60, sides: Array("{\"center\":1}".utf8),
                timeouts: Array("{}".utf8))
            fresh.deliver(snapshots.message(simulation.world, slot: session.entity.slot, head: head))
            compared += 1
            let known = player.world
            let expected = fresh.world.filter { isInView($0.key, of: session.entity) }
            guard known != expected else { continue }
            for key in Set(known.keys).union(expected.keys).sorted() where known[key] != expected[key] {
                Issue.record(
                    """
                    \(comment): players_\(player.playerID) has of \(key)
                    \(known[key].map { JSON.object($0).text } ?? "nothing"), should have
                    \(expected[key].map { JSON.object($0).text } ?? "nothing")
                    """)
            }
        }
        return compared
    }

    /// Whether a player's client receives an entity: without `view_distance` all, else what is within that distance.
    private func isInView(_ key: String, of player: EntityHandle) -> Bool {
        let radius = Double(simulation.game.configuration.viewDistance)
        guard radius > 0, let entity = entity(key), entity != player else { return true }
        let (other, own) = (
            simulation.world.sentForm(slot: Int(entity.slot)), simulation.world.sentForm(slot: Int(player.slot))
        )
        let (dx, dy) = (other.x - own.x, other.y - own.y)
        return dx * dx + dy * dy <= radius * radius
    }
}
