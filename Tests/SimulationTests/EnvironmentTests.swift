import JSONValues
import SimulationTestKit
import Testing
import World

@testable import Simulation

@Suite("Environments of scripts [3-game-folder, M8.6]") struct EnvironmentTests {
    static let globals =
        "print(type(objects), type(map), type(print), type(error), type(microtime), type(keys), type(split), type(object))"
    static let all = "table\ttable\tfunction\tfunction\tfunction\tfunction\tfunction\ttable"

    @Test("M8.6: every environment has objects, map, object and the functions of M8.5")
    func standard() throws {
        let map = try TestMap([
            "components/hp.lua": "--@type number\n" + Self.globals,
            "events/a/index.lua": Self.globals + " object.components.hp = 1",
            "events/a/timeout.lua": Self.globals + " return 1", "spawn/players.lua": Self.globals,
        ])
        map.join(1)
        try QueueTests.add(map, "a")
        map.tick()
        #expect(map.prints == Array(repeating: Self.all, count: 4))
        #expect(map.errors == [])
    }

    @Test("M8.6: the globals of one kind of script are absent from the others")
    func particular() throws {
        let probe = "print(type(data), type(event), name, type(value), type(old))"
        let map = try TestMap([
            "components/hp.lua": "--@type number\n--@default 5\n" + probe,
            "events/a/index.lua": "--@param x number = 1\n" + probe + " object.components.hp = 1",
            "events/a/timeout.lua": probe + " return 1", "spawn/players.lua": probe,
        ])
        map.join(1)
        try QueueTests.add(map, "a")
        map.tick()
        #expect(
            map.prints == [
                "nil\tnil\tnil\tnil\tnil", "nil\ttable\tnil\tnil\tnil", "table\ttable\tnil\tnil\tnil",
                "nil\tnil\thp\tnumber\tnumber",
            ])
    }

    @Test("M8.6: data holds the parameters, an empty table without any; event its group, action and command_id")
    func eventGlobals() throws {
        let map = try TestMap([
            "events/a/index.lua":
                "--@public true\nprint(#keys(data), event.group, event.action, event.command_id)",
            "events/b/two.lua":
                "--@public true\n--@param x number\n--@param y table = [1]\nprint(data.x, data.y[1], event.group, event.action, event.command_id)",
        ])
        map.join(1)
        try map.command(1, "a")
        try map.command(1, "b/two", ["x": .number(3)], id: 77)
        #expect(map.prints == ["0\ta\tindex\tnil", "3\t1\tb\ttwo\t77"])
    }

    @Test("a script's globals are its own, and last until it is reloaded")
    func ownGlobals() throws {
        let counting = "--@public true\ncount = (count or 0) + 1 print(event.action, count, object.key)"
        let map = try TestMap([
            "events/a/one.lua": counting, "events/a/two.lua": counting, "events/a/timeout.lua": "return 0",
        ])
        map.join(1)
        map.join(2)
        for command in ["a/one", "a/one", "a/two"] { try map.command(1, command) }
        try map.command(2, "a/one")
        try map.change(["events/a/one.lua": counting + " "])
        try map.command(1, "a/one")
        try map.command(1, "a/two")
        #expect(
            map.prints == [
                "one\t1\tplayers_1", "one\t2\tplayers_1", "two\t1\tplayers_1", "one\t3\tplayers_2", "one\t1\tplayers_1",
                "two\t2\tplayers_1",
            ])
    }

    @Test("every script can read a lib's globals, and none can change them for others")
    func libs() throws {
        let use = "--@public true\nprint(double(4), limit, made) double = nil limit = 7 print(double, limit)"
        let map = try TestMap([
            "lib/base.lua": "function double(x) return x * 2 end limit = 10",
            "lib/more.lua": "made = 'by ' .. double(1)", "events/a/one.lua": use, "events/a/two.lua": use,
            "events/a/timeout.lua": "return 0",
        ])
        map.join(1)
        try map.command(1, "a/one")
        try map.command(1, "a/two")
        // After a script sets its own global to nil, it reads the lib's global of that name again.
        #expect(map.prints.filter { $0 == "8\t10\tby 2" }.count == 2, "\(map.prints)")
        #expect(map.prints.filter { $0.hasSuffix("\t7") }.count == 2, "\(map.prints)")
        #expect(map.errors == [])
    }

    @Test("M8.3: a script's changes to a library table are seen only by that script")
    func libraryTables() throws {
        let map = try TestMap([
            "events/a/one.lua":
                "--@public true\npcall(function() string.format = nil math.floor = nil table.concat = 5 end) return",
            "events/a/two.lua":
                "--@public true\nprint(string.format('%d', math.floor(2.5)), table.concat({1, 2}, ' '))",
            "events/a/timeout.lua": "return 0",
        ])
        map.join(1)
        try map.command(1, "a/one")
        try map.command(1, "a/two")
        #expect(map.prints == ["2\t1 2"])
    }

    @Test("a changed lib re-runs every lib and re-creates the environments of all scripts")
    func libReload() throws {
        let map = try TestMap([
            "lib/a.lua": "factor = 2 runs = (runs or 0) + 1", "lib/b.lua": "function scale(x) return x * factor end",
            "events/a/index.lua": "--@public true\ncount = (count or 0) + 1 print(scale(10), runs, count)",
            "events/a/timeout.lua": "return 0",
        ])
        map.join(1)
        try map.command(1, "a")
        try map.command(1, "a")
        try map.change(["lib/a.lua": "factor = 3 runs = (runs or 0) + 1"])
        try map.command(1, "a")
        try map.change(["lib/a.lua": nil])
        try map.command(1, "a")
        #expect(map.prints == ["20\t1\t1", "20\t1\t2", "30\t1\t1"])
        #expect(map.errors.count == 1)
        #expect(
            map.errors.first?.contains("lib/b.lua:1: attempt to perform arithmetic on global 'factor' (a nil value)")
                == true, "\(map.errors)")
    }

    @Test("a lib sees objects and map while it loads, and its functions see the caller's world")
    func libsSeeTheWorld() throws {
        let map = try TestMap([
            "lib/a.lua":
                "width = map.width function hurt(entity, n) entity.components.hp = entity.components.hp - n end",
            "components/hp.lua": "--@type number\n--@default 5\n",
            "events/a/index.lua":
                "--@public true\nhurt(object, 2) print(width, object.components.hp, objects.players_1.components.hp)",
        ])
        map.join(1)
        try map.command(1, "a")
        #expect(map.prints == ["32\t3\t3"])
    }
}
