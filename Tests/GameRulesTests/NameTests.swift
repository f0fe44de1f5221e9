import Testing

@testable import GameRules

@Suite("Names and what was meant") struct NameTests {
    @Test(
        "an identifier is a letter or _, then letters, digits and _",
        arguments: [
            ("a", true), ("_", true), ("a1_B", true), ("", false), ("1a", false), ("a-b", false), ("é", false),
            ("a b", false),
        ])
    func identifiers(name: String, isGood: Bool) {
        #expect(Names.isIdentifier(name) == isGood)
        #expect((Names.problem(with: name, as: "component") == nil) == isGood)
    }

    @Test("a keyword of Lua is not a name, except for files whose name no script uses")
    func keywords() {
        #expect(Names.problem(with: "end", as: "event")?.hasPrefix("\"end\" can't be the name of an event") == true)
        #expect(Names.problem(with: "end", as: "lib", keywordsAllowed: true) == nil)
    }

    @Test("the nearest word is a few letters away at most; case does not count")
    func words() {
        #expect(Suggestion.hint(for: "tick_rat", among: ["tick_rate", "name"]) == "; did you mean tick_rate?")
        #expect(Suggestion.nearest(to: "NAME", among: ["tick_rate", "name"]) == "name")
        #expect(Suggestion.nearest(to: "colour", among: ["tick_rate", "name"]) == nil)
        #expect(Suggestion.nearest(to: "", among: ["a"]) == nil)
        #expect(Suggestion.nearest(to: String(repeating: "a", count: 65), among: ["a"]) == nil)
    }

    @Test("the nearest name is not the name itself, and never a different name of one letter")
    func names() {
        #expect(Suggestion.hint(forName: "postion", among: ["position", "x"]) == "; did you mean 'position'?")
        #expect(Suggestion.nearest(toName: "Position", among: ["position"]) == "position")
        #expect(Suggestion.nearest(toName: "y", among: ["x", "z"]) == nil)
        #expect(Suggestion.nearest(toName: "ab", among: ["ac", "aa"]) == "aa")
        #expect(Suggestion.nearest(toName: "x", among: ["x"]) == nil)
    }
}
