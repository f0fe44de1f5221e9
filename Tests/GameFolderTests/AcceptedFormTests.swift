import GameFolder
import JSONValues
import Testing
import World

@Suite("Annotations in every form that is accepted") struct AcceptedFormTests {
    private func load(_ file: String, _ text: String) throws -> GameDefinition {
        let folder = try ScratchFolder([file: text])
        if file.hasSuffix("timeout.lua") { try folder.write("events/move/to.lua", "x = 1") }
        let (game, problems) = try GameFolder.load(directory: folder.path)
        #expect(problems == [], "\(text)")
        return game
    }

    @Test(
        "component: type, default, private, entities",
        arguments: [
            ("--@type number", ComponentDefinition(name: "a", type: .number)),
            ("--@type   number  ", ComponentDefinition(name: "a", type: .number)),
            ("--@type\tstring", ComponentDefinition(name: "a", type: .string)),
            ("--@type json", ComponentDefinition(name: "a", type: .json)),
            ("\n-- a note\n\n  --@type number", ComponentDefinition(name: "a", type: .number)),
            ("--[[ a long\nnote ]]\n--@type number", ComponentDefinition(name: "a", type: .number)),
            ("---@type LuaLS\n--@type number", ComponentDefinition(name: "a", type: .number)),
            ("--@default 1\n--@type number", ComponentDefinition(name: "a", type: .number, defaultValue: .number(1))),
            (
                "--@type number\n--@default -1.5e2",
                ComponentDefinition(name: "a", type: .number, defaultValue: .number(-150))
            ),
            ("--@type number\n--@default null", ComponentDefinition(name: "a", type: .number)),
            (
                "--@type string\n--@default \"\"",
                ComponentDefinition(name: "a", type: .string, defaultValue: .string(""))
            ),
            (
                "--@type string\n--@default \"a \\\"b\\\" \\u00e9\"",
                ComponentDefinition(name: "a", type: .string, defaultValue: .string("a \"b\" é"))
            ),
            ("--@type json\n--@default []", ComponentDefinition(name: "a", type: .json, defaultValue: .array([]))),
            ("--@type json\n--@default {}", ComponentDefinition(name: "a", type: .json, defaultValue: .object([:]))),
            (
                "--@type json\n--@default {\"a\": [1, {}]}",
                ComponentDefinition(
                    name: "a", type: .json, defaultValue: .object(["a": .array([.number(1), .object([:])])]))
            ),
            ("--@type number\n--@private", ComponentDefinition(name: "a", type: .number, isPrivate: true)),
            (
                "--@type number\n--@entities animals",
                ComponentDefinition(name: "a", type: .number, kinds: EntityKindSet(.animals))
            ),
            (
                "--@type number\n--@entities players,objects   enemys, players",
                ComponentDefinition(
                    name: "a", type: .number,
                    kinds: [EntityKindSet(.players), EntityKindSet(.objects), EntityKindSet(.enemys)])
            ),
            ("--@type number\nreturn 1", ComponentDefinition(name: "a", type: .number, hasTrigger: true)),
        ])
    func component(text: String, expected: ComponentDefinition) throws {
        #expect(try load("components/a.lua", text).schema.components == [expected])
    }

    @Test(
        "event: public; without the annotation it is not public [M11.11]",
        arguments: [("", false), ("--@public false\n", false), ("--@public true\n", true), ("-- public\n", false)])
    func isPublic(text: String, expected: Bool) throws {
        #expect(try load("events/move/to.lua", text + "x = 1").schema.groups.first?.events.first?.isPublic == expected)
    }

    @Test(
        "event: a parameter is name, type, default and text [M11.2]",
        arguments: [
            ("a number", EventParameter(name: "a", type: .number)),
            ("  a   string  ", EventParameter(name: "a", type: .string)),
            ("_A9 any", EventParameter(name: "_A9", type: .any)), ("a table", EventParameter(name: "a", type: .table)),
            ("a boolean whether", EventParameter(name: "a", type: .boolean, about: "whether")),
            ("a number=1", EventParameter(name: "a", type: .number, defaultValue: .number(1))),
            ("a number =1 is one", EventParameter(name: "a", type: .number, defaultValue: .number(1), about: "is one")),
            ("a string = \"x y\"z", EventParameter(name: "a", type: .string, defaultValue: .string("x y"), about: "z")),
            ("a boolean = true", EventParameter(name: "a", type: .boolean, defaultValue: .bool(true))),
            (
                "a table = {\"b\": \"}\"} t",
                EventParameter(name: "a", type: .table, defaultValue: .object(["b": .string("}")]), about: "t")
            ),
            ("a table = []", EventParameter(name: "a", type: .table, defaultValue: .array([]))),
            ("a number = null", EventParameter(name: "a", type: .number, defaultValue: .null)),
            ("a any = \"x\"", EventParameter(name: "a", type: .any, defaultValue: .string("x"))),
        ])
    func parameter(text: String, expected: EventParameter) throws {
        let game = try load("events/move/to.lua", "--@param \(text)\nx = 1")
        #expect(game.schema.groups.first?.events.first?.parameters == [expected])
    }

    @Test(
        "timeout: order; without the annotation it is 0",
        arguments: [
            ("", 0), ("--@order 10\n", 10), ("--@order -1\n", -1), ("--@order 0.5\n", 0.5), ("--@order 1e3\n", 1000),
        ])
    func order(text: String, expected: Double) throws {
        let group = try #require(try load("events/move/timeout.lua", text + "return 1").schema.groups.first)
        #expect(group.order == expected && group.hasTimeoutFormula)
    }

    @Test(
        "a queue whose timeout.lua is wrong is kept from all clients, as the file may say so",
        arguments: ["--@share non\nreturn 1", "--@share owner\n--@order x\nreturn 1", "--@order x\nreturn 1"])
    func brokenShare(text: String) throws {
        let folder = try ScratchFolder(["events/plan/index.lua": "x = 1", "events/plan/timeout.lua": text])
        let (game, problems) = try GameFolder.load(directory: folder.path)
        #expect(problems.map(\.file) == ["events/plan/timeout.lua"])
        #expect(game.schema.groups.first { $0.name == "plan" }?.share == EventGroupDefinition.Share.none)
    }

    @Test("timeout: share; without the annotation it is all", arguments: ["", "all", "owner", "none"])
    func share(text: String) throws {
        let annotation = text.isEmpty ? "" : "--@share \(text)\n"
        let group = try #require(try load("events/move/timeout.lua", annotation + "return 1").schema.groups.first)
        #expect(group.share.rawValue == (text.isEmpty ? "all" : text) && group.hasTimeoutFormula)
    }

    @Test(
        "any file: about",
        arguments: [
            ("lib/a.lua", ""), ("components/a.lua", "--@type number\n"), ("events/a/b.lua", ""),
            ("spawn/players.lua", ""),
            ("spawn/objects/a.lua", ""), ("events/move/timeout.lua", ""),
        ])
    func about(file: String, before: String) throws {
        let game = try load(file, "\(before)--@about  Says -- what it's for: \"this\"  \nreturn 1")
        #expect(game.scripts.first { $0.path == file }?.about == "Says -- what it's for: \"this\"")
    }

    @Test(
        "names that are allowed",
        arguments: [
            "components/_.lua", "components/Hp2.lua", "events/_g/end.lua", "lib/end.lua", "spawn/enemys/if.lua",
        ])
    func names(file: String) throws {
        #expect(
            try load(file, "--@about x\n" + (file.hasPrefix("c") ? "--@type number\n" : "") + "x = 1").scripts.count
                == 1)
    }
}
