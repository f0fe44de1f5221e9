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

    @Test("kept tables can't be made larger, and do not count as kept any more when a script puts them back")
    func grown() throws {
        let map = try Self.map()
        map.script(
            """
            held = {}
            for i = 1, 6 do object.components.list = {('x'):rep(100000)} held[i] = object.components.list end
            object.components.list = {}
            print(pcall(function() held[1][2] = 'more' end))
            for i = 1, 200 do object.components.list = held[1] end
            held[1][2] = 'more'
            """)
        #expect(map.errors == [])
        #expect(map.prints.last?.contains("this table is in no component any more") == true, "\(map.prints)")
        let world = map.simulation.world
        #expect(world.weight.kept < 5 * 101_000, "of six, one is part of the component again")
        map.script("held = nil for i = 1, 200 do \(Self.replace) end")
        #expect(map.errors == [])
    }

    @Test("a kept table makes room for itself once, however often it stands in the value that it returns with")
    func returning() throws {
        let map = try Self.map()
        map.script(
            """
            object.components.list = {{('x'):rep(60000)}}
            local e = table.remove(object.components.list, 1)
            while pcall(function()
              local o = objects.add('objects', {x = 1, y = 1})
              o.components.list = {('x'):rep(10000)}
            end) do end
            print(pcall(function() object.components.list = {e, e, e} end))
            print(pcall(function() object.components.list = {e} end))
            """)
        #expect(map.errors == [])
        #expect(map.prints.first?.contains("the map is full") == true, "\(map.prints)")
        #expect(map.prints.last == "true")
        let world = map.simulation.world
        #expect(world.weight.total + world.weight.kept <= world.weight.limit)
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
