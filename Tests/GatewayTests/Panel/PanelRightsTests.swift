import JSONValues
import OperatorAPI
import Storage
import Testing

@testable import AdminPanel
@testable import Gateway

@Suite("What each role may do in the panel (checklist 156)", .timeLimit(.minutes(5))) struct PanelRightsTests {
    /// A path with values that exist nowhere, so that no test changes anything by it.
    static func path(_ endpoint: Endpoint) -> String {
        endpoint.path([
            "id": "999", "map_id": "999", "name": "nothing", "session": "nothing", "folder": "nothing",
            "key": "animals_999", "group": "nothing",
        ])
    }

    @Test("every endpoint of the table is answered, and refuses those without its role", arguments: Endpoint.all)
    func rights(endpoint: Endpoint) async throws {
        try await PanelServer.run { panel in
            let path = Self.path(endpoint)
            let stranger = try await panel.send(endpoint.method.rawValue, path)
            if endpoint.role == nil {
                #expect(![403, 405].contains(stranger.status), "\(stranger.text)")
            } else if endpoint.isPage {
                #expect(stranger.status == 303)
                #expect(stranger.headers["location"]?.hasPrefix("/admin/login?next=%2Fadmin") == true)
            } else {
                #expect(stranger.status == 401)
                #expect(stranger.json["code"] == .string("unauthorized"))
            }
            for role in OperatorRole.allCases {
                let user = try await panel.user(role)
                let reply = try await panel.send(endpoint.method.rawValue, path, as: user)
                let isRefused = role < endpoint.role ?? .viewer
                #expect((reply.status == 403) == isRefused, "\(role): \(reply.text)")
                #expect(reply.status != 401 && reply.status != 405, "\(role): \(reply.text)")
                guard isRefused else { continue }
                #expect(reply.text.contains("this needs the role \(endpoint.role?.rawValue ?? "")"))
                let entry = try #require(try await panel.audit(refused: true).first)
                #expect(entry.actor == role.rawValue && entry.action == endpoint.name && entry.target == path)
                #expect(entry.refusal?.contains("needs the role") == true)
            }
        }
    }

    @Test("no endpoint of the table is there twice, and each change needs a role or is a way to log in")
    func table() {
        #expect(Set(Endpoint.all.map { "\($0.method) \($0.path)" }).count == Endpoint.all.count)
        #expect(Set(Endpoint.all.map(\.name)).count == Endpoint.all.count)
        let open = Endpoint.all.filter { $0.isChange && $0.role == nil }
        #expect(open == [.beginSession, .setUp])
    }

    @Test("keys of programs have the rights of their roles, are noted when used, and can be revoked")
    func keys() async throws {
        try await PanelServer.run(reload: { ReloadPanelTests.report }) { panel in
            let owner = try await panel.user(.owner)
            let made = try await panel.send(.createKey, as: owner, json: #"{"name":"scraper","role":"viewer"}"#)
            let secret = try #require(made.json["secret"]?.string)
            #expect(secret.hasPrefix("perigee_") && secret.count == 56)
            let list = try await panel.send(.listKeys, as: owner)
            #expect(!list.text.contains(secret) && list.text.contains(#""name":"scraper""#))
            #expect(!list.text.contains("last_used"))
            #expect(try await panel.send(.showSession, bearer: secret).json["kind"] == .string("api_key"))
            #expect(try await panel.send(.showPerformance, ["map_id": "4"], bearer: secret).status == 200)
            let refused = try await panel.send(.reload, bearer: secret)
            #expect(refused.status == 403)
            #expect(refused.json["error"]?.string?.contains("key scraper is a viewer") == true)
            #expect(try await panel.audit(refused: true).first?.actor == "key scraper")
            #expect(try await panel.send(.listKeys, as: owner).text.contains("last_used"))
            #expect(list.text.contains(#""created_by":"owner""#))
            #expect(
                try await panel.send(.operatorsPage, as: owner).text.contains("<td data-label=\"Made by\">owner</td>"))
            let logout = try await panel.send(.endSession, bearer: secret)
            #expect(logout.status == 409 && logout.json["code"] == .string("no_session"))
            let again = try await panel.send(.createKey, as: owner, json: #"{"name":"SCRAPER","role":"viewer"}"#)
            #expect(again.status == 409 && again.json["code"] == .string("name_taken"))
            #expect(try await panel.send(.revokeKey, ["id": "1"], as: owner).status == 200)
            #expect(try await panel.send(.showSession, bearer: secret).status == 401)
            let entries = try await panel.audit(refused: false)
            #expect(entries.prefix(2).map(\.action) == ["keys.revoke", "keys.create"])
            #expect(entries.allSatisfy { !"\($0)".contains(secret) }, "no secret is in the audit log")
            for name in ["", String(repeating: "x", count: 65), "e" + String(repeating: "\u{301}", count: 200)] {
                let reply = try await panel.send(.createKey, as: owner, json: #"{"name":"\#(name)","role":"viewer"}"#)
                #expect(reply.status == 400)
            }
        }
    }

    @Test("a key belongs to the operator who made it, or who made the key that made it")
    func keysOfKeys() async throws {
        try await PanelServer.run { panel in
            let owner = try await panel.user(.owner)
            _ = try await panel.makeOperator("ada", .owner)
            let ada = try await panel.logIn("ada")
            let first = try await panel.send(.createKey, as: ada, json: #"{"name":"one","role":"owner"}"#)
            let secret = try #require(first.json["secret"]?.string)
            let second = try await panel.send(.createKey, bearer: secret, json: #"{"name":"two","role":"viewer"}"#)
            #expect(second.json["created_by"] == .string("ada"))
            let file = try await panel.send(.createKey, bearer: panel.key, json: #"{"name":"three","role":"owner"}"#)
            #expect(file.status == 200 && file.json["created_by"] == nil)
            #expect(try await panel.send(.deleteOperator, ["id": "2"], as: owner).status == 200)
            #expect(try await panel.audit().first?.before?.contains(#""revoked_keys":["one","two"]"#) == true)
            #expect(try await panel.send(.showSession, bearer: secret).status == 401)
            #expect(try await panel.server.storage.apiKeys().map(\.name) == ["three"])
        }
    }

    @Test("the key file is an owner, for programs and as a login")
    func keyFile() async throws {
        try await PanelServer.run(reload: { ReloadPanelTests.report }) { panel in
            #expect(try await panel.send(.reload, bearer: panel.key).status == 200)
            #expect(try await panel.send(.showSession, bearer: panel.key).json["role"] == .string("owner"))
            let user = try PanelServer.user(try await panel.send(.beginSession, json: #"{"key":"\#(panel.key)"}"#))
            #expect(try await panel.send(.reload, as: user).status == 200)
            #expect(try await panel.audit().first?.actor == "key file")
            #expect(try await panel.send(.beginSession, json: #"{"key":"0123456789abcdef"}"#).status == 401)
        }
    }
}
