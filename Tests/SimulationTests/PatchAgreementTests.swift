import Foundation
import JSONValues
import SimulationTestKit
import Testing
import Wire
import World

@testable import Simulation

/// Row 48: "Nested JSON components sent partially". Whatever scripts do with tables, a client that applies patches has
/// what a fresh snapshot has.
@Suite("Clients that take patches agree with the map [1-protocol 7, L-DLT-4]") struct PatchAgreementTests {
    private static let files = [
        "maps/1-field.tmj": TestMaps.empty,
        "components/chest.lua": "--@type json\n--@default {\"slots\":[],\"gold\":0}\n",
        "components/list.lua": "--@type json\n", "components/hp.lua": "--@type number\n--@default 5\n",
        "components/bag.lua": "--@type json\n--@default []\n--@private\n--@entities players\n",
        "events/mess/timeout.lua": "return 0\n",
        "events/mess/index.lua": """
        --@public true
        local all = keys(objects)
        local names = {'a', 'b', 'slots', '1', '3', 'q"\\\\\\n', 'é', 'e\u{301}', 'the_long_name_of_a_key'}
        local texts = {'', 'x', 'a "quoted"\\n[{,:', string.rep('y', 40)}
        local function value(depth)
          local dice = math.random(depth < 4 and 12 or 6)
          if dice == 1 then return nil
          elseif dice == 2 then return math.random(3)
          elseif dice == 3 then return math.random() * 1e6
          elseif dice == 4 then return texts[math.random(#texts)]
          elseif dice == 5 then return math.random(2) == 1
          elseif dice == 6 then return {}
          elseif dice < 10 then
            local list = {}
            for i = 1, math.random(6) do list[i] = value(depth + 1) end
            return list
          end
          local object = {}
          for i = 1, math.random(5) do object[names[math.random(#names)]] = value(depth + 1) end
          return object
        end
        local function component()
          local owner = objects[all[math.random(#all)]]
          local name = ({'chest', 'list', owner.type == 'players' and 'bag' or 'chest'})[math.random(3)]
          return owner.components, name
        end
        local function inside()
          local components, name = component()
          local here = components[name]
          while here and math.random(3) > 1 do
            local tables = {}
            for _, v in pairs(here) do if type(v) == 'table' then tables[#tables + 1] = v end end
            if #tables == 0 then break end
            here = tables[math.random(#tables)]
          end
          return here
        end
        for i = 1, math.random(5) do
          local t = inside()
          local key = t and (math.random(3) == 1 and math.random(#t + 2) or names[math.random(#names)])
          local dice = math.random(24)
          if t == nil or dice == 1 then
            local components, name = component()
            components[name] = math.random(4) > 1 and {slots = {value(1), value(1)}, gold = i} or nil
          elseif dice == 2 then
            local components, name = component()
            local new = value(0)
            components[name] = type(new) == 'table' and new or nil
          elseif dice < 9 then t[key] = value(2)
          elseif dice < 12 then t[key] = nil
          elseif dice < 14 then table.insert(t, math.random(#t + 1), value(2) or 0)
          elseif dice < 17 then if #t > 0 then table.remove(t, math.random(#t)) end
          elseif dice == 17 then for k in pairs(t) do t[k] = nil end
          elseif dice == 18 then t[key] = inside()
          elseif dice == 19 then local x = inside() t[key], t.other = x, x
          elseif dice == 20 then t[1], t[2] = t[2], t[1]
          elseif dice == 21 then t.count = (tonumber(t.count) or 0) + 1
          elseif dice == 22 then t[key] = -0.5
          elseif dice == 23 then objects[all[math.random(#all)]].components.hp = i
          else for n = 1, 3 do t[#t + 1] = {n = n} end end
        end
        """,
    ]

    @Test(
        "sets, removals, insertions, moved and shared tables, other kinds of tables, joins and snapshots",
        arguments: UInt64(1)...(ProcessInfo.processInfo.environment["PERIGEE_FUZZ"] == nil ? 8 : 100))
    func anyChange(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let settings =
            "tick_rate: 60\nsend_rate: \(seed % 3 == 0 ? 20 : 60)\n" + (seed % 2 == 0 ? "view_distance: 4\n" : "")
        let animals = (1...4).map {
            EntityRecord(key: EntityKey(.animals, $0), mapID: 1, prefab: "sheep", x: 2 * Double($0), y: 5)
        }
        let map = try TestMap(Self.files.merging(["game.yaml": settings]) { $1 }, seed: seed, records: animals)
        (map.patched, map.compressed, map.compact) = ([1, 2, 3], [2, 5], [3])
        for id in 1...4 { map.join(id) }
        var (compared, patched) = (0, 0)
        for step in 0..<500 {
            switch Int.random(in: 0..<30, using: &random) {
            case 0:
                let id = Int.random(in: 1...5, using: &random)
                patched += map.players[id]?.patchedComponents ?? 0
                map.join(id)
            case 1:
                guard let player = map.players[Int.random(in: 2...5, using: &random)] else { break }
                map.tick([.reload(player.id)])
            case 2, 3:
                let (id, x) = (Int.random(in: 1...4, using: &random), Double(Int.random(in: 0...9, using: &random)))
                guard let animal = map.entity("animals_\(id)") else { break }
                try map.simulation.world.move(animal, toX: x, y: 5)
            default: try map.command(1, "mess")
            }
            compared += map.expectAgreement("seed \(seed), step \(step)")
        }
        #expect(compared > 200)
        patched += map.players.values.reduce(0) { $0 + $1.patchedComponents }
        #expect(patched > 60)
        #expect(Set(map.errors.filter { !$0.contains("too") }) == [], "only limits of tables may be reached")
    }
}
