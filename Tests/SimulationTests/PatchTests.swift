import Foundation
import JSONValues
import NIOCore
import SimulationTestKit
import Testing
import Wire
import World

@testable import Simulation

/// Row 48: "Nested JSON components sent partially"; `TestPlayer` applies patches as `docs/protocol.md` says.
@Suite("Patches of json components [1-protocol 7, L-DLT-4]") struct PatchTests {
    private static let slots =
        #"{slots = {{id = "sword", n = 1}, {id = "bow", n = 1}, {id = "arrow", n = 40}}, gold = 7}"#
    private static let files = [
        "maps/1-field.tmj": TestMaps.empty, "maps/2-cave.tmj": TestMaps.empty,
        "components/chest.lua": "--@type json\n",
        "components/bag.lua": "--@type json\n--@private\n--@entities players\n",
        "components/hp.lua": "--@type number\n--@default 5\n",
        "events/testing/index.lua": "local nothing\n",
    ]

    /// Player 1 takes patches, player 2 does not; both have a chest and a bag.
    private static func map(_ settings: String = "") throws -> TestMap {
        let map = try TestMap(
            files.merging(["game.yaml": "tick_rate: 60\nsend_rate: 60\n" + settings]) { $1 })
        map.patched = [1, 3, 4]
        map.join(1)
        map.join(2)
        map.script("for _, p in pairs(objects) do p.components.chest = \(slots) p.components.bag = \(slots) end")
        return map
    }

    private static func record(_ player: TestPlayer, _ key: String = "players_1") throws -> JSONObject {
        let records = player.messages.last?.object?["players"]?.array ?? []
        return try #require(records.compactMap(\.object).first { $0["key"] == .string(key) })
    }

