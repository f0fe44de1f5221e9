import SimulationTestKit
import Testing
import World

@testable import Simulation

@Suite("The sandbox as a map's scripts see it [2-lua-api 1, M8.3–M8.5]") struct GlobalsScriptTests {
    static let absent =
        [
            "dofile", "loadfile", "load", "loadstring", "require", "module", "package", "io", "newproxy",
            "collectgarbage",
            "gcinfo", "string.dump",
        ]
        + ["execute", "exit", "getenv", "remove", "rename", "setlocale", "tmpname"].map { "os.\($0)" }
        + [
            "debug", "getfenv", "gethook", "getinfo", "getlocal", "getmetatable", "getregistry", "getupvalue",
            "setfenv",
            "sethook", "setlocal", "setmetatable", "setupvalue",
        ].map { "debug.\($0)" }

    static let present = [
        "os.clock", "os.date", "os.difftime", "os.time", "debug.traceback", "assert", "error", "getfenv",
        "getmetatable",
        "ipairs", "next", "pairs", "pcall", "print", "rawequal", "rawget", "rawset", "select", "setfenv",
        "setmetatable",
        "tonumber", "tostring", "type", "unpack", "xpcall", "coroutine.create", "coroutine.wrap", "math.floor",
        "string.format", "table.concat", "microtime", "keys", "split", "array", "copy",
    ]

    static let changed = [
        ScriptCase(
            "M8.4.1: print writes one line, arguments joined by tabs",
            "print() print(1, 'a', nil, true, {}, print) print(0.1, 1e15, 2^53)",
            prints: ["", "1\ta\tnil\ttrue\ttable\tfunction", "0.1\t1e+15\t9.007199254741e+15"]),
        ScriptCase(
            "M8.4.3: tostring has no addresses",
            "print({}, print, function() end, coroutine.create(function() end), object, objects, map) print(tostring(object.components), tostring(object.events), tostring(object.events.move), tostring(object.components.bag))",
            prints: [
                "table\tfunction\tfunction\tthread\tuserdata: players_1\tuserdata: objects\tuserdata: map 1",
                "userdata: components of players_1\tuserdata: events of players_1\tuserdata: event group move\ttable",
            ]),
        ScriptCase(
            "M8.4.6: pairs and ipairs honour __pairs and __ipairs",
            "local t = setmetatable({1}, {__pairs = function(t) return function(_, k) if not k then return 'p', 2 end end, t end, __ipairs = function(t) return function(_, i) if i < 2 then return i + 1, 'i' end end, t, 0 end}) "
                + "for k, v in pairs(t) do print(k, v) end for i, v in ipairs(t) do print(i, v) end",
            prints: ["p\t2", "1\ti", "2\ti"]),
        ScriptCase(
            "M8.4.7: pairs and next honour __next",
            "local t = setmetatable({}, {__next = function(_, k) if not k then return 'n', 3 end end}) for k, v in pairs(t) do print(k, v) end print(next(t)) print(keys(t)[1])",
            prints: ["n\t3", "n\t3", "n"]),
        ScriptCase(
            "1: getmetatable(\"\") is protected",
            "print(getmetatable('')) print(pcall(function() getmetatable('').__index = {} end)) print(('a'):rep(3))",
            prints: ["false", "false\tevents/testing/index.lua:1: attempt to index a boolean value", "aaa"]),
        ScriptCase(
            "1: getfenv and setfenv on the script's own functions",
            "local f = function() return a end setfenv(f, {a = 3}) print(f(), getfenv(f).a, type(getfenv()), type(getfenv(1)))",
            prints: ["3\t3\ttable\ttable"]),
        ScriptCase(
            "1: pcall and xpcall catch what can be caught",
            "print(pcall(function() object.x = nil end)) print(xpcall(function() error('no', 0) end, function(m) return m .. '!' end)) print(pcall(function() return 1, 2 end))",
            prints: [
                "false\tevents/testing/index.lua:1: x must be a finite number, got nil", "false\tno!", "true\t1\t2",
            ], error: "no"),
        ScriptCase(
            "1: coroutines",
            "local co = coroutine.wrap(function() object.x = 7 coroutine.yield(1) print(object.x) end) print(co()) co()",
            prints: ["1", "7"]),
        ScriptCase(
            "1: an error in a coroutine is its resumer's to see",
            "print(coroutine.resume(coroutine.create(function() object.x = 'a' end)))",
            prints: ["false\tevents/testing/index.lua:1: x must be a finite number, got string"]),
    ]

