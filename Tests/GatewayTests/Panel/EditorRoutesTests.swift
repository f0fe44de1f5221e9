import Foundation
import GameFolder
import JSONValues
import OperatorAPI
import Simulation
import Storage
import Testing

@testable import AdminPanel
@testable import Gateway

@Suite("Editor of the game folder (M0.11, M8.6, M11.14, rows 145 to 148)", .timeLimit(.minutes(5)))
struct EditorRoutesTests {
    private static let game = [
        "game.yaml": "name: Test\n", "components/hp.lua": "--@type number\n--@default 10\n",
        "events/move/to.lua": "--@public true\n--@param x number\nobject.x = data.x\n",
        "events/move/timeout.lua": "return 0.2\n", "spawn/players.lua": "print(object.key)\n",
        "client/main.js": "go()\n", "lib/one.lua": "return {}\n",
        "tests/walk.lua": "test('x', function() expect(1).is(1) end)\n",
    ]

    /// Runs a body against a panel with a game folder of its own.
    private func run(
        isRepository: Bool = false, _ body: (PanelServer, String) async throws -> Void
    ) async throws {
        try await TestServer.withFolder { folder in
            let directory = folder + "/game"
            for (path, text) in Self.game {
                let url = URL(filePath: "\(directory)/\(path)")
                try FileManager.default.createDirectory(
                    at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(text.utf8).write(to: url)
            }
            if isRepository {
                try git(directory, "init", "--quiet")
                try git(directory, "add", ".")
                try git(directory, "commit", "--quiet", "--message=Begin")
            }
            try await PanelServer.run(
                editing: { storage in
                    GameEditing(
                        directory: directory, versions: storage,
                        testClock: SimulationClock(now: { 0 }, monotonic: { 0 }),
                        game: { (try? GameFolder.load(directory: directory).0) ?? GameDefinition() },
                        apply: {
                            let problems = (try? GameFolder.load(directory: directory).1) ?? []
                            return ReloadReport(changes: ["reloaded"], problems: problems)
                        })
                }
            ) { panel in try await body(panel, directory) }
        }
    }

    private func query(_ endpoint: Endpoint, _ file: String, _ more: String = "") -> String {
        "\(endpoint.path)?file=\(Endpoint.encoded(file))\(more)"
    }

    private func show(_ panel: PanelServer, _ file: String, as user: PanelServer.User) async throws -> JSON {
        let reply = try await panel.send("GET", query(.showFile, file), as: user)
        #expect(reply.status == 200, "\(reply.text)")
        return .object(reply.json)
    }

    private func version(_ panel: PanelServer, _ file: String, as user: PanelServer.User) async throws -> String {
        try await show(panel, file, as: user).object?["version"]?.string ?? ""
    }

    private func save(
        _ panel: PanelServer, _ file: String, _ text: String, base: String?, as user: PanelServer.User
    ) async throws -> TestClient.Reply {
        var body: JSONObject = ["file": .string(file), "text": .string(text)]
        if let base { body["base"] = .string(base) }
        return try await panel.send(.saveFile, as: user, json: JSON.object(body).text)
    }

    private func content(_ directory: String, _ file: String) -> String? {
        try? String(contentsOfFile: "\(directory)/\(file)", encoding: .utf8)
    }

    @Test("a viewer reads all files; an editor saves, and the answer has what the running game did with it")
    func saving() async throws {
        try await run { panel, directory in
            let viewer = try await panel.user(.viewer), editor = try await panel.user(.editor)
            let list = try await panel.send(.listFiles, as: viewer)
            let files = list.json["files"]?.array?.compactMap { $0.object?["file"]?.string }
            #expect(files == Self.game.keys.sorted())
            let seen = try await show(panel, "components/hp.lua", as: viewer)
            #expect(seen.object?["text"] == .string(Self.game["components/hp.lua"] ?? ""))
            #expect(seen.object?["form"]?.object?["type"] == .string("number"))
            let base = try #require(seen.object?["version"]?.string)
            #expect(try await save(panel, "components/hp.lua", "x", base: base, as: viewer).status == 403)
            let text = "--@type string\n--@default \"é\"\n"
            let reply = try await save(panel, "components/hp.lua", text, base: base, as: editor)
            #expect(reply.status == 200 && content(directory, "components/hp.lua") == text)
            #expect(reply.json["reload"]?.object?["changes"] == .array([.string("reloaded")]))
            #expect(reply.json["text"] == nil && reply.json["form"]?.object?["type"] == .string("string"))
            let entry = try #require(try await panel.audit().first)
            #expect(entry.action == "files.save" && entry.actor == "editor" && entry.target == "components/hp.lua")
            #expect(
                entry.before?.contains(base) == true && entry.after?.contains("\"bytes\":\(text.utf8.count)") == true)
            // A mistake is saved, and told.
            let new = try await save(panel, "events/move/stop.lua", "--@pubic true\nf()\n", base: nil, as: editor)
            #expect(new.status == 200)
            #expect(new.json["reload"]?.object?["problems"]?.array?.count == 1)
        }
    }

