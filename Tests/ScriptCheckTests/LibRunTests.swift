import Testing

@Suite("perigee check runs libs") struct LibRunTests {
    struct Lib: Sendable, CustomTestStringConvertible {
        let name: String
        let source: String
        /// What the check says; `nil` for nothing.
        let finding: String?

        var testDescription: String { name }
    }

    @Test(
        "and says what they raise, in the place where they do",
        arguments: [
            Lib(
                name: "a global that is nil",
                source: "-- reach\nlocal far = tonumber('x') * 2\nfunction f() return far end",
                finding: "lib/more.lua:2:1: error: attempt to perform arithmetic on a nil value"),
            Lib(
                name: "error()", source: "error('no level ' .. 3)",
                finding: "lib/more.lua:1:1: error: no level 3"),
            Lib(
                name: "an endless loop", source: "local n = 0\nwhile n >= 0 do n = n + 1 end",
                finding: "lib/more.lua:2:1: error: time limit of 50 ms of CPU time exceeded"),
            Lib(
                name: "memory", source: "local n = 2 ^ 27\nlocal t = ('x'):rep(n)",
                finding: "lib/more.lua:2:1: error: memory limit of 64 MiB exceeded"),
            Lib(
                name: "the world's refusal",
                source: "local kind = select(1, 'enemys')\nlocal goblin = objects.add(kind, {})",
                finding: "lib/more.lua:2:1: error: a lib can't change the world while it loads"),
            Lib(
                name: "one that is right", source: "width = map.width\nfunction area() return width * width end",
                finding: nil),
        ])
    func run(_ lib: Lib) throws {
        let lines = try ScratchGame(["lib/more.lua": lib.source, "events/move/use.lua": "print(area, f, width)"])
            .lines()
        let own = lines.filter { $0.hasPrefix("lib/") }
        guard let finding = lib.finding else { return #expect(own == []) }
        #expect(own.count == 1 && own[0].hasPrefix(finding), "\(lines)")
    }

    @Test("a mistake that the text shows already is told once")
    func once() throws {
        let lines = try ScratchGame(["lib/more.lua": "local far = settings.far * 2\nprint(far)"]).lines()
        #expect(lines.count == 1 && lines[0].hasPrefix("lib/more.lua:1:13: error: "), "\(lines)")
    }

    @Test("libs that need one with a mistake in its text are not blamed for it")
    func dependents() throws {
        for broken in ["rules = { far = 2", "--@colour red\nrules = { far = 2 }"] {
            let lines = try ScratchGame([
                "lib/base.lua": broken, "lib/more.lua": "local far = rules.far * 2 print(far)",
            ])
            .lines()
            #expect(!lines.contains { $0.hasPrefix("lib/more.lua") }, "\(lines)")
            #expect(lines.contains { $0.hasPrefix("lib/base.lua") })
        }
    }
}