    static let added = [
        ScriptCase(
            "M8.5.1: error writes to the error log and raises", "error('no')",
            error: "events/testing/index.lua:1: no"),
        ScriptCase(
            "1: … also where a pcall catches it, as in stock Lua", "print(pcall(error, 'no'))", prints: ["false\tno"],
            error: "no"),
        ScriptCase(
            "1: error(value, 0) has no position", "print(pcall(error, 'no', 0))", prints: ["false\tno"], error: "no"),
        ScriptCase(
            "1: error(value, 2) has the caller's", "local function f() error('no', 2) end\n\nf()",
            error: "events/testing/index.lua:3: no"),
        ScriptCase(
            "1: error of a table raises that table",
            "local ok, e = pcall(error, {code = 5}) print(ok, e.code)", prints: ["false\t5"],
            error: "error object of type table"),
        ScriptCase(
            "M8.5.2: microtime() has microseconds", "print(microtime() == microtime(), microtime() > 1.6e9)",
            prints: ["true\ttrue"]),
        ScriptCase(
            "M8.5.3: keys of tables",
            "local k = keys({a = 1, b = 2}) table.sort(k) print(table.concat(k, ','), #keys({}), keys({'x'})[1])",
            prints: ["a,b\t0\t1"]),
        ScriptCase(
            "M8.5.3: keys of proxies",
            "print(#keys(objects), #keys(object.components), #keys(object.events), table.concat(keys(object.components.bag), ','))",
            prints: ["6\t4\t6\tslots,gold"]),
        ScriptCase(
            "M8.5.4: split",
            "print(table.concat(split('1,2,3', ','), ' '), #split('a.b', '.'), table.concat(split('a%d+b', '%d+'), ' '))",
            prints: ["1 2 3\t2\ta b"]),
        ScriptCase(
            "1: split by nothing gives characters",
            "print(#split('abc', ''), split('ab\u{e9}', '')[3], #split('', ''))",
            prints: ["3\t\u{e9}\t0"]),
        ScriptCase(
            "1: split of nothing is one empty part", "local p = split('', ',') print(#p, p[1] == '')",
            prints: ["1\ttrue"]),
        ScriptCase(
            "M8.5.4: split of position()",
            "local p = split(object.position(), ',') print(tonumber(p[1]) + tonumber(p[2]))", prints: ["10"]),
    ]

    static let refused = [
        ScriptCase("1: getfenv(0)", "getfenv(0)", error: "(level 0 is the host's)"),
        ScriptCase("1: setfenv(0)", "setfenv(0, {})", error: "(level 0 is the host's)"),
        ScriptCase("1: getfenv of a C function", "getfenv(print)", error: "environment of a host function"),
        ScriptCase("1: setfenv of a C function", "setfenv(print, {})", error: "environment of a host function"),
        ScriptCase(
            "1: getfenv of the host's function", "getfenv(microtime)", error: "environment of a host function"),
        ScriptCase(
            "1: getfenv of another script's", "getfenv(shared)", error: "the function belongs to another script"),
        ScriptCase(
            "1: setfenv of another script's", "setfenv(shared, {})", error: "the function belongs to another script"),
        ScriptCase("1: keys takes tables", "keys(5)", error: "bad argument #1 to 'keys' (table expected, got number)"),
        ScriptCase(
            "1: pairs takes tables", "pairs(nil)", error: "bad argument #1 to 'pairs' (table expected, got nil)"),
        ScriptCase(
            "1: split needs a separator", "split('a')",
            error: "bad argument #2 to 'split' (string expected, got no value)"),
        ScriptCase(
            "1: split takes text", "split({}, ',')", error: "bad argument #1 to 'split' (string expected, got table)"),
        ScriptCase(
            "1: proxies have no metatable to change", "setmetatable(object, {})",
            error: "bad argument #1 to 'setmetatable'"),
    ]

    @Test("M8.3: functions that reach outside the game are absent, the rest of the library is there")
    func names() throws {
        let map = try ScriptWorld.map()
        map.script((Self.absent + Self.present).map { "print('\($0)', type(\($0)))" }.joined(separator: "\n"))
        #expect(map.prints == Self.absent.map { "\($0)\tnil" } + Self.present.map { "\($0)\tfunction" })
        #expect(map.errors == [])
    }

