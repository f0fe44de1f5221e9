import JSONValues
import OperatorAPI
import Storage
import Testing

@testable import AdminPanel
@testable import Gateway

@Suite("The link for the first account", .timeLimit(.minutes(5))) struct SetupTests {
    private func setUp(_ panel: PanelServer, _ secret: String, login: String = "ada") async throws -> TestClient.Reply {
        try await panel.send(
            .setUp, json: #"{"secret":"\#(secret)","login":"\#(login)","password":"\#(PanelServer.password)"}"#)
    }

    private func secret(_ panel: PanelServer) async throws -> String {
        let path = try #require(try await panel.panel.makeSetupPath())
        #expect(path.hasPrefix("/admin/setup#"))
        return String(path.drop { $0 != "#" }.dropFirst())
    }

    @Test("it makes an owner, who is logged in, and is good once")
    func once() async throws {
        try await PanelServer.run { panel in
            let secret = try await secret(panel)
            #expect(try await panel.send(.loginPage).text.contains("Nobody has an account yet"))
            let user = try PanelServer.user(try await setUp(panel, secret))
            #expect(try await panel.send(.showSession, as: user).json["role"] == .string("owner"))
            let again = try await setUp(panel, secret, login: "eve")
            #expect(again.status == 403 && again.json["code"] == .string("bad_link"))
            #expect(try await panel.server.storage.operators().map(\.login) == ["ada"])
            #expect(try await panel.panel.makeSetupPath() == nil, "with an account there is no link")
            #expect(try await panel.send(.setupPage).text.contains("made already"))
            let entries = try await panel.audit()
            #expect(entries.map(\.action) == ["setup", "setup"])
            #expect(entries[0].refusal?.contains("used already") == true && entries[1].actor == "ada")
            #expect(entries.allSatisfy { !"\($0)".contains(secret) })
        }
    }

    @Test("it is no longer good after an hour, after the next link, and when there is an account")
    func ends() async throws {
        try await PanelServer.run { panel in
            let first = try await secret(panel)
            let second = try await secret(panel)
            #expect(try await setUp(panel, first).status == 403)
            #expect(try await setUp(panel, "").status == 403)
            panel.server.clock.advance(by: SetupLink.lifetime)
            #expect(try await setUp(panel, second).status == 403)
            let third = try await secret(panel)
            try await panel.makeOperator("bob", .owner)
            let late = try await setUp(panel, third)
            #expect(late.status == 409 && late.json["code"] == .string("set_up"))
            #expect(try await panel.server.storage.operators().count == 1)
        }
    }

    @Test("a wrong field does not use the link up")
    func wrongFields() async throws {
        try await PanelServer.run { panel in
            let secret = try await secret(panel)
            for (login, password) in [
                ("ada", "short"), ("", PanelServer.password), ("a\u{202E}b", PanelServer.password),
            ] {
                let reply = try await panel.send(
                    .setUp, json: #"{"secret":"\#(secret)","login":"\#(login)","password":"\#(password)"}"#)
                #expect(reply.status == 400)
            }
            #expect(try await setUp(panel, secret).status == 200)
        }
    }
}
