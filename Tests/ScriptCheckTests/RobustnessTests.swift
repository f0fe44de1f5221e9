import Foundation
import GameFolder
import LuaSyntax
import Testing
import World

@testable import ScriptCheck

@Suite("perigee check on damaged and extreme scripts") struct RobustnessTests {
    /// Checks texts as the code of one event of the bundled game.
    private func check(_ sources: [[UInt8]]) throws -> Int {
        let survey = try GameFolder.survey(directory: Paths.meadow)
        var uses: [String: GlobalUses] = [:]
        for script in survey.definition.scripts { uses[script.path] = GlobalUses(try LuaParser.parse(script.source)) }
        var parsed = 0
        for source in sources {
            guard let block = try? LuaParser.parse(source) else { continue }
            let role = GameScript.Role.event(group: "move", name: "to")
            let script = GameScript(role: role, path: "events/move/to.lua", source: source)
            uses[script.path] = GlobalUses(block)
            for role in [
                role, .lib("x"), .component("hp"), .timeout(group: "move"), .spawn(kind: .enemys, .all),
                .leave(kind: .players, .all),
            ] {
                let script = GameScript(role: role, path: script.path, source: source)
                _ = FileChecker(script, block, facts: GameFacts(survey, uses: uses)).diagnostics
            }
            parsed += 1
        }
        return parsed
    }

    @Test("damaged scripts that are still Lua, as scripts of every kind")
    func mutants() throws {
        var numbers = Numbers(state: 5)
        let words = [
            "object", "objects", "data", "event", ".components", ".events", ".add(", "(", ")", "{}", "nil", "= 1", "x",
            "pairs(", ":remove()", "[1]", "..", "value", "local ", " end ", "function() end", "\"move\"", ",",
        ]
        var mutants: [[UInt8]] = []
        for script in try GameFolder.load(directory: Paths.meadow).0.scripts {
            for _ in 0..<6 {
                var text = script.source
                let word = words[Int.random(in: 0..<words.count, using: &numbers)]
                let start = Int.random(in: 0...text.count, using: &numbers)
                let end = min(text.count, start + Int.random(in: 0...10, using: &numbers))
                text.replaceSubrange(start..<end, with: word.utf8)
                mutants.append(text)
            }
        }
        #expect(try check(mutants) > 60)
    }

    @Test("code as deep and as long as the language allows")
    func extremes() throws {
        func repeated(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }
        var sources = [
            "x = " + repeated("(", 190) + "object.foo" + repeated(")", 190),
            "x = " + repeated("{", 190) + repeated("}", 190), repeated("do ", 190) + repeated("end ", 190),
            "return " + repeated("function() return ", 95) + "object" + repeated(" end", 95),
            "x = " + repeated("not ", 190) + "object", "x = object" + repeated(".components", 5000),
            "x = 1" + repeated(" + 1", 5000), "f" + repeated("()", 5000) + "",
            "if x then " + repeated("elseif x then ", 5000) + "end",
            "local t = {" + repeated("object,", 5000) + "}",
            repeated("object.foo = 1 ", 500), repeated("print(data.x) ", 500), repeated("string.foo() ", 500),
            (0..<500).map { "name\($0) = 1 print(other\($0)) " }.joined(),
        ]
        sources.append(
            repeated("for k in pairs(function() ", 60) + repeated(" end) do end", 60))
        sources.append(
            repeated("object.events.add('move', 'to', {x = f(", 40) + repeated(")})", 40))
        #expect(try check(sources.map { Array($0.utf8) }) == sources.count)
    }
}
