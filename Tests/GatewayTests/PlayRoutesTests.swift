import Foundation
import GameFolder
import GameRules
import JSONValues
import Testing
import World

@testable import Gateway

@Suite("/play/ and what players may know of a game (issue 15 item 9)", .timeLimit(.minutes(5)))
struct PlayRoutesTests {
    @Test("the built-in viewer is there while the game has no client/, and not a moment longer")
    func viewer() async throws {
        try await TestServer.run(configure: { configuration, folder in
            configuration.clientDirectory = folder + "/client"
        }) { server in
            let client = try await server.client()
            let page = try await client.request("GET", "/play/")
            #expect(page.status == 200 && page.headers["content-type"] == "text/html; charset=utf-8")
            #expect(page.headers["content-security-policy"]?.contains("script-src 'self'") == true)
            #expect(page.headers["content-security-policy"]?.contains("frame-ancestors 'self'") == true)
            #expect(!page.text.contains("<script>") && !page.text.contains("style="))
            let script = try await client.request("GET", "/play/viewer.js")
            #expect(script.headers["content-type"] == "text/javascript; charset=utf-8")
            let tag = try #require(script.headers["etag"])
            #expect(try await client.request("GET", "/play/viewer.js", headers: ["If-None-Match": tag]).status == 304)
            #expect(try await client.request("GET", "/play").headers["location"] == "/play/")
            for path in ["/play/nothing.js", "/play/../viewer.js", "/play/a/viewer.js", "/play/%2e%2e/x"] {
                #expect(try await client.request("GET", path).status == 404, "\(path)")
            }
            try FileManager.default.createDirectory(
                atPath: server.folder + "/client", withIntermediateDirectories: true)
            try Data("<p>own".utf8).write(to: URL(filePath: server.folder + "/client/index.html"))
            let own = try await client.request("GET", "/play/")
            #expect(own.text == "<p>own" && own.headers["content-security-policy"] == nil)
            #expect(try await client.request("GET", "/play/viewer.js").status == 404)
        }
    }

    @Test("the files of the viewer are those of its folder, and those that it shares with the panel")
    func files() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Sources/CPanelFiles/viewer").standardized.path
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        #expect(
            Set(names).union(["elements.js", "geometry.js", "icon.svg", "parameters.js"])
                == Set(PlayRoutes.viewer.keys),
            "add new files to Sources/CPanelFiles/viewer.c")
    }

    private static func game(amount: JSON?) -> GameDefinition {
        GameDefinition(
            schema: Schema(
                components: [
                    .init(name: "hp", type: .number, defaultValue: .number(77), kinds: [.init(.players)]),
                    .init(name: "purse", type: .json, isPrivate: true),
                ],
                groups: [
                    .init(
                        name: "hit",
                        events: [
                            .init(
                                name: "index", isPublic: true,
                                parameters: [
                                    .init(name: "amount", type: .number, defaultValue: amount, about: "how hard"),
                                    .init(name: "note", type: .any, defaultValue: .null),
                                ]),
                            .init(name: "hidden", parameters: [.init(name: "secret", type: .string)]),
                        ]), .init(name: "inner", events: [.init(name: "index")]),
                ]))
    }

    @Test("/server/api/game tells public events and shared components, nothing private, and changes with a reload")
    func declarations() async throws {
        try await TestServer.run(configure: { configuration, _ in
            configuration.adopt(Self.game(amount: .number(1)), unlimitedLogins: false)
        }) { server in
            let client = try await server.client()
            let reply = try await client.request("GET", "/server/api/game")
            #expect(reply.status == 200 && reply.headers["content-type"] == "application/json")
            #expect(
                reply.json["groups"]?.text == """
                    [{"name":"hit","events":[{"name":"index","action":"hit/index","parameters":\
                    [{"name":"amount","type":"number","default":1,"about":"how hard"},\
                    {"name":"note","type":"any","default":null}]}]}]
                    """)
            #expect(
                reply.json["components"]?.text == #"[{"name":"hp","type":"number","kinds":["players"]}]"#)
            for word in ["hidden", "secret", "inner", "purse", "77"] { #expect(!reply.text.contains(word)) }
            let tag = try #require(reply.headers["etag"])
            let again = { try await client.request("GET", "/server/api/game", headers: ["If-None-Match": tag]).status }
            #expect(try await again() == 304)
            server.reconfigure { $0.adopt(Self.game(amount: nil), unlimitedLogins: false) }
            #expect(try await again() == 200)
            #expect(!(try await client.request("GET", "/server/api/game")).text.contains("\"default\":1"))
        }
    }

    @Test("a server without a game has no declarations")
    func nothing() async throws {
        try await TestServer.run { server in
            let reply = try await server.client().request("GET", "/server/api/game")
            #expect(reply.status == 404)
        }
    }
}