    @Test("an event or a timeout without code is refused, also by a new name (M11.14)")
    func withoutCode() async throws {
        try await run { panel, directory in
            let editor = try await panel.user(.editor)
            for (file, text) in [("events/move/stop.lua", ""), ("events/move/stop.lua", "--@public true\n-- f()\n")] {
                let reply = try await save(panel, file, text, base: nil, as: editor)
                #expect(reply.status == 400 && reply.text.contains("an event must say in Lua what it does"))
                #expect(content(directory, file) == nil)
            }
            let base = try await version(panel, "events/move/timeout.lua", as: editor)
            #expect(
                try await save(panel, "events/move/timeout.lua", "--@order 1\n", base: base, as: editor).status == 400)
            let refused = try #require(try await panel.audit(refused: true).first)
            #expect(refused.target == "events/move/timeout.lua" && refused.refusal?.contains("no code") == true)
            // A component without code has no trigger, and is right.
            #expect(try await save(panel, "components/mp.lua", "--@type number\n", base: nil, as: editor).status == 200)
            // Nor can another file become an event by its new name.
            let component = try await version(panel, "components/mp.lua", as: editor)
            let renamed = try await panel.send(
                .renameFile, as: editor,
                json: #"{"file":"components/mp.lua","to":"events/mp/index.lua","base":"\#(component)"}"#)
            #expect(renamed.status == 400 && content(directory, "components/mp.lua") != nil)
        }
    }

    @Test("of two who save one file the second is told, with the text of the first")
    func conflict() async throws {
        try await run { panel, directory in
            let editor = try await panel.user(.editor), owner = try await panel.user(.owner)
            let file = "spawn/enemys/7.lua"
            #expect(try await save(panel, file, "print(1)\n", base: nil, as: editor).status == 200)
            let taken = try await save(panel, file, "print(2)\n", base: nil, as: owner)
            #expect(taken.status == 409 && taken.json["current"] == .string("print(1)\n"))
            let base = try #require(taken.json["version"]?.string)
            #expect(try await save(panel, file, "print(2)\n", base: base, as: owner).status == 200)
            let late = try await save(panel, file, "print(3)\n", base: base, as: editor)
            #expect(late.status == 409 && late.json["code"] == .string("conflict"))
            #expect(late.json["current"] == .string("print(2)\n") && content(directory, file) == "print(2)\n")
            let late2 = try await panel.send("DELETE", query(.deleteFile, file, "&base=\(base)"), as: editor)
            #expect(late2.status == 409)
            #expect(try await panel.audit(refused: true).first?.refusal?.contains("somebody else changed") == true)
            try FileManager.default.removeItem(atPath: "\(directory)/\(file)")
            let gone = try await save(panel, file, "print(4)\n", base: late.json["version"]?.string, as: editor)
            #expect(gone.status == 409 && gone.json["current"] == .null)
        }
    }

