import ScriptCheck
import Testing

@Suite("Habits from other languages, in perigee check") struct HabitTests {
    private func findings(_ body: String) throws -> [String] {
        try ScratchGame(["events/try/index.lua": body + "\n"]).lines().filter { $0.contains("events/try/index.lua") }
            .map { line in String(line[(line.firstRange(of: "events/try")?.lowerBound ?? line.startIndex)...]) }
    }

    @Test(
        "a habit is found at its place, with what Lua has instead",
        arguments: [
            (
                "object.x += 1",
                "events/try/index.lua:1:10: error: '=' expected near '+'; Lua has no +=; write object.x = object.x + …"
            ),
            (
                "object.x = null",
                "events/try/index.lua:1:12: warning: global 'null' is defined nowhere; Lua writes nil for null"
            ),
            (
                "local n = len({})",
                "events/try/index.lua:1:11: error: global 'len' is defined nowhere; Lua writes #list for len(list)"
            ),
            (
                "local l = {1} for i = 0, #l do print(l[i]) end",
                "events/try/index.lua:1:23: warning: the first element of a list is 1 in Lua; write for i = 1, #list do"
            ),
            (
                "local l = {1} for i = 0, #l - 1 do print(i) end",
                "events/try/index.lua:1:23: warning: the first element of a list is 1 in Lua; write for i = 1, #list do"
            ),
        ])
    func habits(body: String, finding: String) throws {
        #expect(try findings(body) == [finding])
    }

    @Test("a name that another script of the game defines wins over a habit")
    func defined() throws {
        let lines = try ScratchGame([
            "events/try/index.lua": "local n = len({})\n", "events/other/index.lua": "function len(t) return #t end\n",
        ]).lines()
        #expect(
            lines.contains {
                $0.hasSuffix(
                    "events/try/index.lua:1:11: error: global 'len' is defined only in events/other/index.lua, and "
                        + "every script has globals of its own; define it in a file of lib/")
            }, "\(lines)")
    }

    @Test(
        "what looks like one and is right is not reported",
        arguments: [
            "for i = 0, 10 do print(i) end", "local l = {1} for i = 1, #l do print(l[i]) end",
            "local l = {1} for i = #l, 0, -1 do print(i) end", "local null = 1 print(null)",
            "local let, var = 1, 2 print(let + var)", "local l = {} l.push = print l.push(1)",
        ])
    func right(body: String) throws {
        #expect(try findings(body).isEmpty)
    }
}
