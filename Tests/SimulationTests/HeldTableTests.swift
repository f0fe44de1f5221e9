import LuaSandbox
import SimulationTestKit
import Testing
import World

@testable import Simulation

@Suite(
    "Tables of components that scripts hold count as part of the map and go when nothing refers to them [2-lua-api 4]")
struct HeldTableTests {
    static let files = [
        "game.yaml": "world_limit_mb: 1\nevent_time_limit_ms: 10000\n",
        "components/list.lua": "--@type json\n--@default []\n",
        "events/testing/index.lua": "local nothing\n",
    ]

    /// 100 KB each; a map of 1 MiB has room for ten.
    static let replace = "object.components.list = {('x'):rep(100000)} "

    static func map() throws -> TestMap {
        let map = try TestMap(files)
        map.join(1)
        return map
    }

    @Test("a table that is read and then replaced is not kept, also many times in one tick")
    func replaced() throws {
        let map = try Self.map()
        map.script("for i = 1, 200 do local t = object.components.list[1] \(Self.replace) end")
        #expect(map.errors == [])
        let world = map.simulation.world
        #expect(world.weight.total + world.weight.kept <= world.weight.limit)
        #expect(map.simulation.host.nodes.count < 16)
    }

    @Test("without room for the tables that a script keeps its line raises an error; released tables free their room")
    func kept() throws {
        let map = try Self.map()
        map.script("held = {} for i = 1, 200 do held[i] = object.components.list\n\(Self.replace) end")
        let world = map.simulation.world
        #expect(
            world.weight.total + world.weight.kept <= world.weight.limit && world.weight.kept > world.weight.limit / 2)
        let error = try #require(map.simulation.log.errors.first)
        #expect(error.message.contains("tables of components that scripts hold"), "\(error.message)")
        #expect(error.line == 2)
        map.script("held = nil for i = 1, 200 do \(Self.replace) end")
        #expect(map.errors.count == 1)
        #expect(world.weight.kept < world.weight.limit / 2)
    }

    @Test("kept tables that a script makes larger count with their new size")
    func grown() throws {
        let map = try Self.map()
        map.script(
            """
            held = {}
            for i = 1, 20 do object.components.list = {i} held[i] = object.components.list end
            object.components.list = {}
            for i = 1, 20 do held[i][2] = ('x'):rep(100000) end
            """)
        let world = map.simulation.world
        #expect(
            world.weight.total + world.weight.kept <= world.weight.limit && world.weight.kept > world.weight.limit / 2)
        #expect(map.simulation.log.errors.first?.line == 4)
    }

    @Test("the tables of removed entities are not kept, however many a script holds")
    func removed() throws {
        let map = try Self.map()
        map.script(
            """
            held = {}
            for i = 1, 100 do
              local o = objects.add('objects', {x = 1, y = 1})
              o.components.list = {{('x'):rep(100000)}}
              held[i] = o.components.list[1]
              o.remove()
            end
            print(pcall(function() return held[1][1] end))
            """)
        #expect(map.errors == [])
        #expect(map.prints.last?.contains("was removed") == true, "\(map.prints)")
        #expect(map.simulation.world.weight.total < 1000)
    }

    @Test("reading one table twice gives the same Lua value, also after its unused proxies were collected")
    func identity() throws {
        var files = Self.files
        files["events/keep/index.lua"] = """
            if not t then
              object.components.list = {{1}}
              t = object.components.list[1]
            else
              print(t == object.components.list[1], t[1])
              t[1] = 2
              print(object.components.list[1][1])
            end
            """
        let map = try TestMap(files)
        map.join(1)
        let player = try #require(map.entity("players_1"))
        for _ in 1...2 {
            try map.simulation.world.addEvent(group: "keep", to: player, now: map.now)
            map.tick()
            map.simulation.host.sandbox.collectGarbage()
            map.advance(20)
            map.simulation.host.sandbox.collectGarbage()
        }
        #expect(map.prints == ["true\t1", "2"])
        #expect(map.errors == [])
    }

    @Test("a new VM holds none of the former VM's tables")
    func rebuilt() throws {
        let map = try Self.map()
        map.script("held = {} for i = 1, 5 do held[i] = object.components.list \(Self.replace) end")
        map.simulation.rebuild(because: "of the test")
        map.script("for i = 1, 200 do \(Self.replace) end")
        #expect(map.errors == [])
        #expect(map.simulation.host.nodes.count < 8)
    }
}