    @Test("a changed number of a slot is a path and a value; other clients get the whole component")
    func example() throws {
        let map = try Self.map()
        map.script("object.components.chest.slots[3].n = 5")
        let (patched, whole) = (try #require(map.players[1]), try #require(map.players[2]))
        let patches = try Self.record(patched)["component_patches"]
        #expect(patches?.text == #"{"chest":[["slots",2,"n"],5]}"#)
        #expect(try Self.record(patched)["components"] == nil)
        let record = try Self.record(whole)
        #expect(record["component_patches"] == nil)
        #expect(record["components"]?.object?["chest"]?.object?["slots"]?.array?.count == 3)
        #expect(patched.world == whole.world.merging(patched.world) { $1 })
        #expect(map.expectAgreement("after the patch") == 2)
    }

    @Test("a private component is patched for its owner alone, once, also when the message is compressed or compact")
    func privateComponent() throws {
        for settings in ["", "view_distance: 8\n"] {
            let map = try Self.map(settings)
            map.compressed = [3]
            map.compact = [4]
            map.join(3)
            map.join(4)
            map.script(
                "for _, p in pairs(objects) do p.components.chest = \(Self.slots) p.components.bag = \(Self.slots) end")
            // Both are lists that get shorter: applied twice, they would lose too much.
            map.script(
                """
                for _, p in pairs(objects) do
                  table.remove(p.components.bag.slots, 1) table.remove(p.components.chest.slots, 2) p.components.hp = 4
                end
                """)
            #expect(map.expectAgreement("\(settings) after the removals") == 4)
            for id in [1, 3, 4] {
                let player = try #require(map.players[id])
                #expect(player.patchedComponents > 4, "player \(id)")
                #expect(player.world["players_2"]?["components"]?.object?["bag"] == nil)
            }
            #expect(map.players[2]?.patchedComponents == 0)
        }
    }

    @Test("a component that becomes nil, was nil, or became a list is sent whole; so is one that is short")
    func whole() throws {
        let map = try Self.map()
        let player = try #require(map.players[1])
        let before = player.patchedComponents
        for value in ["nil", Self.slots, "{1, 2, 3}", "{}", "{a = 1}", "{a = 2}", "nil"] {
            map.script("object.components.chest = \(value)")
            #expect(map.expectAgreement(value) == 2)
        }
        #expect(player.patchedComponents == before)
    }

    @Test("a table that is at two places, and one that moves, are patched at each of them")
    func shared() throws {
        let map = try Self.map()
        for line in [
            "local c = object.components.chest c.first = c.slots[1] c.also = c.slots[1]",
            "local c = object.components.chest c.slots[1].n = 77",
            "local c = object.components.chest c.first.n = 78",
            "local c = object.components.chest local s = table.remove(c.slots, 1) c.slots[#c.slots + 1] = s s.n = 79",
            "object.components.bag.slots[2] = object.components.chest.slots[2]",
            "object.components.bag.slots[2].n = 80",
            "local c = object.components.chest c.slots[10] = {n = 1}",
            "local c = object.components.chest c.slots[10] = nil",
            "object.components.chest['1'] = 1 object.components.chest[2] = 2",
            "object.components.chest['q\"\\\\\\n'] = {x = 1}", "object.components.chest['q\"\\\\\\n'].x = 2",
        ] {
            map.script(line)
            #expect(map.expectAgreement(line) == 2)
        }
        #expect(map.errors == [])
        #expect((map.players[1]?.patchedComponents ?? 0) > 5)
    }

    @Test("an entity that comes into view has whole components, and patches from then on")
    func entering() throws {
        let map = try Self.map("view_distance: 4\n")
        map.script(
            "local e = objects.add('enemys', {prefab = 'orc', x = 20, y = 5}) e.components.chest = \(Self.slots)")
        let player = try #require(map.players[1])
        #expect(player.world["enemys_1"] == nil && !player.world.keys.contains { $0.hasPrefix("enemys") })
        map.script(
            "for _, e in pairs(objects) do if e.type == 'enemys' then e.x = 6 e.components.chest.slots[3].n = 9 end end"
        )
        let enemies = try #require(player.messages.last?.object?["enemys"]?.array)
        #expect(enemies.first?.object?["type"] != nil && enemies.first?.object?["component_patches"] == nil)
        map.script("for _, e in pairs(objects) do if e.type == 'enemys' then e.components.chest.slots[3].n = 8 end end")
        #expect(player.messages.last?.object?["enemys"]?.array?.first?.object?["component_patches"] != nil)
        #expect(map.expectAgreement("at the end") == 2)
    }

    @Test("what is seen of a neighbouring map is patched too")
    func border() throws {
        let map = try Self.map("border_view: 3\nneighbours:\n  1: {right: 2}\n")
        func strip(_ n: Double) -> BorderStrip {
            let slots = (0..<8).map { JSON.object(["id": .string("thing \($0)"), "n": .number($0 == 5 ? n : 1)]) }
            let record = EntityRecord(
                key: EntityKey(.enemys, 900), mapID: 2, prefab: "orc", x: 41, y: 3,
                components: ["chest": .object(["slots": .array(slots)])])
            return BorderStrip(mapID: 2, records: [record], actionAssigned: [])
        }
        map.tick([.border(strip(1))])
        map.tick([.border(strip(2))])
        let player = try #require(map.players[1])
        let seen = player.messages.last?.object?["enemys"]?.array?.first?.object
        #expect(seen?["component_patches"]?.text == #"{"chest":[["slots",5,"n"],2]}"#)
        #expect(player.world["enemys_900"] == map.players[2]?.world["enemys_900"])
    }

    @Test("clients that do not ask get the same bytes, whether or not another client takes patches")
    func others() throws {
        for settings in ["", "view_distance: 9\n"] {
            let logs = try ([[], [1]] as [Set<Int>]).map { patched in
                let map = try TestMap(
                    Self.files.merging(["game.yaml": "tick_rate: 60\nsend_rate: 60\n" + settings]) { $1 })
                map.patched = patched
                map.compressed = [2]
                for id in 1...3 { map.join(id) }
                var log: [[UInt8]] = []
                for n in 0..<30 {
                    let value = n % 5 == 0 ? Self.slots : "object.components.chest"
                    let deliveries = map.script(
                        """
                        object.components.chest = \(value) object.components.chest.gold = \(n)
                        if \(n) == 3 then object.components.bag = \(Self.slots) end
                        if \(n) > 3 then object.components.bag.gold = \(n) object.x = \(n) / 8 end
                        """)
                    for delivery in deliveries where delivery.sink.playerID != 1 {
                        log.append(delivery.message.bytes)
                        if let packed = delivery.message.deflated?.payload {
                            log.append(Array(packed.readableBytesView))
                        }
                    }
                }
                #expect((map.players[1]?.patchedComponents ?? 0) > (patched.isEmpty ? -1 : 20))
                return log
            }
            #expect(logs[0].count > 59 && logs[0] == logs[1], "\(settings)")
        }
    }

    @Test("without patches to tell, clients of both kinds share one message")
    func sharing() throws {
        let map = try Self.map()
        let deliveries = map.script("object.components.hp = 3")
        #expect(deliveries.count == 2)
        let starts = deliveries.map { $0.message.withPayload { $0.baseAddress } }
        #expect(starts[0] == starts[1])
    }
}