    @Test("each text is a version, those from outside of the panel too, and a deleted file comes back")
    func history() async throws {
        try await run { panel, directory in
            let editor = try await panel.user(.editor)
            let file = "spawn/players.lua"
            func versions() async throws -> [JSONObject] {
                let reply = try await panel.send("GET", query(.listVersions, file), as: editor)
                return try JSON(parsing: reply.body).array?.compactMap(\.object) ?? []
            }
            #expect(try await versions().isEmpty)
            var base = try await version(panel, file, as: editor)
            base = try await save(panel, file, "two\n", base: base, as: editor).json["version"]?.string ?? ""
            #expect(try await versions().map { $0["author"]?.string } == ["editor", ""])
            try Data("three\n".utf8).write(to: URL(filePath: "\(directory)/\(file)"))
            base = try await version(panel, file, as: editor)
            let deleted = try await panel.send("DELETE", query(.deleteFile, file, "&base=\(base)"), as: editor)
            #expect(deleted.status == 200 && content(directory, file) == nil)
            let list = try await versions()
            #expect(list.map { $0["bytes"]?.number } == [nil, 6, 4, 18])
            #expect(try await panel.send(.listFiles, as: editor).json["deleted"] == .array([.string(file)]))
            let id = try #require(list[3]["id"]?.string)
            let first = try await panel.send(.showVersion, ["id": id], as: editor)
            #expect(first.json["text"] == .string("print(object.key)\n"))
            #expect(try await save(panel, file, "print(object.key)\n", base: nil, as: editor).status == 200)
            #expect(try await panel.send(.listFiles, as: editor).json["deleted"] == .array([]))
            let page = try await panel.send("GET", "/admin/editor?file=\(Endpoint.encoded(file))", as: editor)
            #expect(page.text.contains("data-file=\"spawn/players.lua\"") && !page.text.contains("data-new"))
        }
    }

    @Test("in a git repository each change is a commit of its own, and commits are versions")
    func commits() async throws {
        try await run(isRepository: true) { panel, directory in
            let editor = try await panel.user(.editor)
            let file = "spawn/players.lua"
            func versions(_ file: String) async throws -> [JSONObject] {
                let reply = try await panel.send("GET", query(.listVersions, file), as: editor)
                return try JSON(parsing: reply.body).array?.compactMap(\.object) ?? []
            }
            #expect(try await versions(file).map { $0["about"]?.string } == ["Begin"])
            // What somebody else has staged stays out of the commit.
            try Data("staged\n".utf8).write(to: URL(filePath: "\(directory)/lib/other.lua"))
            try git(directory, "add", "lib/other.lua")
            var base = try await version(panel, file, as: editor)
            let saved = try await save(panel, file, "two\n", base: base, as: editor)
            #expect(saved.status == 200 && saved.json["uncommitted"] == nil)
            #expect(
                try git(directory, "show", "--format=%an: %s", "--name-only") == """
                    editor: Save spawn/players.lua in the panel

                    spawn/players.lua

                    """)
            #expect(try git(directory, "status", "--porcelain") == "A  lib/other.lua\n")
            base = saved.json["version"]?.string ?? ""
            let renamed = try await panel.send(
                .renameFile, as: editor, json: #"{"file":"\#(file)","to":"spawn/enemys.lua","base":"\#(base)"}"#)
            #expect(renamed.status == 200, "\(renamed.text)")
            let list = try await versions(file)
            #expect(list.map { $0["bytes"]?.number } == [nil, 4, 18])
            #expect(list.map { $0["author"]?.string } == ["editor", "editor", "Ann"])
            #expect(try await panel.send(.listFiles, as: editor).json["deleted"] == .array([.string(file)]))
            let id = try #require(list[2]["id"]?.string)
            let first = try await panel.send("GET", query(.showVersion, file).replacing(":id", with: id), as: editor)
            #expect(first.json["text"] == .string("print(object.key)\n"), "\(first.text)")
            // A hash opens the file of the game folder that was asked for, and nothing else of the repository.
            let other = try await panel.send(
                "GET", query(.showVersion, "secret/../.git/config").replacing(":id", with: id), as: editor)
            #expect(other.status == 400)
            // While another git works, it refuses; the change is made, and the database keeps it.
            try Data().write(to: URL(filePath: "\(directory)/.git/index.lock"))
            let locked = try await save(panel, file, "three\n", base: nil, as: editor)
            #expect(locked.status == 200 && locked.json["uncommitted"]?.string?.contains("index.lock") == true)
            #expect(try await versions(file).contains { $0["bytes"]?.number == 6 && $0["about"] == nil })
        }
    }

