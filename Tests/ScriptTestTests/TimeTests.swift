import Testing

@testable import ScriptTest

@Suite("Time in tests") struct TimeTests {
    static let cases = [
        LuaCase(
            "advance moves the clock", "local t = world.now\nworld.advance(0.5)\nexpect(world.now - t).near(0.5, 1e-6)"),
        LuaCase(
            "advance takes one tick at least",
            "local t = world.now\nworld.advance(0.001)\nexpect(world.now - t).near(1 / 60, 1e-6)"),
        LuaCase(
            "tick moves it by one tick's time",
            "local t = world.now\nworld.tick()\nworld.tick(2)\nexpect(world.now - t).near(0.05, 1e-6)"),
        LuaCase("scripts see the same clock", "world.advance(3)\nexpect(microtime()).near(world.now, 1e-6)"),
        LuaCase("advance refuses nothing", "world.advance(0)", fails: "advance(seconds) takes more than 0"),
        LuaCase("advance refuses too much", "world.advance(1e9)", fails: "at most 10000000 seconds"),
        LuaCase("tick refuses a part", "world.tick(1.5)", fails: "tick(count) takes a whole number"),
        LuaCase(
            "a timeout of 0.25 s makes 4 events a second",
            "local p = world.join('ann')\np.components.hp = 0\np.events.add('walk')\nworld.advance(10)\nexpect(p.components.hp).is(40)"
        ),
    ]

    @Test("only the test advances time", arguments: cases)
    func time(_ testCase: LuaCase) throws {
        let result = try #require(
            try ScratchGame.result(
                of: testCase.body,
                [
                    "events/walk/index.lua":
                        "object.components.hp = object.components.hp + 1\nobject.events.add('walk')",
                    "events/walk/timeout.lua": "return 0.25",
                ]))
        if let failure = testCase.failure {
            #expect(result.text.contains(failure), "\(result.text)")
        } else {
            #expect(result.text == "")
        }
    }

    @Test("ticks in which nothing is due are skipped")
    func skips() throws {
        let result = try #require(
            try ScratchGame.result(
                of: """
                    local p = world.join('ann')
                    p.components.hp = 0
                    p.events.add('heal')
                    world.advance(1000)
                    expect(p.components.hp).is(1000)
                    """))
        #expect(result.text == "")
        #expect(abs(result.simulatedSeconds - 1000) < 0.1)
        // One tick for each event, and one or two until its change is sent. Without skipping there would be 60,000.
        #expect(result.ticks < 3_100)
    }

    @Test("skipping ticks changes nothing that scripts or clients see")
    func skippingIsInvisible() throws {
        let body = """
            local p = world.join('ann', { x = 1, y = 1 })
            p.events.add('wander')
            local e = world.spawn('enemys', { x = 7, y = 7 })
            e.events.add('wander')
            """
        let files = [
            "events/wander/index.lua": """
            object.x = object.x + math.random() - 0.5
            print(object.key, object.x, microtime())
            object.events.add('wander')
            """,
            "events/wander/timeout.lua": "return 0.31",
        ]
        let ending = """

            for _, message in ipairs(world.received(p)) do message.tick = nil; for _, kind in ipairs({ 'players', 'enemys' }) do
              for _, record in ipairs(message[kind] or {}) do print(message.time, record.key, record.x) end
            end end
            for _, entry in ipairs(world.log) do print(entry.text, entry.time) end
            """
        let skipped = try #require(try ScratchGame.result(of: body + "\nworld.advance(20)" + ending, files))
        let whole = try #require(try ScratchGame.result(of: body + "\nworld.tick(1200)" + ending, files))
        #expect(skipped.text == "")
        // Compared line by line, because a failed comparison of the whole would print both texts.
        let difference = zip(skipped.printed, whole.printed).first { $0 != $1 }
        #expect(difference == nil, "\(String(describing: difference))")
        #expect(skipped.printed.count == whole.printed.count)
        #expect(skipped.printed.count > 200)
        #expect(whole.ticks == 1201)
        #expect(skipped.ticks < 600)
    }
}
