import LuaSandbox
import Testing

@Suite("Texts that scripts assign without asking the host") struct TextWriteTests {
    private func world() throws -> FakeWorld {
        let world = try FakeWorld()
        world.takesTexts = true
        for _ in 0..<3 { world.spawn() }
        return world
    }

    private func uses(_ world: FakeWorld) -> [String: Int] {
        Dictionary(uniqueKeysWithValues: world.strings.indices.map { (world.strings[$0], world.uses[$0] - 1) })
    }

    @Test("the host is asked for each text once, and each use is counted")
    func known() throws {
        let world = try world()
        let source = """
            local a, b = objects.players_0, objects.players_1
            a.action = 'walk' a.action = 'stand'
            for i = 1, 10 do a.action = 'walk' a.action = 'st' .. 'and' end
            b.action = 'stand'
            return a.action .. b.action
            """
        #expect(try world.run(source) == .string("standstand"))
        // The field of players_1 was nil before, and what replaces nil is the host's affair.
        #expect(world.calls == ["set players_0 walk", "set players_0 stand", "set players_1 stand"])
        #expect(uses(world) == ["walk": 0, "stand": 2])
    }

    @Test("an assignment marks the row, also with the same text where that counts as a change")
    func marks() throws {
        let world = try world()
        try world.run("objects.players_0.action = 'walk' objects.players_0.action = 'stand'")
        for text in ["walk", "walk"] {
            (world.dirty[0], world.flags[0], world.counts[0]) = (0, 0, 0)
            try world.run("objects.players_0.action = '\(text)'")
            #expect(world.dirty[0] == 1 << UInt64(FakeWorld.Column.action.rawValue))
            #expect(world.counts[0] == 1 && world.lists[0] == 0)
        }
        #expect(world.calls.count == 2)
    }

    @Test("a text that would weigh too much, and one that takes the last use of another, go to the host")
    func refused() throws {
        let world = try world()
        try world.run("objects.players_0.action = 'stand' objects.players_0.action = 'walk'")
        (world.weight[0], world.weight[1]) = (900, 100)
        try world.run("objects.players_0.action = 'stand'")
        #expect(world.calls == ["set players_0 stand", "set players_0 walk", "set players_0 stand"])
        try world.run("objects.players_0.action = 'walk'")
        #expect(world.calls.count == 3 && world.weight[0] == 899, "a shorter one is never too much")
        world.uses[1] = 1
        try world.run("objects.players_0.action = 'stand'")
        #expect(world.calls.count == 4)
    }

    @Test("what is no text, a number that another text has now, and a text that is not taken any more go to the host")
    func others() throws {
        let world = try world()
        try world.run("objects.players_0.action = 'walk' objects.players_0.action = 'stand'")
        #expect(world.message("objects.players_0.action = 5").contains("must be a string, got number"))
        // As if the host had given the number of `walk` to another text of that length.
        for (offset, byte) in "wait".utf8.enumerated() { world.stringBytes[0][offset] = byte }
        try world.run("objects.players_0.action = 'walk'")
        #expect(world.calls.last == "set players_0 walk")
        world.entries.storeBytes(of: 0, toByteOffset: 16 + 12, as: UInt32.self)
        try world.run("objects.players_0.action = 'stand'")
        #expect(world.calls.count == 4)
        #expect(world.message("objects.players_0.action = nil").contains("must be a string"))
    }

    @Test("thousands of texts in turn, with garbage collections between them")
    func many() throws {
        let world = try world()
        try world.run(
            """
            for i = 1, 30000 do
              local text = 'text ' .. i * 7919 % 60
              objects.players_0.action = text
              if objects.players_0.action ~= text then error('wrong text') end
              if i % 1000 == 0 then local t = {} for j = 1, 1000 do t[j] = 'garbage ' .. i .. j end end
            end
            """)
        #expect(world.strings.count == 60)
        #expect(uses(world).values.reduce(0, +) == 1)
    }
}
