import LuaSandbox
import Testing

@Suite("No buffer, pointer or flag of the VM is kept during code that can run Lua, call the host, collect or raise")
struct ReentrancyTests {
    /// A lib with tables whose metamethods use every function that needs one of the VM's buffers.
    private static let lib = """
        local function churn()
          local s = string.rep("x", 100000)
          local t = {} for i = 1, 50 do t[i] = s:sub(i, i + 40) end
          s = table.concat(t, ",") .. s:gsub("x", { x = "yz" }, 1000) .. tostring(copy(t)) .. string.format("%q", t[1])
          return s
        end
        function list(f)
          return setmetatable({}, { __index = function(t, k) churn() return f and f(t, k) or "abcdefgh" end })
        end
        evil = list()
        inner = list(function(t, k) return table.concat({ evil[k], evil[k + 1] }, ";") end)
        broken = list(function(t, k) if k == 3 then error("no " .. k) end return "ok" end)
        growing = list(function(t, k) return string.rep("y", k * 1000) end)
        texts = setmetatable({}, { __tostring = function() return churn():sub(1, 3) end })
        numbers = list(function(t, k) return k * 2 end)
        left = list(function(t, k) return coroutine.wrap(function() coroutine.yield(string.rep("z", 9)) end)() end)
        yields = list(function(t, k) coroutine.yield(k) return "never" end)
        """

    private static func bench() throws -> Bench {
        let bench = try Bench()
        try bench.run(lib, name: "lib/evil.lua", in: bench.sandbox.sharedEnvironment)
        return bench
    }

    @Test(
        "concat of a lib's table whose metamethod uses the same buffers",
        arguments: [
            Case("return #table.concat(evil, ',', 1, 50)", 449),
            Case("return table.concat(inner, ',', 1, 2)", "abcdefgh;abcdefgh,abcdefgh;abcdefgh"),
            Case("local ok, e = pcall(table.concat, broken, ',', 1, 5) return e", "lib/evil.lua:12: no 3"),
            Case("pcall(table.concat, broken, '', 1, 5) return table.concat(evil, '', 1, 1)", "abcdefgh"),
            Case("return #table.concat(growing, '', 1, 20)", 210_000),
            Case("return table.concat(numbers, '+', -1, 2)", "-2+0+2+4"),
            Case("return table.concat(left, '', 1, 2)", "zzzzzzzzzzzzzzzzzz"),
            Case("return table.concat(evil, ',', 5, 4)", ""),
            Case(
                "local co = coroutine.create(function() return table.concat(yields, ',', 1, 2) end) "
                    + "return (select(2, coroutine.resume(co)))",
                "attempt to yield across metamethod/C-call boundary"),
            Case(
                "local ok, e = pcall(table.concat, setmetatable({}, { __index = evil }), ',', 1, 2) return e",
                "invalid value (nil) at index 1 in table for 'concat'"),
        ])
    func concat(case: Case) throws {
        let bench = try Self.bench()
        for _ in 0..<3 { #expect(try bench.run(`case`.source) == `case`.expected) }
    }

    @Test("an error between two elements leaves nothing behind, and the memory limit still holds")
    func errorBetween() throws {
        let bench = try Bench(memory: 4 << 20)
        try bench.run(Self.lib, name: "lib/evil.lua", in: bench.sandbox.sharedEnvironment)
        try bench.run("for i = 1, 200 do pcall(table.concat, broken, ',', 1, 5) end")
        #expect(bench.failure("return table.concat(growing, '', 1, 200)")?.kind == .memory)
        #expect(try bench.run("return #table.concat(evil, ',', 1, 50)") == .number(449))
    }

    @Test(
        "a lib's table prints the same beside other arguments as alone",
        arguments: [
            ("print('x', texts, 1)", "x\txxx\t1"), ("print(texts, texts)", "xxx\txxx"),
            ("print(evil, 'y', evil)", "table\ty\ttable"),
        ])
    func printing(source: String, line: String) throws {
        let bench = try Self.bench()
        try bench.run(source)
        #expect(bench.log.printed == [line])
    }

    @Test("while the VM asks for a name or a packed value the host can't run a script or bind a global")
    func quiet() throws {
        let world = try FakeWorld()
        world.spawn()
        world.bags[0] = .object([LuaField("n", .number(1))])
        let function = try world.sandbox.compile(
            "return table.concat({ 'a', 'b' })", name: "lib/x.lua", environment: world.environment)
        let object = try world.sandbox.name("object")
        var messages: [String] = []
        world.onQuiet = { world in
            world.sandbox.bind(object, 1)
            do throws(ScriptError) { _ = try world.sandbox.call(function, limit: .seconds(1)) } catch {
                messages.append(error.message)
            }
        }
        #expect(
            try world.run("return objects.players_0.key .. copy(objects.players_0.components.bag).n")
                == .string("players_01"))
        #expect(try world.run("return send(objects.players_0.components.bag).n") == .number(1))
        #expect(messages.count == 3)
        #expect(Set(messages).count == 1 && messages[0].contains("host"))
        world.onQuiet = { _ in }
        #expect(try world.run("return object") == .nil)
    }

    @Test("a proxy whose name could not be given asks again the next time: a loop gives the right keys")
    func halfMade() throws {
        let world = try FakeWorld(memory: 1 << 20)
        for _ in 0..<3 { world.spawn() }
        try world.run("for k in pairs(objects) do end")
        for slot in 0..<3 as Range<UInt32> { world.remove(slot) }
        for _ in 0..<3 { world.spawn(kind: 1) }
        world.failsQuietly = true
        #expect(world.message("for k in pairs(objects) do end").contains("no name"))
        world.failsQuietly = false
        #expect(
            try world.run("local t = {} for k, o in pairs(objects) do t[#t + 1] = k .. o.id end return table.concat(t)")
                == .string("enemys_00enemys_11enemys_22"))
    }

    @Test("a class may be registered again while a script is using its members")
    func classInCall() throws {
        let world = try FakeWorld()
        world.spawn()
        world.bags[0] = .object([LuaField("n", .number(1))])
        let defineAnew = { [unowned world] in
            do { try FakeWorld.register(in: world.sandbox) } catch { world.log.append("\(error)") }
        }
        world.onTrigger = { _, _ in defineAnew() }
        world.onGet = { _ in defineAnew() }
        let source = """
            local o, names = objects.players_0, {}
            for i = 1, 20 do
              o.components.hp = i
              for k, v in pairs(o.components) do names[k] = v end
              names.key = o.key
            end
            return names.key .. names.hp .. names.bag.n
            """
        #expect(try world.run(source) == .string("players_0201"))
        #expect(world.log == [])
    }

    @Test(
        "positions at the ends of a C int wrap as in stock Lua",
        arguments: [
            Case("local f, t = ipairs({ 1 }) return (f(t, 2^31 - 1)) == nil", true),
            Case("local f, t = ipairs({ [-2^31] = 5 }) return (select(2, f(t, 2^31 - 1)))", 5),
        ])
    func wrapping(case: Case) throws {
        #expect(try Bench().run(`case`.source) == `case`.expected)
    }
}