    @Test("what differs from stock Lua", arguments: changed)
    func differs(_ example: ScriptCase) throws { try example.check() }

    @Test("what is new", arguments: added)
    func isNew(_ example: ScriptCase) throws { try example.check() }

    @Test("what is refused", arguments: refused)
    func refuses(_ example: ScriptCase) throws {
        try example.check(["lib/shared.lua": "function shared() return 1 end"])
    }

    struct Limit: Sendable, CustomTestStringConvertible {
        let rule: String
        let script: String
        let kind: String

        init(_ rule: String, _ script: String, _ kind: String = "time_limit") {
            self.rule = rule
            self.script = script
            self.kind = kind
        }

        var testDescription: String { rule }
    }

    @Test(
        "M8.4.2: an error of the time or memory limit can't be caught; it is logged, and the map goes on",
        arguments: [
            Limit("pcall", "pcall(function() while true do end end)"),
            Limit(
                "xpcall and its handler", "xpcall(function() while true do end end, function() print('handler') end)"),
            Limit("coroutine.resume", "coroutine.resume(coroutine.create(function() while true do end end))"),
            Limit("coroutine.wrap", "pcall(coroutine.wrap(function() while true do end end))"),
            Limit("a loop of pcalls", "while true do pcall(function() while true do end end) end"),
            Limit("inside table.sort", "pcall(table.sort, {3, 2, 1}, function() while true do end end)"),
            Limit("inside gsub", "pcall(string.gsub, 'aaa', 'a', function() while true do end end)"),
            Limit("M8.4.4: inside string.match", "pcall(string.match, ('a'):rep(200), ('a-'):rep(40) .. 'b')"),
            Limit(
                "memory", "pcall(function() local t = {} for i = 1, 1e9 do t[i] = ('x'):rep(1e5) .. i end end)",
                "memory_limit"),
            Limit("1: memory of rep", "local s = ('x'):rep(1e5) pcall(string.rep, s, 1e5)", "memory_limit"),
        ])
    func limits(_ example: Limit) throws {
        let map = try ScriptWorld.map(["game.yaml": "event_time_limit_ms: 20\nmemory_limit_mb: 4\n"])
        map.script("object.z = 5 " + example.script + " print('not reached')")
        #expect(map.prints == [])
        #expect(map.simulation.log.errors.map(\.kind) == [example.kind])
        let entry = try #require(map.simulation.log.errors.first)
        #expect((entry.script, entry.line) == ("events/testing/index.lua", 1))
        #expect(entry.traceback?.contains("events/testing/index.lua:1") == true)
        // The changes that the script made before it was stopped stay.
        map.script("print(object.z)")
        #expect(map.prints == ["5"])
    }

    @Test("M8.5.1: an entry of error() has a traceback, the script, its line and the entity")
    func errorEntry() throws {
        let map = try ScriptWorld.map()
        map.script("local function inner()\n  error({})\nend\npcall(inner)")
        let entry = try #require(map.simulation.log.errors.first)
        #expect((entry.script, entry.line) == ("events/testing/index.lua", 2))
        #expect((entry.kind, entry.entity) == ("error", "players_1"))
        #expect(entry.traceback?.contains("events/testing/index.lua:2: in function") == true)
        #expect(entry.traceback?.contains("events/testing/index.lua:4: in main chunk") == true)
    }

    @Test("M8.5.2: microtime() is the tick's clock, to the microsecond")
    func microtime() throws {
        let map = try ScriptWorld.map()
        map.script("print(string.format('%.6f', microtime()), microtime() == microtime())")
        #expect(map.prints.first?.hasSuffix("true") == true)
        let time = try #require(map.prints.first.flatMap { Double($0.split(separator: "\t")[0]) })
        #expect(abs(time - map.now) < 1e-6)
    }

    @Test("M8.4.5: math.random is the map's own: the same seed gives the same game")
    func random() throws {
        let draws = try (0..<2).map { _ in
            let map = try ScriptWorld.map()
            map.script("print(math.random(), math.random(6), map.random())")
            return map.prints
        }
        #expect(draws[0] == draws[1])
    }
}
