import JSONValues
import Testing
import World

@testable import Wire

@Suite("Command validation [1-protocol 3]") struct CommandValidatorTests {
    let validator = CommandValidator(
        schema: Schema(groups: [
            EventGroupDefinition(
                name: "move",
                events: [
                    EventDefinition(
                        name: "to", isPublic: true,
                        parameters: [
                            EventParameter(name: "x", type: .number), EventParameter(name: "y", type: .number),
                            EventParameter(name: "run", type: .boolean, defaultValue: .bool(false)),
                        ]),
                    EventDefinition(name: "push"),
                ]),
            EventGroupDefinition(name: "regen", events: [EventDefinition(name: "index")]),
            EventGroupDefinition(
                name: "say",
                events: [
                    EventDefinition(
                        name: "index", isPublic: true,
                        parameters: [
                            EventParameter(name: "text", type: .string, defaultValue: .string("")),
                            EventParameter(name: "list", type: .table, defaultValue: .array([])),
                            EventParameter(name: "extra", type: .any, defaultValue: .null),
                        ])
                ]),
        ]))

    @Test("the canonical parameters have the declared order and the defaults [M11.2]")
    func canonical() throws {
        let command = Command(group: "move", event: "to", parameters: ["y": 2.json, "x": 1.json])
        let result = try validator.validate(command).data
        #expect(result.keys == ["x", "y", "run"])
        #expect(result["run"] == .bool(false))
    }

    @Test(
        "an accepted command has the indices of its group and event in the schema, which sorts events by name",
        arguments: [("move", "to", 0, 1), ("say", "index", 2, 0)])
    func places(group: String, event: String, groupPlace: Int, eventPlace: Int) throws {
        let parameters: JSONObject = group == "move" ? ["x": 1.json, "y": 2.json] : [:]
        let accepted = try validator.validate(Command(group: group, event: event, parameters: parameters))
        #expect((accepted.group, accepted.event) == (groupPlace, eventPlace))
    }

    @Test("null counts as absent")
    func nullIsAbsent() throws {
        let result = try validator.validate(Command(group: "say", parameters: ["text": .null])).data
        #expect(result["text"] == .string(""))
        #expect(throws: CommandError.self) {
            try validator.validate(Command(group: "move", event: "to", parameters: ["x": .null, "y": 1.json]))
        }
    }

    @Test(
        "refusals have a code and say what is allowed",
        arguments: [
            (Command(group: "fly"), CommandError.Code.unknownEvent, "move, say"),
            (Command(group: "move", event: "sideways"), .unknownEvent, "public events: to"),
            (Command(group: "move", event: "push"), .notPublic, "public events of move: to"),
            (Command(group: "regen"), .notPublic, "none"),
            (Command(group: "move", event: "to", parameters: ["z": 1.json]), .unknownParameter, "x, y, run"),
            (Command(group: "move", event: "to", parameters: ["x": .string("1")]), .badParameter, "be a number"),
            (
                Command(group: "move", event: "to", parameters: ["x": 1.json]), .missingParameter,
                "parameter 'y' (number)"
            ),
            (Command(group: "say", parameters: ["list": .string("a")]), .badParameter, "a table, got string"),
        ])
    func refusals(command: Command, code: CommandError.Code, says: String) {
        var command = command
        command.commandID = 5
        let error = #expect(throws: CommandError.self) { try validator.validate(command) }
        #expect(error?.code == code)
        #expect(error?.message.contains(says) == true, "\(error?.message ?? "")")
        #expect(error?.commandID == 5)
        #expect(error?.action == command.action)
    }

    @Test("the type table accepts an array or an object, the type any every value")
    func tables() throws {
        let command = Command(group: "say", parameters: ["list": .object(["a": 1.json]), "extra": .array([.null])])
        #expect(try validator.validate(command).data["list"] == .object(["a": 1.json]))
    }
}
