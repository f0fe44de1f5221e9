import GameRules
import JSONValues
import Testing
import World

@testable import GameFolder

@Suite("Forms for annotations (M0.11, rows 145 to 148)") struct ScriptFormTests {
    private func changed(
        _ source: String, _ role: GameScript.Role, _ change: (inout ScriptForm) -> Void
    ) throws -> String {
        var form = ScriptForm(Array(source.utf8), role: role)
        change(&form)
        return String(decoding: try form.applied(to: Array(source.utf8), role: role), as: UTF8.self)
    }

    private let hp = """
        -- Life
        --@about Life.  At 0 it is dead.
        --@type   number
        --@default 10
        --@entities players, enemys

        -- The trigger.
        if value < 0 then print("--@type string") end

        """

    @Test("a form that changes nothing leaves every byte as it is", arguments: ["\n", "\r\n", "\r"])
    func unchanged(lineEnd: String) throws {
        for (text, role) in [
            (hp, GameScript.Role.component("hp")), ("", .component("x")), ("--@type number", .component("x")),
            ("--@param x number    tile\n--@param  y number=3 up\nf()", .event(group: "move", name: "to")),
            ("--@order 10\nreturn 0.2", .timeout(group: "move")), ("f()", .spawn(kind: .enemys, .id(7))),
        ] {
            let text = text.replacing("\n", with: lineEnd)
            #expect(try changed(text, role) { _ in } == text)
        }
    }

    @Test("a component's type, default, privacy and types; its code and comments stay (row 145)")
    func component() throws {
        let form = ScriptForm(Array(hp.utf8), role: .component("hp"))
        #expect(form.type == "number" && form.default == "10" && form.private == false)
        #expect(form.entities == ["players", "enemys"] && form.about == "Life.  At 0 it is dead.")
        let text = try changed(hp, .component("hp")) {
            $0.type = "json"
            $0.default = #"{"a":1}"#
            $0.private = true
            $0.entities = EntityKind.allCases.map(\.name)
        }
        #expect(
            text == """
                -- Life
                --@about Life.  At 0 it is dead.
                --@type json
                --@default {"a":1}
                --@private

                -- The trigger.
                if value < 0 then print("--@type string") end

                """)
        var problems: [GameFolderProblem] = []
        let file = ScriptFile.parse(
            role: .component("hp"), path: "components/hp.lua", source: Array(text.utf8), problems: &problems)
        let expected = ComponentDefinition(
            name: "hp", type: .json, defaultValue: .object(["a": .number(1)]), isPrivate: true, hasTrigger: true)
        #expect(file?.declaration == .component(expected))
        let back = try changed(text, .component("hp")) {
            $0.private = false
            $0.default = ""
            $0.entities = ["animals"]
        }
        #expect(back.contains("--@type json\n--@entities animals\n") && !back.contains("--@private"))
    }

    @Test("an empty file gets its annotations in their order")
    func empty() throws {
        let text = try changed("", .component("x")) {
            $0.default = "1"
            $0.about = "One."
            $0.type = "number"
        }
        #expect(text == "--@about One.\n--@type number\n--@default 1\n")
    }

    @Test("an event's public flag and parameters; lines whose meaning stays keep their spaces (row 146)")
    func event() throws {
        let source = """
            -- events/move/to.lua
            --@public true
            --@param x number    tile to walk to
            --@param y number = 3
            -- what z is for
            --@param z any = {"a": [1]} deep
            walk()

            """
        let role = GameScript.Role.event(group: "move", name: "to")
        let form = ScriptForm(Array(source.utf8), role: role)
        #expect(form.public == true && form.repeat == false)
        #expect(form.parameters?.map(\.name) == ["x", "y", "z"] && form.parameters?[2].default == #"{"a":[1]}"#)
        let text = try changed(source, role) { form in
            form.public = false
            form.repeat = true
            form.about = "Walks."
            form.parameters?.remove(at: 1)
            form.parameters?[1].name = "height"
            form.parameters?.append(.init(was: nil, name: "fast", type: "boolean", default: "false", about: "or not"))
        }
        #expect(
            text == """
                -- events/move/to.lua
                --@about Walks.
                --@public false
                --@repeat true
                --@param x number    tile to walk to
                -- what z is for
                --@param height any = {"a":[1]} deep
                --@param fast boolean = false or not
                walk()

                """)
        var problems: [GameFolderProblem] = []
        #expect(ScriptFile.parse(role: role, path: "a", source: Array(text.utf8), problems: &problems) != nil)
    }

    @Test("a group's timeout as a number or in Lua (row 147)")
    func timeout() throws {
        let role = GameScript.Role.timeout(group: "move")
        let number = "--@order 10\n--@about Seconds.\n\n-- quick\nreturn 0.2 -- seconds\n"
        #expect(ScriptForm(Array(number.utf8), role: role).seconds == "0.2")
        let slower = try changed(number, role) { $0.seconds = "1.5" }
        #expect(slower == number.replacing("0.2", with: "1.5"))
        #expect(try changed(number, role) { $0.seconds = nil } == number)
        let formula = "--@order 10\n-- first\nif object.x > 1 then\n  return 2\nend\nreturn 1\n-- last\n"
        #expect(ScriptForm(Array(formula.utf8), role: role).seconds == nil)
        #expect(try changed(formula, role) { $0.seconds = "3" } == "--@order 10\n-- first\nreturn 3\n-- last\n")
        #expect(try changed("", role) { $0.seconds = "3" } == "return 3\n")
        let rest = try changed(number, role) {
            $0.order = ""
            $0.share = "none"
            $0.lifeRadius = "20"
        }
        #expect(rest == "--@about Seconds.\n--@life_radius 20\n--@share none\n\n-- quick\nreturn 0.2 -- seconds\n")
        for wrong in ["-1", "x", "1e999", "", "0x10", "1 2"] {
            #expect(throws: ScriptForm.Mistake.self) { try changed(number, role) { $0.seconds = wrong } }
        }
    }

    @Test("entry code of a single entity has its line about it (row 148)")
    func entry() throws {
        let role = GameScript.Role.spawn(kind: .enemys, .id(7))
        let text = try changed("object.x = 1\n", role) { $0.about = "The boss." }
        #expect(text == "--@about The boss.\nobject.x = 1\n")
        #expect(try EditablePath("spawn/enemys/7.lua").role == role)
    }

    @Test("no text of a field can add a line", arguments: ["a\n--@private", "a\r--@x", "a\u{0}"])
    func injection(text: String) {
        for change in [
            { $0.about = text }, { $0.default = text }, { $0.type = text }, { $0.entities = [text] },
        ] as [(inout ScriptForm) -> Void] {
            #expect(throws: ScriptForm.Mistake.self) { try changed(hp, .component("hp"), change) }
        }
        let role = GameScript.Role.event(group: "a", name: "b")
        #expect(throws: ScriptForm.Mistake.self) {
            try changed("f()", role) {
                $0.parameters = [.init(was: nil, name: "x", type: text, default: "", about: "")]
            }
        }
        #expect(throws: ScriptForm.Mistake.self) {
            try changed("f()", role) {
                $0.parameters = [.init(was: nil, name: "", type: "any", default: "", about: "")]
            }
        }
    }

    @Test(
        "completion offers the annotations that the reader of scripts takes",
        arguments: [
            GameScript.Role.lib("a"), .component("a"), .event(group: "a", name: "b"), .timeout(group: "a"),
            .spawn(kind: .players, .all), .leave(kind: .players, .all),
        ])
    func known(role: GameScript.Role) throws {
        var problems: [GameFolderProblem] = []
        _ = ScriptFile.parse(role: role, path: "a.lua", source: Array("--@zzzzzzzz\nf()".utf8), problems: &problems)
        let message = try #require(problems.first { $0.message.contains("zzzzzzzz") }).message
        let list = message.split(separator: "allowed here are ")[1].split(separator: ", ").map { $0.dropFirst(3) }
        #expect(Set(list.map(String.init)) == Set(ScriptForm.annotations(of: role.kind).map(\.name)))
    }
}
