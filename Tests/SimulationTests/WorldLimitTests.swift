import SimulationTestKit
import Testing
import World

@testable import Simulation

@Suite("world_limit_mb: no script makes a map larger than that [2-lua-api 1: limits]") struct WorldLimitTests {
    /// Scripts that would each fill hundreds of megabytes in one call; some need what earlier scripts made.
    static let greedy = [
        "local s = ('x'):rep(65000) for k, o in pairs(objects) do o.side = s end",
        "local s = ('x'):rep(65000) for k, o in pairs(objects) do o.components.note = s end",
        "local t = {('x'):rep(200000)} for k, o in pairs(objects) do o.components.list = t end",
        "local s = ('x'):rep(200000) for k, o in pairs(objects) do o.components.list[1] = s end",
        "local s = ('x'):rep(200000) for k, o in pairs(objects) do "
            + "o.events.note.resetTime(1000) o.events.add('note', nil, {text = s}) end",
        "local s = ('x'):rep(200000) for k, o in pairs(objects) do "
            + "o.events.note.resetTime(1000) o.events.note.action = 'index' o.events.note.data = {text = s} end",
        "local s = ('x'):rep(65000) for i = 1, 1000 do "
            + "if not objects.add('objects', {x = 1, y = 1, side = s}) then error('full') end end",
    ]

    static let files = [
        "game.yaml": "world_limit_mb: 1\nevent_time_limit_ms: 10000\n",
        "components/note.lua": "--@type string\n--@default \"\"\n",
        "components/list.lua": "--@type json\n--@default []\n",
        "events/note/index.lua": "--@param text string = \"\"\nlocal text = data.text\n",
        "events/note/timeout.lua": "return 1000",
        "events/testing/index.lua": "local nothing\n",
        "spawn/players.lua": "for i = 1, 40 do objects.add('objects', {x = 1, y = 1}) end",
    ]

    @Test("texts, json components and data of events, however they are set", arguments: greedy)
    func greed(_ script: String) throws {
        let map = try TestMap(Self.files)
        map.join(1)
        map.script(script)
        let message = try #require(map.simulation.log.errors.last?.message)
        #expect(message.contains("may weigh about 1 MiB (world_limit_mb)") || message.contains("full"), "\(message)")
        let world = map.simulation.world
        #expect(world.weight.total <= world.weight.limit && world.weight.total > world.weight.limit / 2)
        // The game goes on: when something is removed there is room again.
        map.script(
            "for k, o in pairs(objects) do o.events.note.remove() o.side = '' o.components.note = '' "
                + "o.components.list = {} end")
        #expect(world.weight.total < 1000)
        #expect(map.simulation.log.errors.last?.message == message)
    }

    @Test("messages that scripts send in one tick", arguments: ["object.send(t)", "map.broadcast(t)"])
    func sending(_ call: String) throws {
        let map = try TestMap(Self.files)
        let player = map.join(1)
        map.script("local t = {('x'):rep(100000)} for i = 1, 50 do \(call) end")
        #expect(player.direct.count == 10)
        #expect(
            map.errors.last?.contains(
                "and have sent 979 KiB; this is another 98 KiB"
            )
                == true, "\(map.errors)")
        map.script("local t = {'the next tick'} \(call)")
        #expect(player.direct.count == 11)
    }

    @Test("a reload changes the limit; a map above it may only shrink")
    func reload() throws {
        let map = try TestMap(
            Self.files.merging(["game.yaml": "world_limit_mb: 2\nevent_time_limit_ms: 10000\n"]) { $1 })
        map.join(1)
        map.script(
            "local s = ('x'):rep(60000) local n = 0 for k, o in pairs(objects) do "
                + "n = n + 1 if n <= 25 then o.side = s end end")
        #expect(map.errors == [])
        try map.change(["game.yaml": Self.files["game.yaml"]])
        map.script("for k, o in pairs(objects) do if #o.side < 100 then o.side = 'more than before' end end")
        #expect(map.errors.last?.contains("may weigh about 1 MiB (world_limit_mb)") == true)
        map.script("for k, o in pairs(objects) do if #o.side > 100 then o.side = 'less' end end")
        #expect(map.simulation.log.errorCount == 1)
    }
}
