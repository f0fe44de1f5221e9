import Foundation
import GameFolder
import JSONValues
import OperatorAPI
import Simulation
import Storage
import Testing
import World

@testable import AdminPanel
@testable import Gateway

@Suite("Reloading and resuming in the panel [3-game-folder, 2-lua-api 1]", .timeLimit(.minutes(5)))
struct ReloadPanelTests {
    static let report = ReloadReport(
        changes: ["reloaded a.lua 012345678901: <b>"], effects: [4: ["players_1: gone"]],
        problems: [GameFolderProblem(file: "events/a/b.lua", line: 3, message: "'=' expected")])

    private func run(_ body: (PanelServer) async throws -> Void) async throws {
        let maps = [
            StubMap(
                mapID: 4,
                scripts: [
                    .init(script: "events/bad/index.lua", current: .init(count: 100, meanMs: 1), isSuspended: true),
                    .init(script: "events/good/index.lua", current: .init(count: 1, meanMs: 1)),
                ])
        ]
        try await PanelServer.run(maps: maps, reload: { Self.report }, body)
    }

    @Test("only an editor can reload the game folder; the answer has the changes and the problems")
    func reload() async throws {
        try await run { panel in
            #expect(try await panel.send(.reload).status == 401)
            #expect(try await panel.send("GET", "/server/api/reload").status == 405)
            let editor = try await panel.user(.editor)
            let answer = try await panel.send(.reload, as: editor)
            #expect(answer.status == 200)
            #expect(answer.json["changes"] == .array([.string("reloaded a.lua 012345678901: <b>")]))
            #expect(answer.json["effects"] == .object(["4": .array([.string("players_1: gone")])]))
            #expect(
                answer.json["problems"]
                    == .array([
                        .object([
                            "file": .string("events/a/b.lua"), "line": .number(3), "column": .null,
                            "message": .string("'=' expected"),
                        ])
                    ]))
            let entry = try #require(try await panel.audit().first)
            #expect(entry.action == "game.reload" && entry.actor == "editor")
            #expect(entry.after?.contains("reloaded a.lua") == true)
            let page = try await panel.send(.mapsPage, as: editor)
            #expect(page.text.contains("data-call=\"POST /server/api/reload\""))
            let viewer = try await panel.user(.viewer)
            #expect(try await panel.send(.reload, as: viewer).status == 403)
            #expect(try await !panel.send(.mapsPage, as: viewer).text.contains("POST /server/api/reload"))
        }
    }

    @Test("an editor resumes a suspended script; a script that is not suspended or does not exist is refused")
    func resume() async throws {
        try await run { panel in
            let path = "/server/api/resume/4?script="
            #expect(try await panel.send("POST", path + "events/bad/index.lua").status == 401)
            let editor = try await panel.user(.editor)
            let page = try await panel.send(.mapsPage, as: editor)
            #expect(page.text.contains("data-call=\"POST /server/api/resume/4?script=events%2Fbad%2Findex.lua\""))
            #expect(!page.text.contains("script=events%2Fgood"))
            let viewer = try await panel.user(.viewer)
            let seen = try await panel.send(.mapsPage, as: viewer)
            #expect(seen.text.contains("<strong>suspended</strong>") && !seen.text.contains("/server/api/resume"))
            for (script, status) in [("events/good/index.lua", 409), ("nothing.lua", 404), ("", 404)] {
                #expect(try await panel.send("POST", path + script, as: editor).status == status)
            }
            let answer = try await panel.send("POST", path + "events%2Fbad%2Findex.lua", bearer: panel.key)
            #expect(answer.json["resumed"] == .string("events/bad/index.lua"))
            #expect(await panel.server.map.nextResume() == "events/bad/index.lua")
            #expect(try await panel.audit().first?.target == "events/bad/index.lua on map 4")
        }
    }
}
