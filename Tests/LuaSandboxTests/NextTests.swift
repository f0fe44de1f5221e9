import LuaSandbox
import Testing

@Suite("next over objects goes on as pairs does (2-lua-api 2: every entity as it was when the loop began)")
struct NextTests {
    private static func world(rows: Int) throws -> FakeWorld {
        let world = try FakeWorld()
        for _ in 0..<rows { world.spawn() }
        return world
    }

    /// Makes some hundred kilobytes of garbage, so that the collector goes round.
    private static let garbage = "do local t for i = 1, 20000 do t = { i } end end"

    @Test("after the key's entity was removed, its slot used again and its proxy collected")
    func removed() throws {
        let world = try Self.world(rows: 6)
        world.onTrigger = { world, _ in world.spawn(kind: 2) }
        let seen = try world.run(
            """
            local seen, k = {}, next(objects)
            while k do
              seen[#seen + 1] = k
              if k ~= 'players_5' then objects[k] = nil objects.players_5.components.hp = #seen + 100 end
              \(Self.garbage)
              k = next(objects, k)
            end
            return table.concat(seen, ' ')
            """)
        #expect(seen == .string("players_0 players_1 players_2 players_3 players_4 players_5"))
    }

    @Test("an inner loop leaves the outer one where it was, also when it ends early, removes and adds")
    func nested() throws {
        let world = try Self.world(rows: 5)
        world.onTrigger = { world, _ in world.spawn(kind: 2) }
        let seen = try world.run(
            """
            local seen, inner = {}, 0
            for k in next, objects do
              seen[#seen + 1] = k
              for j in next, objects do
                inner = inner + 1
                if #seen > 1 and j == 'players_2' then break end
              end
              if k == 'players_1' then objects.players_1 = nil objects.players_4.components.hp = 9 end
              \(Self.garbage)
            end
            return table.concat(seen, ' ') .. ' ' .. inner
            """)
        // 5 in the first round, 3 in the second, then without players_1: but one more took its slot.
        #expect(seen == .string("players_0 players_1 players_2 players_3 players_4 17"))
    }

    @Test("loops that were left are forgotten in the end, and cost the running one nothing")
    func left() throws {
        let world = try Self.world(rows: 3)
        let seen = try world.run(
            """
            local seen = {}
            for k in next, objects do
              seen[#seen + 1] = k
              for i = 1, 20 do next(objects) end
            end
            return table.concat(seen, ' ')
            """)
        #expect(seen == .string("players_0 players_1 players_2"))
    }

    @Test("a key can be given without a loop; one that nothing has is an error")
    func single() throws {
        let world = try Self.world(rows: 3)
        #expect(try world.run("return (next(objects, 'players_1'))") == .string("players_2"))
        #expect(try world.run("return (next(objects, 'players_2'))") == .nil)
        #expect(world.message("next(objects, 'players_9')").hasSuffix("invalid key to 'next'"))
        #expect(world.message("next(objects, 'count')").hasSuffix("invalid key to 'next'"))
    }

    @Test("table.foreach goes through entities, fields and libs' tables as through any other")
    func foreach() throws {
        let world = try Self.world(rows: 3)
        #expect(
            try world.run(
                "local n = '' table.foreach(objects, function(k, o) n = n .. k .. o.id objects.players_1 = nil end) return n"
            ) == .string("players_00players_22"))
        #expect(
            try world.run("return table.foreach(objects.players_0.components, function(k, v) return k .. v end)")
                == .string("hp5"))
        try world.run("table.foreach({ 1 }, function() end)")
        #expect(world.message("table.foreach(5, print)").contains("bad argument #1 to 'foreach'"))
    }
}
