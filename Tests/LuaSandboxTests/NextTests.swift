import LuaSandbox
import Testing

@Suite("next over objects goes on as pairs does (2-lua-api 2: every entity as it was when the loop began)")
struct NextTests {
    private static func world(rows: Int) throws -> FakeWorld {
        let world = try FakeWorld()
        for _ in 0..<rows { world.spawn() }
        return world
    }

    /// A script that makes some hundred kilobytes of garbage, so that the collector runs a full cycle.
    private static let garbage = "do local t for i = 1, 20000 do t = { i } end end"

    @Test("after the key's entity was removed, its slot was used again and its proxy was collected")
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

    @Test("an inner loop does not change the outer loop's position, also when it ends early, removes and adds")
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
        // The inner loops visit 5 entities in the first round and 3 in each of the four others: players_1 is removed in
        // the second round, but a new entity takes its slot before players_2.
        #expect(seen == .string("players_0 players_1 players_2 players_3 players_4 17"))
    }

    @Test("abandoned loops are dropped at some point, and don't disturb the running loop")
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

    @Test("next accepts a key outside of a loop; a key that does not exist is an error")
    func single() throws {
        let world = try Self.world(rows: 3)
        #expect(try world.run("return (next(objects, 'players_1'))") == .string("players_2"))
        #expect(try world.run("return (next(objects, 'players_2'))") == .nil)
        #expect(world.message("next(objects, 'players_9')").hasSuffix("invalid key to 'next'"))
        #expect(world.message("next(objects, 'count')").hasSuffix("invalid key to 'next'"))
    }

    @Test("table.foreach visits entities, fields and libs' tables like any other table")
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
