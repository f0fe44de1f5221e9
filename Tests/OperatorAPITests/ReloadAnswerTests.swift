import JSONValues
import Testing

@testable import OperatorAPI

@Suite("The answer to a reload") struct ReloadAnswerTests {
    static let answer = ReloadAnswer(
        changes: ["reloaded a.lua 0123: <b>"], effects: [10: ["x", "y"], 4: ["players_1: gone"]],
        problems: [
            .init(file: "events/a/b.lua", line: 3, column: nil, message: "'=' expected"),
            .init(file: "game.yaml", line: 2, column: 7, message: "bad: worse"),
            .init(file: "", line: nil, column: nil, message: "away"),
        ])

    @Test("is read as it was written, with maps in order of their numbers")
    func roundTrip() throws {
        #expect(Self.answer.effects.map(\.map) == ["4", "10"])
        #expect(
            Self.answer.json.text
                == #"{"changes":["reloaded a.lua 0123: <b>"],"effects":{"4":["players_1: gone"],"10":["x","y"]},"#
                + #""problems":[{"file":"events/a/b.lua","line":3,"column":null,"message":"'=' expected"},"#
                + #"{"file":"game.yaml","line":2,"column":7,"message":"bad: worse"},"#
                + #"{"file":"","line":null,"column":null,"message":"away"}]}"#)
        #expect(ReloadAnswer(try JSON(parsing: Self.answer.json.bytes)) == Self.answer)
    }

    @Test("prints changes and effects, and problems as compilers do")
    func text() {
        #expect(Self.answer.text == "reloaded a.lua 0123: <b>\nmap 4: players_1: gone\nmap 10: x\nmap 10: y")
        #expect(
            Self.answer.problems.map(\.description) == [
                "events/a/b.lua:3: '=' expected", "game.yaml:2:7: bad: worse", ": away",
            ])
        #expect(ReloadAnswer(changes: [], effects: [:], problems: []).text == "nothing changed")
    }

    @Test(
        "a member that is missing or of another type counts as empty",
        arguments: ["{}", "[]", "null", #"{"changes":3,"effects":[],"problems":[1,"a"]}"#])
    func lenient(json: String) throws {
        #expect(
            try ReloadAnswer(JSON(parsing: Array(json.utf8))) == ReloadAnswer(changes: [], effects: [:], problems: []))
    }

    @Test("a line that is not a number is left out", arguments: ["null", "\"3\"", "1e300"])
    func lines(line: String) throws {
        let json = #"{"problems":[{"file":"a","line":\#(line),"message":"m"}]}"#
        #expect(try ReloadAnswer(JSON(parsing: Array(json.utf8))).problems.map(\.description) == ["a: m"])
    }
}
