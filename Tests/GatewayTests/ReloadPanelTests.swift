import Foundation
import GameFolder
import JSONValues
import Simulation
import Synchronization
import Testing
import World

@testable import AdminPanel
@testable import Gateway

@Suite("Reloading and resuming in the panel [3-game-folder, 2-lua-api 1]", .timeLimit(.minutes(5)))
struct ReloadPanelTests {
    static let report = ReloadReport(
        changes: ["reloaded a.lua 012345678901: <b>"], effects: [4: ["players_1: gone"]],
        problems: [GameFolderProblem(file: "events/a/b.lua", line: 3, message: "'=' expected")])

    func run(_ body: (TestServer, String) async throws -> Void) async throws {
        let maps = [
            StubMap(
                mapID: 4,
                scripts: [
                    .init(script: "events/bad/index.lua", count: 100, meanMs: 1, p95Ms: 1, maxMs: 1, isSuspended: true),
                    .init(script: "events/good/index.lua", count: 1, meanMs: 1, p95Ms: 1, maxMs: 1),
                ])
        ]
        var key = ""
        try await TestServer.run(
            maps: maps,
            addRoutes: { router, folder in
                guard let operatorKey = try? OperatorKey.load(directory: folder) else { return }
                key = (try? String(contentsOfFile: operatorKey.path, encoding: .utf8)) ?? ""
                AdminPanel(key: operatorKey, maps: maps, reload: { Self.report }).addRoutes(to: router)
            }
        ) { server in
            try await body(server, key.filter { !$0.isWhitespace })
        }
    }

    @Test("only an operator can reload the game folder; the answer has the changes and the problems")
    func reload() async throws {
        try await run { server, key in
            let client = try await server.client()
            for path in ["/server/api/reload", "/admin/reload"] {
                #expect(try await client.request("POST", path).status == 401)
                #expect(try await client.request("GET", path).status == 405)
            }
            let headers = ["Authorization": "Bearer \(key)"]
            let answer = try await client.request("POST", "/server/api/reload", headers: headers)
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
            let page = try await client.request("POST", "/admin/reload", headers: headers)
            #expect(page.text.contains("reloaded a.lua 012345678901: &lt;b&gt;"))
            #expect(page.text.contains("events/a/b.lua:3: &#39;=&#39; expected"))
            let panel = try await client.request("GET", "/admin/", headers: headers)
            #expect(panel.text.contains("action=\"/admin/reload\""))
        }
    }

    @Test("an operator resumes a suspended script; a script that is not suspended or does not exist is refused")
    func resume() async throws {
        try await run { server, key in
            let client = try await server.client()
            let headers = ["Authorization": "Bearer \(key)"]
            let path = "/server/api/resume/4?script="
            #expect(try await client.request("POST", path + "events/bad/index.lua").status == 401)
            let panel = try await client.request("GET", "/admin/", headers: headers)
            #expect(panel.text.contains("name=\"script\" value=\"events/bad/index.lua\""))
            #expect(!panel.text.contains("value=\"events/good/index.lua\""))
            for (script, status) in [("events/good/index.lua", 409), ("nothing.lua", 404), ("", 404)] {
                #expect(try await client.request("POST", path + script, headers: headers).status == status)
            }
            let answer = try await client.request("POST", path + "events/bad/index.lua", headers: headers)
            #expect(answer.json["resumed"] == .string("events/bad/index.lua"))
            #expect(await server.map.nextResume() == "events/bad/index.lua")
            let form = headers.merging(["Content-Type": "application/x-www-form-urlencoded"]) { $1 }
            let body = "map=4&script=events%2Fbad%2Findex.lua"
            let button = try await client.request("POST", "/admin/resume", headers: form, body: body)
            #expect(button.status == 303)
            #expect(await server.map.nextResume() == "events/bad/index.lua")
        }
    }
}
