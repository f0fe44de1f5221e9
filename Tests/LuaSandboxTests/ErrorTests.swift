import LuaSandbox
import Testing

@Suite("Errors that help the author of a script") struct ErrorTests {
    @Test(
        "message, file and line",
        arguments: [
            ("local x = {}\nlocal y = x.z.w", "events/move/to.lua:2: attempt to index field 'z' (a nil value)", 2),
            ("\n\nerror('bad')", "events/move/to.lua:3: bad", 3),
            ("error('plain', 0)", "plain", 1),
            ("error(42)", "events/move/to.lua:1: 42", 1),
            ("error({code = 5})", "error object of type table", 1),
            ("error()", "error object of type nil", 1),
            ("error(setmetatable({}, {__tostring = function() error('no') end}))", "error object of type table", 1),
            (
                "local t = setmetatable({}, {__tostring = function() while true do end end}) error(t)",
                "error object of type table", 1
            ),
            ("string.rep()", "events/move/to.lua:1: bad argument #1 to 'rep' (string expected, got no value)", 1),
            ("('x'):rep({})", "events/move/to.lua:1: bad argument #1 to 'rep' (number expected, got table)", 1),
            ("assert(false)", "events/move/to.lua:1: assertion failed!", 1),
            ("assert(nil, 'words')", "events/move/to.lua:1: words", 1),
            ("return 1 .. {}", "events/move/to.lua:1: attempt to concatenate a table value", 1),
        ])
    func messages(source: String, message: String, line: Int) throws {
        let error = try #require(try Bench().failure(source))
        #expect(error.kind == .runtime)
        #expect(error.message == message)
        #expect(error.file == "events/move/to.lua")
        #expect(error.line == line)
        #expect(error.traceback.contains("events/move/to.lua:\(line): in main chunk"))
    }

    @Test(
        "syntax errors name file and line",
        arguments: [
            ("x =", "events/move/to.lua:1: unexpected symbol near '<eof>'", 1),
            ("\n\nif x then", "events/move/to.lua:3: 'end' expected near '<eof>'", 3),
            ("local s = 'abc", "events/move/to.lua:1: unfinished string near '<eof>'", 1),
            ("\u{1B}Lua", "events/move/to.lua:1: bytecode is not allowed, only the text of a script", 1),
            (
                String(repeating: " ", count: 70_000),
                "events/move/to.lua:1: the script has 70000 bytes, at most 65536 are allowed", 1
            ),
        ])
    func syntax(source: String, message: String, line: Int) throws {
        let error = try #require(try Bench().failure(source))
        #expect(error.kind == .syntax)
        #expect(error.message == message)
        #expect(error.file == "events/move/to.lua")
        #expect(error.line == line)
    }

    @Test("a byte order mark and a first line for the shell are skipped, and line numbers stay right")
    func prefixes() throws {
        #expect(try Bench().run("\u{FEFF}return 1") == .number(1))
        #expect(try Bench().failure("#!/usr/bin/lua\nerror('x')")?.line == 2)
    }

    @Test("a long path is complete in `file`")
    func longPath() throws {
        let path = "events/a_group_with_a_long_name/an_event_with_a_name_that_is_even_longer.lua"
        let error = try #require(try Bench().failure("\nlocal x = nil + 1", name: path))
        #expect(error.file == path)
        #expect(error.line == 2)
        #expect(error.traceback.contains(path))
    }

    @Test("the traceback names functions, and goes on from a coroutine to the code that resumed it")
    func traceback() throws {
        let source = """
            local function inner() error('bad') end
            function outer() inner() end
            local co = coroutine.wrap(function()
              outer()
            end)
            co()
            """
        let error = try #require(try Bench().failure(source))
        #expect(
            error.traceback == """
                stack traceback:
                \t[host]: in function 'error'
                \tevents/move/to.lua:1: in function 'inner'
                \tevents/move/to.lua:2: in function 'outer'
                \tevents/move/to.lua:4: in function <events/move/to.lua:3>
                \t(resumed by)
                \t[host]: in function 'co'
                \tevents/move/to.lua:6: in main chunk
                """)
        let spinning = try #require(
            try Bench().failure(
                "local co = coroutine.wrap(function()\nwhile true do end\nend)\nco()", limit: .milliseconds(5)))
        #expect(spinning.line == 2)
        #expect(
            spinning.traceback.hasSuffix(
                "\n\t(resumed by)\n\t[host]: in function 'co'\n\tevents/move/to.lua:4: in main chunk"))
        let later = try #require(
            try Bench().failure("pcall(coroutine.wrap(function() error('first') end))\nlocal x = nil + 1"))
        #expect(later.traceback == "stack traceback:\n\tevents/move/to.lua:2: in main chunk")
    }

    @Test("the measured time is that of the outermost call")
    func measured() throws {
        let bench = try Bench()
        bench.sandbox.measuresCalls = true
        try bench.run("for i = 1, 1e6 do end")
        #expect(bench.sandbox.lastCallNanoseconds > 100_000)
        #expect(bench.sandbox.allocatedBytes > 0)
        #expect(!bench.sandbox.isInCall)
    }
}
