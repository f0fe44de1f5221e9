import JSONValues
import SimulationTestKit
import Testing
import World

@testable import Simulation

@Suite("map in a script [2-lua-api 6]") struct MapScriptTests {
    static let cases = [
        ScriptCase(
            "map.id, width, height, name", "print(map.id, map.width, map.height, map.name, object.map_id)",
            prints: ["1\t10\t10\tfield\t1"]),
        ScriptCase(
            "map.walkable",
            "print(map.walkable(0, 0), map.walkable(4, 0), map.walkable(4, 9), map.walkable(-1, 0), map.walkable(10, 5), map.walkable(3.4, 5), map.walkable(3.6, 5))",
            prints: ["true\tfalse\ttrue\tfalse\tfalse\ttrue\tfalse"]),
        ScriptCase(
            "map.walkable of huge numbers", "print(map.walkable(1e300, 0), map.walkable(0, -1e300))",
            prints: ["false\tfalse"]),
        ScriptCase(
            "map.walkable takes numbers", "map.walkable('0', 0)", error: "x must be a finite number, got string"),
        ScriptCase("map.walkable takes no NaN", "map.walkable(0, 0/0)", error: "y must be a finite number"),
        ScriptCase(
            "map.random gives walkable places",
            "local seen = {} for i = 1, 200 do local x, y = map.random() assert(map.walkable(x, y)) seen[x .. ',' .. y] = true end print(#keys(seen) > 40)",
            prints: ["true"]),
        ScriptCase(
            "map.path goes around an obstacle",
            "local p = map.path(3, 0, 5, 0) local ok = true for _, s in ipairs(p) do ok = ok and map.walkable(s.x, s.y) end print(ok, #p >= 18, p[#p].x, p[#p].y)",
            prints: ["true\ttrue\t5\t0"]),
        ScriptCase(
            "map.path step by step",
            "local p, x, y = map.path(0, 0, 3, 3), 0, 0 for _, s in ipairs(p) do assert(math.abs(s.x - x) <= 1 and math.abs(s.y - y) <= 1) x, y = s.x, s.y end print(#p, x, y)",
            prints: ["3\t3\t3"]),
        ScriptCase("map.path to the same place is empty", "print(#map.path(1, 1, 1, 1))", prints: ["0"]),
        ScriptCase("map.path to where nobody can get is nil", "print(map.path(0, 0, 9, 0))", prints: ["nil"]),
        ScriptCase("map.path into a wall is nil", "print(map.path(0, 0, 4, 4))", prints: ["nil"]),
        ScriptCase(
            "map.path off the map is nil", "print(map.path(0, 0, 40, 4), map.path(-5, 0, 1, 1))", prints: ["nil\tnil"]),
        ScriptCase("map.path takes numbers", "map.path(0, 0, 1)", error: "y2 must be a finite number, got nil"),
        ScriptCase(
            "map.broadcast takes tables", "map.broadcast('hello')", error: "broadcast takes a table, got string"),
        ScriptCase(
            "map.broadcast refuses functions", "map.broadcast({f = print})", error: "f: a function is not allowed here"),
        ScriptCase("map's fields can't be assigned", "map.width = 5", error: "map.width can't be assigned"),
        ScriptCase("map's functions can't be replaced", "map.random = nil", error: "map.random can't be assigned"),
        ScriptCase(
            "an unknown field of map", "print(map.size)",
            error:
                "map has no field 'size'; it has id, name, width, height, walkable(x, y), random(), path(x1, y1, x2, y2), broadcast(table)"
        ),
        ScriptCase("a colon works too", "print(map:walkable(0, 0))", prints: ["true"]),
    ]

    @Test("map", arguments: cases)
    func map(_ example: ScriptCase) throws { try example.check() }

    @Test("map.broadcast reaches every player of the map")
    func broadcast() throws {
        let map = try ScriptWorld.map()
        map.script("map.broadcast({chat = {from = object.login, text = 'hi'}})")
        let expected = Sorted(.object(["chat": .object(["from": .string("player1"), "text": .string("hi")])]))
        #expect(map.players[1]?.direct.map(Sorted.init) == [expected])
        #expect(map.players[2]?.direct.map(Sorted.init) == [expected])
    }
}
