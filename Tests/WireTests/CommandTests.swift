import JSONValues
import Testing

@testable import Wire

@Suite("Commands [1-protocol 3]") struct CommandTests {
    func parse(_ text: String) throws(CommandError) -> Command { try Command.parse(Array(text.utf8)) }

    @Test("parameters are at the top level or under data")
    func parameterPlaces() throws {
        let top = try parse(#"{"action":"move/to","command_id":1670069589900,"x":3,"y":4}"#)
        let nested = try parse(#"{"action":"move/to","command_id":1670069589900,"data":{"x":3,"y":4}}"#)
        #expect(top == nested)
        #expect(top.parameters == ["x": 3.json, "y": 4.json])
        #expect(top.commandID == 1_670_069_589_900)
    }

    @Test("GROUP alone means GROUP/index [M11.4]")
    func defaultEvent() throws {
        #expect(try parse(#"{"action":"load"}"#).isLoad)
        #expect(try parse(#"{"action":"load/index"}"#).isLoad)
        #expect(try parse(#"{"action":"attack"}"#).action == "attack/index")
    }

    @Test("unixtime is seconds or milliseconds, and no parameter; null counts as absent")
    func unixtime() throws {
        #expect(try parse(#"{"action":"a","unixtime":1670069589.25}"#).unixtime == 1_670_069_589.25)
        #expect(try parse(#"{"action":"a","unixtime":1670069589250,"x":1}"#).unixtime == 1_670_069_589_250)
        #expect(try parse(#"{"action":"a","unixtime":0,"x":1}"#).parameters == ["x": .number(1)])
        #expect(try parse(#"{"action":"a","unixtime":null}"#).unixtime == nil)
        #expect(try parse(#"{"action":"a","data":{"unixtime":3}}"#).parameters == ["unixtime": .number(3)])
    }

    @Test("ping is seconds, null counts as absent")
    func ping() throws {
        #expect(try parse(#"{"action":"a","ping":0.031,"command_id":null,"data":null}"#).ping == 0.031)
    }

    @Test(
        "a text that is not a JSON object is refused",
        arguments: ["", "[]", "1", "\"move\"", "{", "{\"action\":}", "null", "\u{0}", "{}{}"])
    func notAnObject(text: String) {
        let error = #expect(throws: CommandError.self) { try parse(text) }
        #expect(error?.code == .badJSON)
    }

    @Test(
        "malformed members are refused",
        arguments: [
            "{}", #"{"action":1}"#, #"{"action":""}"#, #"{"action":"/"}"#, #"{"action":"a/b/c"}"#, #"{"action":"a b"}"#,
            #"{"action":"1a"}"#, #"{"action":"é"}"#, #"{"action":"a/"}"#, #"{"action":"a","command_id":"1"}"#,
            #"{"action":"a","command_id":1.5}"#, #"{"action":"a","command_id":1e300}"#, #"{"action":"a","ping":-1}"#,
            #"{"action":"a","unixtime":-1}"#, #"{"action":"a","unixtime":"1"}"#, #"{"action":"a","unixtime":1e17}"#,
            #"{"action":"a","unixtime":[1]}"#, #"{"action":"a","unixtime":true}"#,
            #"{"action":"a","ping":"x"}"#, #"{"action":"a","data":[1]}"#, #"{"action":"a","x":1,"data":{"x":2}}"#,
        ])
    func malformed(text: String) {
        let error = #expect(throws: CommandError.self) { try parse(text) }
        #expect(error?.code == .badCommand)
    }

    @Test(
        "a wrong unixtime or ping is refused with its value and what is allowed",
        arguments: [
            ("unixtime", "-1", "-1"), ("unixtime", #""noon""#, #""noon""#), ("unixtime", "[1]", "an array"),
            ("unixtime", "true", "true"), ("ping", "-0.5", "-0.5"), ("ping", "{}", "an object"),
        ])
    func wrongClock(member: String, value: String, shown: String) {
        let allowed = [
            "unixtime":
                "unixtime must be your clock, the seconds since 1970 (or milliseconds) as a number from 0 to 2^53",
            "ping": "ping must be a number of seconds, 0 or more",
        ]
        let error = #expect(throws: CommandError.self) { try parse(#"{"action":"a","\#(member)":\#(value)}"#) }
        #expect(error?.message == "\(allowed[member] ?? ""), not \(shown)")
    }

    @Test("JSON deeper than a command needs is refused")
    func depth() {
        let text =
            #"{"action":"a","x":"# + String(repeating: "[", count: 200) + String(repeating: "]", count: 200) + "}"
        #expect(throws: CommandError.self) { try parse(text) }
    }

    @Test("a refusal echoes action and command_id")
    func payload() throws {
        let error = CommandError(.notPublic, "no \"x\"", action: "regen/index", commandID: 7)
        let answer = try JSON(parsing: error.payload)
        #expect(
            answer
                == .object([
                    "error": .string("no \"x\""), "code": .string("not_public"), "action": .string("regen/index"),
                    "command_id": .number(7),
                ]))
    }

    @Test("a refusal never echoes an unbounded text")
    func clippedEcho() throws {
        let error = #expect(throws: CommandError.self) {
            try parse(#"{"action":"\#(String(repeating: "x y", count: 5000))"}"#)
        }
        #expect(try #require(error).payload.count < 600)
        let clock = #expect(throws: CommandError.self) {
            try parse(#"{"action":"a","unixtime":"\#(String(repeating: "x y", count: 5000))"}"#)
        }
        #expect(try #require(clock).payload.count < 600)
    }
}

extension Int {
    var json: JSON { .number(Double(self)) }
}
