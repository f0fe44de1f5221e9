import JSONValues
import LuaSandbox
import SimulationTestKit
import Testing
import Wire
import World

@testable import Simulation

@Suite("A VM that is almost full is replaced by a new one [2-lua-api 1, 3-game-folder]") struct RebuildTests {
    static func map(_ more: [String: String] = [:]) throws -> TestMap {
        let files = [
            "game.yaml": "tick_rate: 16\nsend_rate: 16\nmemory_limit_mb: 1\n",
            "components/hp.lua": "--@type number\n--@default 5\n",
            "components/bag.lua": "--@type json\n--@default {\"slots\":[1,2]}\n",
            "events/fill/index.lua": "--@public true\n" + TestMap.fill,
            "events/fill/timeout.lua": "return 0",
            "events/say/index.lua":
                "--@public true\n--@param text string = \"hi\"\nsaid = (said or 0) + 1 print(say(data.text), said)",
            "events/say/timeout.lua": "return 0.5", "events/bad/index.lua": "--@public true\nerror('no')",
            "events/bad/timeout.lua": "return 0", "lib/say.lua": "function say(text) return text .. '!' end",
        ]
        let map = try TestMap(files.merging(more) { $1 }, records: ScriptWorld.records)
        map.join(1)
        return map
    }

    @Test("above nine tenths of its memory after a collection: a new VM, a line in the log, and scripts run again")
    func crowded() throws {
        let map = try Self.map()
        try map.command(1, "say")
        try map.command(1, "say")
        map.advance(1)
        #expect(map.prints == ["hi!\t1", "hi!\t2"])
        let alive = map.simulation.host.sandbox.usedBytes
        try map.fillUntilRebuilt()
        #expect(map.rebuilds == 1)
        #expect(map.log.contains { $0.contains("of 1.0 MiB") && $0.contains("8 scripts and 1 libs") }, "\(map.log)")
        #expect(map.simulation.host.sandbox.usedBytes < alive * 2)
        map.advance(1)
        try map.command(1, "say")
        #expect(map.prints.last == "hi!\t1", "libs run again, globals start over")
    }

    @Test("the world is untouched: values, tables, pending events with data and time, sessions")
    func world() throws {
        let map = try Self.map()
        let world = map.simulation.world
        let player = try #require(map.entity("players_1"))
        try world.setComponent("hp", to: .number(2), of: player)
        try map.command(1, "say")
        try world.addEvent(group: "say", data: ["text": .string("later")], to: player, now: map.now)
        map.tick()
        let due = try #require(world.record(of: player)?.events["say"])
        try map.fillUntilRebuilt()
        #expect(world.record(of: player)?.components["hp"] == .number(2))
        #expect(world.record(of: player)?.components["bag"] == .object(["slots": .array([.number(1), .number(2)])]))
        #expect(world.record(of: player)?.events["say"] == due)
        map.advance(1)
        #expect(map.prints.last == "later!\t1")
        #expect(map.players[1]?.kinds.contains(.refused) == false)
        map.script(
            "local s = object.components.bag.slots s[3] = 9 print(table.concat(s, ' '), s == object.components.bag.slots)"
        )
        #expect(map.prints.last == "1 2 9\ttrue")
        #expect(map.players[1]?.world["players_1"]?["components"]?.object?["bag"]?.object?["slots"]?.array?.count == 3)
    }

    @Test("costs and errors go on, and a suspended script stays suspended")
    func costs() throws {
        let map = try Self.map()
        for _ in 0..<CompiledScript.maxFailuresInARow { try map.command(1, "bad") }
        let before = map.simulation.scriptTimings
        #expect(before.first { $0.script == "events/bad/index.lua" }?.isSuspended == true)
        try map.fillUntilRebuilt()
        for old in before where !old.script.hasPrefix("events/fill/") {
            #expect(map.simulation.scriptTimings.first { $0.script == old.script } == old)
        }
        #expect((map.simulation.scriptTimings.first { $0.script == "events/fill/index.lua" }?.current.count ?? 0) > 0)
    }

    @Test("a new VM runs the former version of a file that is broken now")
    func brokenFile() throws {
        let map = try Self.map()
        try map.change(["events/say/index.lua": "--@public true\nprint('v2' .. )", "lib/say.lua": "if then"])
        let errors = map.errors.count
        try map.fillUntilRebuilt()
        try map.command(1, "say")
        #expect(map.prints == ["hi!\t1"])
        #expect(map.errors.dropFirst(errors).allSatisfy { !$0.contains("say") }, "complained about once: \(map.errors)")
    }

    @Test("libs that fill a VM by themselves cause a new VM every ten seconds, not every tick")
    func crowdedByLibs() throws {
        let map = try Self.map(["lib/hoard.lua": TestMap.fill])
        for _ in 0..<64 { try map.command(1, "fill") }
        #expect(map.rebuilds <= 1)
        for _ in 0..<16 * 20 { try map.command(1, "fill") }
        #expect((1...3).contains(map.rebuilds))
    }

    @Test("a profile goes on, and keeps the former VM's samples")
    func profile() throws {
        let map = try Self.map(["events/spin/index.lua": "--@public true\nwhile true do end"])
        map.simulation.startSampling()
        try map.command(1, "spin")
        let old = map.simulation.host
        map.simulation.rebuild(because: "of a test")
        #expect(map.simulation.host !== old)
        map.advance(1)
        try map.command(1, "spin")
        let samples = map.simulation.stopSampling()
        // 50 ms twice, a sample every quarter of a millisecond: 400 are due, and a machine under load gets half of
        // them.
        #expect((samples["events/spin/index.lua:main:2"] ?? 0) > 200, "\(samples)")
    }

    @Test("a changed memory_limit_mb takes effect at the reload, in a new VM")
    func memoryLimit() throws {
        let map = try Self.map()
        try map.change(["game.yaml": "tick_rate: 16\nsend_rate: 16\nmemory_limit_mb: 2\n"])
        #expect(map.simulation.host.sandbox.memoryLimitBytes == 2 << 20)
        #expect(map.log.contains { $0.contains("memory_limit_mb is 2 now") })
        try map.command(1, "fill")
        try map.command(1, "say")
        #expect(map.errors == [])
        #expect(map.prints == ["hi!\t1"])
    }
}
