import LuaSandbox
import SimulationTestKit
import Testing
import World

@testable import Simulation

@Suite("A long text from a script costs no more than the part of it that is kept [2-lua-api 1: limits]")
struct LongTextTests {
    /// One character of two megabytes.
    static let long = "local s = ('\\204\\129'):rep(1048576) "

    static func map() throws -> TestMap {
        let map = try TestMap([
            "components/list.lua": "--@type json\n--@default []\n", "components/note.lua": "--@type string\n",
            "events/testing/index.lua": "local nothing\n",
            "game.yaml": "event_time_limit_ms: 10000\n",
        ])
        map.join(1)
        return map
    }

    @Test("what is logged is cut by its bytes", arguments: ["print(s)", "error(s)", "error({s})", "print(s, s)"])
    func logged(_ script: String) throws {
        let map = try Self.map()
        map.script(Self.long + script)
        let log = map.simulation.log
        let texts = log.lines.map(\.text) + log.errors.flatMap { [$0.message, $0.traceback ?? ""] }
        #expect(!texts.isEmpty)
        #expect(texts.allSatisfy { $0.utf8.count <= MapLog.maxText + 3 })
    }

    @Test(
        "names are cut for the look-up and in messages",
        arguments: [
            "return objects[s]", "objects[s] = nil", "return object.events[s]", "object.events.add(s)",
            "object.events.add('testing', s)", "object.events.remove(s)", "return object.components[s]",
            "object.components[s] = 1", "return object[s]", "object[s] = 1", "return map[s]", "map.event(s, 'a', 'b')",
            "map.event(1, s, 'b')", "objects.add(s, {})", "objects.near(1, 1, 1, s)", "objects.count(s)",
            "object.events.testing[s] = 1", "object.events.testing.action = s", "objects.add('objects', {[s] = 1})",
            "objects.add('objects', {components = {[s] = 1}})", "object.events.add('testing', nil, {[s] = 1})",
        ])
    func names(_ script: String) throws {
        let map = try Self.map()
        map.script(Self.long + script)
        #expect(map.errors.allSatisfy { $0.utf8.count < 2000 }, "\(map.errors.map(\.utf8.count))")
    }

    @Test(
        "values that are too long are refused",
        arguments: [
            "object.side = s", "object.components.note = s", "object.components.list = {s}",
            "object.components.list[1] = s", "object.components.list[s] = 1",
            "object.events.add('testing', nil, {text = s})",
        ])
    func values(_ script: String) throws {
        let map = try Self.map()
        map.script(Self.long + script)
        #expect(map.errors.count == 1)
        #expect(map.errors.allSatisfy { $0.utf8.count < 500 }, "\(map.errors)")
    }

    @Test("a trigger's returned text is cut in the message")
    func returned() throws {
        let map = try TestMap([
            "components/a.lua": "--@type number\n\(Self.long) return s", "events/testing/index.lua": "local nothing\n",
            "components/b.lua": "--@type number\nlocal t = {} for i = 1, 10000 do t[i] = i end return t",
        ])
        map.join(1)
        map.script("object.components.a = 1 object.components.b = 1")
        #expect(map.errors.count == 2)
        #expect(map.errors.allSatisfy { $0.utf8.count <= MapLog.maxText + 3 })
    }
}
