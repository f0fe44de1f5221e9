import LuaSandbox

/// The measurements. A loop does ten operations in each turn; most subtract the time of an empty loop.
struct Cases {
    private static let turns = 1000
    private static let emptyLoop = "local o = ... for i = 1, \(turns) do end"

    private static func loop(_ setup: String, _ operation: String) -> String {
        let ten = Array(repeating: operation, count: 10).joined(separator: " ")
        return "\(setup) for i = 1, \(turns) do \(ten) end"
    }

    static func calls(_ table: inout Table) throws {
        let (scene, stock) = (try Scene(), try Stock())
        table.ratio(
            "an empty call, limits armed / lua_pcall",
            try Pair(ours: try scene.compile(""), theirs: try stock.compile("")), atMost: 2.5)
        let callback = loop("local f = nothing", "f()")
        table.ratio(
            "a callback into Swift / a C function",
            try Pair(
                operations: 10 * turns, ours: try scene.compile(callback), ourBase: try scene.compile(emptyLoop),
                theirs: try stock.compile(callback), theirBase: try stock.compile(emptyLoop)), atMost: 2)
    }

    static func fields(_ table: inout Table) throws {
        let scene = try Scene()
        let plain = "local o = {x = 1, vx = 2, y = 3}"
        func compare(_ what: String, _ operation: String, atMost target: Double) throws {
            let empty = try scene.compile(emptyLoop)
            table.ratio(
                what,
                try Pair(
                    operations: 10 * turns, ours: try scene.compile(loop("local o = object", operation)),
                    ourBase: empty, theirs: try scene.compile(loop(plain, operation)), theirBase: empty),
                atMost: target)
        }
        try compare("o.x read / of a table", "local a = o.x", atMost: 8)
        try compare("o.x = i / of a table", "o.x = i", atMost: 6)
        try compare("o.x = o.x + o.vx * 0.1 / of a table", "o.x = o.x + o.vx * 0.1", atMost: 4.5)
        let table1000 =
            "plain = plain or {} if not next(plain) then for i = 1, \(Scene.rows) do "
            + "plain['npcs_' .. i] = {x = i} end end"
        table.ratio(
            "pairs(objects), each / pairs of a table",
            try Pair(
                operations: Scene.rows, ours: try scene.compile("for k, v in pairs(objects) do end"),
                theirs: try scene.compile("\(table1000) for k, v in pairs(plain) do end")), atMost: 1)
    }

    /// Typical patterns in games: short and long subjects, captures, sets, anchors, all three kinds of replacement.
    private static let patterns: [(String, String)] = [
        ("find, literal", "for i = 1, 200 do text:find('lazy') end"),
        ("find, plain", "for i = 1, 200 do text:find('dog.', 1, true) end"),
        ("find, set and count", "for i = 1, 200 do text:find('[aeiou]+z[^%s]*') end"),
        ("match, captures", "for i = 1, 200 do ('players_24'):match('^(%a+)_(%d+)$') end"),
        ("match, key = value", "for i = 1, 200 do ('speed = 12.5'):match('^%s*(%w+)%s*=%s*(.-)%s*$') end"),
        ("gmatch, words", "for i = 1, 20 do for word in text:gmatch('%w+') do end end"),
        ("gsub, string", "for i = 1, 20 do text:gsub('o', '0') end"),
        ("gsub, function", "for i = 1, 20 do text:gsub('%w+', string.upper) end"),
        ("gsub, table", "local t = {quick = 'slow'} for i = 1, 20 do text:gsub('%w+', t) end"),
        (
            "balanced, frontier",
            "for i = 1, 100 do ('f(a(b)c)d THE (quick) fox'):find('%b()'); "
                + "('THE (quick) fox'):find('%f[%a]%a+%f[%A]') end"
        ),
        ("long text", "for i = 1, 5 do long:find('(%d+)%-(%d+)$') long:gsub('%s+', ' ') end"),
    ]

    static func text(_ table: inout Table) throws {
        let (scene, stock) = (try Scene(), try Stock())
        let setup =
            "local text = ('the quick brown fox jumps over the lazy dog. '):rep(4) "
            + "local long = ('some words, 12 numbers and  spaces '):rep(100) .. '12-13' "
        var (ours, theirs) = (0.0, 0.0)
        for (name, body) in patterns {
            let pair = try Pair(
                rounds: 20, ours: try scene.compile(setup + body), theirs: try stock.compile(setup + body))
            ours += pair.ratio / Double(patterns.count)
            theirs += 1 / Double(patterns.count)
            table.ratio("  \(name) / stock", pair, atMost: 1.5)
        }
        table.figure("patterns, mean of the ratios", ours / theirs, "times", under: 1.5)
    }

    /// A mixture of plain Lua without host objects; the time limit must cost nothing here.
    private static let pure = """
        local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end
        local t = {}
        for i = 1, 2000 do t[i] = (i * 7919) % 1009 end
        local s = 0
        for i = 1, 2000 do s = s + t[i] / 3 end
        return fib(16) + s
        """

    static func limits(_ table: inout Table) throws {
        let scene = try Scene()
        // With a short limit the watchdog checks more often.
        for (name, limit) in [("limits armed", Scene.limit), ("5 ms limit", 5_000_000)] {
            table.ratio(
                "pure Lua, \(name) / without a limit",
                try Pair(
                    rounds: 300, ours: try scene.compile(pure, limit: limit),
                    theirs: try scene.compile(pure, limit: 0)), atMost: 1.01)
        }
        let stock = try Stock()
        let make = loop("local t", "t = {x = 1, y = 2}")
        let closure = loop("local f", "f = function() return i end")
        for (what, source) in [("{x = 1, y = 2} / stock", make), ("a closure / stock", closure)] {
            table.ratio(
                what,
                try Pair(operations: 10 * turns, ours: try scene.compile(source), theirs: try stock.compile(source)),
                atMost: 0.7)
        }
    }

    static func sizes(_ table: inout Table) throws {
        let sandbox = try LuaSandbox()
        table.figure("a VM, memory", Double(sandbox.usedBytes) / 1024, "KiB", under: 40)
        table.figure("a VM, time to make", try lowest { _ = try LuaSandbox() } / 1000, "µs", under: 60)
        sandbox.collectGarbage()
        let before = sandbox.usedBytes
        for _ in 0..<100 { _ = try sandbox.makeEnvironment() }
        sandbox.collectGarbage()
        table.figure("an environment, memory", Double(sandbox.usedBytes - before) / 102_400, "KiB", under: 6)
        let time = try lowest {
            for _ in 0..<20 { _ = try sandbox.makeEnvironment() }
        }
        table.figure("an environment, time to make", time / 20_000, "µs", under: 12)
    }

    private static func lowest(_ body: () throws -> Void) rethrows -> Double {
        var lowest = Double.infinity
        for _ in 0..<200 {
            let start = cpuNanoseconds()
            try body()
            lowest = min(lowest, Double(cpuNanoseconds() - start))
        }
        return lowest
    }
}