    @discardableResult
    private func git(_ directory: String, _ arguments: String...) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments =
            ["git", "-C", directory, "-c", "user.name=Ann", "-c", "user.email=ann@example.org"] + arguments
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "git \(arguments)")
        return text
    }

    @Test("files that are sent to browsers need an owner, whatever way they are changed")
    func served() async throws {
        try await run { panel, directory in
            let editor = try await panel.user(.editor), owner = try await panel.user(.owner)
            let base = try await version(panel, "client/main.js", as: editor)
            let hp = try await version(panel, "components/hp.lua", as: editor)
            for reply in [
                try await save(panel, "client/main.js", "evil()", base: base, as: editor),
                try await save(panel, "music/evil.html", "evil()", base: nil, as: editor),
                try await panel.send("DELETE", query(.deleteFile, "client/main.js", "&base=\(base)"), as: editor),
                try await panel.send(
                    .renameFile, as: editor,
                    json: #"{"file":"components/hp.lua","to":"client/hp.html","base":"\#(hp)"}"#),
                try await panel.send(
                    .renameFile, as: editor,
                    json: #"{"file":"client/main.js","to":"lib/main.js","base":"\#(base)"}"#),
            ] {
                #expect(reply.status == 403 && reply.text.contains("needs the role owner"))
            }
            #expect(content(directory, "client/main.js") == "go()\n")
            #expect(try await panel.audit(refused: true).first?.refusal?.contains("needs the role owner") == true)
            #expect(try await save(panel, "client/main.js", "good()\n", base: base, as: owner).status == 200)
        }
    }

    @Test(
        "paths that lead out, odd names and wrong contents are refused and written down",
        arguments: [
            ("../evil.lua", "x", 400), ("/tmp/evil.lua", "x", 400), ("lib/..%2F..%2Fevil.lua", "x", 400),
            ("lib/.hidden.lua", "x", 400), ("lib/a\u{0}.lua", "x", 400), ("lib/a.png", "x", 400),
            ("lib/\(String(repeating: "x", count: 300)).lua", "x", 400), ("Components/hp.lua", "x", 409),
            ("components/HP.lua", "x", 409), ("lib/a.lua", "a\u{0}b", 415),
        ] as [(String, String, Int)])
    func badInput(path: String, text: String, status: Int) async throws {
        try await run { panel, directory in
            let editor = try await panel.user(.editor)
            let reply = try await save(panel, path, text, base: nil, as: editor)
            #expect(reply.status == status, "\(reply.text)")
            let folder = URL(filePath: directory).deletingLastPathComponent().path
            #expect(!FileManager.default.fileExists(atPath: folder + "/evil.lua"))
            let entry = try #require(try await panel.audit().first)
            #expect(entry.action == "files.save" && (entry.refusal != nil) == (status != 200))
            guard status == 400 else { return }
            #expect(try await panel.send("GET", query(.showFile, path), as: editor).status == 400)
            let page = try await panel.send("GET", query(.editorPage, path), as: editor)
            #expect(page.status == 400 && page.text.contains("is not allowed"))
            let reads = try await panel.audit(refused: true).prefix(2)
            #expect(reads.map(\.action) == ["pages.editor", "files.show"] && reads.allSatisfy { $0.actor == "editor" })
        }
    }

    @Test("a text above 1 MiB is refused")
    func size() async throws {
        try await run { panel, _ in
            let editor = try await panel.user(.editor)
            let text = String(repeating: "-", count: (1 << 20) + 1)
            #expect(try await save(panel, "lib/a.lua", text, base: nil, as: editor).status == 413)
            let check = JSON.object(["file": .string("lib/a.lua"), "text": .string(text)]).text
            #expect(try await panel.send(.checkFile, as: editor, json: check).status == 413)
            let most = String(repeating: "-", count: 1 << 20)
            #expect(try await save(panel, "notes.txt", most, base: nil, as: editor).status == 200)
        }
    }

    @Test("a check finds mistakes of a text that is not saved, and writes nothing into the audit log")
    func check() async throws {
        try await run { panel, directory in
            let editor = try await panel.user(.editor)
            func check(_ file: String, _ text: String) async throws -> JSONObject {
                let body = JSON.object(["file": .string(file), "text": .string(text)]).text
                let reply = try await panel.send(.checkFile, as: editor, json: body)
                #expect(reply.status == 200, "\(reply.text)")
                return reply.json
            }
            let before = try await panel.audit().count
            let wrong = try await check("events/move/to.lua", "--@public true\nobject.x = object.components.hpp\n")
            let finding = try #require(wrong["findings"]?.array?.first?.object)
            #expect(finding["line"] == .number(2) && finding["severity"] == .string("error"))
            #expect(finding["message"]?.string?.contains("did you mean 'hp'?") == true)
            #expect(wrong["form"]?.object?["parameters"] == .array([]))
            #expect(try await check("components/hp.lua", "--@type number\n")["errors"] == .number(0))
            #expect(try await check("tests/walk.lua", "x = = 1")["errors"] == .number(1))
            // A lib that never ends is stopped by its time limit.
            let endless = try await check("lib/endless.lua", "while true do end\n")
            #expect(endless["findings"]?.array?.count == 1 && endless["errors"] == .number(1))
            #expect(try await check("client/main.js", "x = = 1")["checked"] == .bool(false))
            #expect(content(directory, "events/move/to.lua") == Self.game["events/move/to.lua"])
            #expect(try await panel.audit().count == before)
            let viewer = try await panel.user(.viewer)
            #expect(try await panel.send(.checkFile, as: viewer, json: "{}").status == 403)
            var noToken = editor
            noToken.token = "x"
            #expect(try await panel.send(.checkFile, as: noToken, json: "{}").status == 403)
        }
    }

    @Test("the form of a component gives the same lines as a person would write (row 145)")
    func form() async throws {
        try await run { panel, _ in
            let editor = try await panel.user(.editor)
            let text = Self.game["components/hp.lua"] ?? ""
            let body = """
                {"file":"components/hp.lua","text":\(JSON.string(text).text),"form":{"kind":"component","about":"Life",\
                "type":"number","default":"12","private":true,"entities":["players"]}}
                """
            let reply = try await panel.send(.formFile, as: editor, json: body)
            #expect(
                reply.json["text"]
                    == .string("--@about Life\n--@type number\n--@default 12\n--@private\n--@entities players\n"))
            #expect(reply.json["form"]?.object?["private"] == .bool(true))
            let bad = try await panel.send(.formFile, as: editor, json: body.replacing("Life", with: "a\\nb"))
            #expect(bad.status == 400 && bad.json["field"] == .string("about"))
            #expect(
                try await panel.send(
                    .formFile, as: editor, json: body.replacing("components/hp.lua", with: "notes.txt")
                ).status == 400)
        }
    }

    @Test("the game's tests run on request")
    func tests() async throws {
        try await run { panel, _ in
            let editor = try await panel.user(.editor)
            let reply = try await panel.send(.testFiles, as: editor, json: "{}")
            #expect(reply.status == 200 && reply.json["passed"] == .number(1) && reply.json["failed"] == .number(0))
            let none = try await panel.send(.testFiles, as: editor, json: #"{"filter":"nothing"}"#)
            #expect(none.json["skipped"] == .number(1))
        }
    }

    @Test("completion has the script API and the game's own names")
    func names() async throws {
        try await run { panel, _ in
            let viewer = try await panel.user(.viewer)
            let names = try await panel.send(.listNames, as: viewer).json
            func list(_ value: JSON?) -> [String] { value?.array?.compactMap { $0.object?["name"]?.string } ?? [] }
            #expect(list(names["components"]) == ["hp"])
            let groups = list(names["groups"])
            #expect(groups.contains("move"))
            let entity = list(names["members"]?.object?["Entity"])
            #expect(entity.contains("components"))
            #expect(list(names["annotations"]?.object?["event"]) == ["about", "public", "repeat", "param"])
            let leave = list(names["environment"]?.object?["leave"])
            #expect(leave.contains("reason"))
            #expect(names["types"]?.array?.count == 4)
        }
    }

    @Test("every template is a file without a mistake, and each kind of script has its form")
    func templates() async throws {
        let paths: [(ScriptTemplate, String, String)] = [
            (.component, "components/mp.lua", "name=\"default\""), (.trigger, "components/mp.lua", "name=\"private\""),
            (.event, "events/dance/index.lua", "name=\"public\""),
            (.timeout, "events/move/timeout.lua", "name=\"seconds\""),
            (.spawn, "spawn/enemys/7.lua", "Entry code for the entity enemys_7"),
            (.spawn, "spawn/enemys/goblin.lua", "Entry code for enemys of the prefab goblin"),
            (.spawn, "spawn/animals.lua", "Entry code for all animals"), (.leave, "leave/players.lua", "Leave code"),
            (.lib, "lib/rules.lua", "Lib rules"), (.test, "tests/rules.lua", ""),
        ]
        try await run { panel, _ in
            let editor = try await panel.user(.editor)
            for (template, file, mark) in paths {
                let text = template.text(for: try EditablePath(file))
                let body = JSON.object(["file": .string(file), "text": .string(text)]).text
                let reply = try await panel.send(.checkFile, as: editor, json: body)
                #expect(reply.json["errors"] == .number(0) && reply.json["warnings"] == .number(0), "\(reply.text)")
                guard template != .timeout else { continue }
                let page = try await panel.send(
                    "GET", query(.editorPage, file, "&template=\(template.rawValue)"), as: editor)
                #expect(page.text.contains("data-new=") && (mark.isEmpty || page.text.contains(mark)))
            }
            let page = try await panel.send("GET", query(.editorPage, "events/move/timeout.lua", "&line=1"), as: editor)
            #expect(page.text.contains("data-line=\"1\"") && page.text.contains("name=\"seconds\""))
        }
    }

    @Test("a viewer's page is read only, and no text of a file or path becomes markup")
    func page() async throws {
        try await run { panel, directory in
            let odd = "lib/a'&b.lua"
            try FileManager.default.createDirectory(atPath: directory + "/lib", withIntermediateDirectories: true)
            try Data("print('<b>')".utf8).write(to: URL(filePath: "\(directory)/\(odd)"))
            let viewer = try await panel.user(.viewer)
            let page = try await panel.send("GET", query(.editorPage, odd), as: viewer)
            #expect(page.text.contains("data-read-only") && !page.text.contains("id=\"save\""))
            #expect(page.text.contains("a&#39;&amp;b.lua") && !page.text.contains("a'&b"))
            let missing = try await panel.send("GET", query(.editorPage, "lib/none.lua"), as: viewer)
            #expect(missing.text.contains("there is no file lib/none.lua"))
        }
        try await PanelServer.run { panel in
            let owner = try await panel.user(.owner)
            #expect(try await panel.send(.listFiles, as: owner).status == 404)
            #expect(try await panel.send(.editorPage, as: owner).text.contains("has no game folder"))
        }
    }
}
