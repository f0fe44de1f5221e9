import SimulationTestKit
import Testing

@testable import Simulation

@Suite("Habits from other languages, in a map's error log") struct HabitTests {
    @Test(
        "an error of a script says what Lua has instead, at loading and when it runs",
        arguments: [
            ("object.x += 1", "Lua has no +=; write object.x = object.x + …"),
            ("if object.x != 1 then object.x = 1 end", "Lua writes ~= for !="),
            ("local list = {} list:push(1)", "Lua has no .push; write table.insert(list, value)"),
            ("local list = {} print(len(list))", "Lua writes #list for len(list)"),
            ("throw('bad')", "Lua has no throw; write error(\"…\")"),
        ])
    func events(body: String, advice: String) throws {
        let map = try TestMap(["events/try/index.lua": "--@public true\n\(body)\n"])
        map.join(1)
        try map.command(1, "try")
        #expect(
            map.errors.contains { $0.contains("events/try/index.lua:2: ") && $0.contains("; \(advice)") },
            "\(map.errors)")
    }

    @Test("a lib and a timeout formula say it too")
    func otherScripts() throws {
        let map = try TestMap([
            "lib/far.lua": "let far = 2\n", "events/go/index.lua": "--@public true\nobject.x = 1\n",
            "events/go/timeout.lua": "return object.x ? 1 : 2\n",
        ])
        #expect(map.errors.contains { $0.contains("Lua has no let; write local") }, "\(map.errors)")
        #expect(map.errors.contains { $0.contains("Lua has no ? :") }, "\(map.errors)")
    }

    @Test("what a script catches is the VM's own message")
    func caught() throws {
        let map = try TestMap([
            "events/try/index.lua": "--@public true\nprint(pcall(function() local list = {} list:push(1) end))\n"
        ])
        map.join(1)
        try map.command(1, "try")
        #expect(map.log.contains { $0.hasSuffix("attempt to call method 'push' (a nil value)") }, "\(map.log)")
    }
}
