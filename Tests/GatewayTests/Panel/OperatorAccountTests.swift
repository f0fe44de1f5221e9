import JSONValues
import OperatorAPI
import Storage
import Testing

@testable import AdminPanel
@testable import Gateway

@Suite("Accounts of operators", .timeLimit(.minutes(5))) struct OperatorAccountTests {
    private func create(_ panel: PanelServer, _ login: String, _ role: String, as owner: PanelServer.User) async throws
        -> TestClient.Reply
    {
        try await panel.send(
            .createOperator, as: owner,
            json: #"{"login":"\#(login)","password":"\#(PanelServer.password)","role":"\#(role)"}"#)
    }

    @Test("an owner makes, changes, disables and deletes accounts; the audit log has before and after")
    func life() async throws {
        try await PanelServer.run { panel in
            let owner = try await panel.user(.owner)
            #expect(try await create(panel, "ada", "viewer", as: owner).json["id"] == .number(2))
            let ada = try await panel.logIn("ada")
            let id = ["id": "2"]
            #expect(try await panel.send(.reload, as: ada).status == 403)
            #expect(try await panel.send(.changeOperator, id, as: owner, json: #"{"role":"editor"}"#).status == 200)
            #expect(try await panel.send(.reload, as: ada).status == 404, "the role of open sessions changes at once")
            let entry = try #require(try await panel.audit(refused: false).first)
            #expect(entry.actor == "owner" && entry.target == "ada" && entry.action == "operators.change")
            #expect(
                entry.before?.contains(#""role":"viewer""#) == true
                    && entry.after?.contains(#""role":"editor""#) == true)
            let reset = try await panel.send(.resetPassword, id, as: owner, json: #"{"password":"another battery"}"#)
            #expect(reset.status == 200)
            #expect(try await panel.send(.showSession, as: ada).status == 401, "a reset ends the sessions")
            let again = try PanelServer.user(try await panel.tryToLogIn("ada", password: "another battery"))
            #expect(try await panel.send(.changeOperator, id, as: owner, json: #"{"disabled":true}"#).status == 200)
            #expect(try await panel.send(.showSession, as: again).status == 401)
            #expect(try await panel.tryToLogIn("ada", password: "another battery").status == 401)
            #expect(try await panel.send(.changeOperator, id, as: owner, json: #"{"disabled":false}"#).status == 200)
            #expect(try await panel.tryToLogIn("ada", password: "another battery").status == 200)
            #expect(try await panel.send(.deleteOperator, id, as: owner).status == 200)
            #expect(try await panel.send(.deleteOperator, id, as: owner).status == 404)
            #expect(try await panel.tryToLogIn("ada", password: "another battery").status == 401)
            #expect(try await panel.audit().allSatisfy { !"\($0)".contains("battery") && !"\($0)".contains("argon2") })
        }
    }

    @Test("the last owner can't be deleted, disabled or given another role")
    func lastOwner() async throws {
        try await PanelServer.run { panel in
            let owner = try await panel.user(.owner)
            func refused() async throws -> [Int] {
                var statuses: [Int] = []
                for json in [#"{"role":"editor"}"#, #"{"disabled":true}"#, #"{"role":"viewer","disabled":false}"#] {
                    statuses.append(try await panel.send(.changeOperator, ["id": "1"], as: owner, json: json).status)
                }
                return statuses + [try await panel.send(.deleteOperator, ["id": "1"], as: owner).status]
            }
            #expect(try await refused() == [409, 409, 409, 409])
            #expect(try await panel.audit(refused: true).first?.refusal?.contains("last owner") == true)
            #expect(try await panel.send(.showSession, as: owner).json["role"] == .string("owner"))
            // A second owner who can't log in does not count.
            let second = try await panel.makeOperator("bob", .owner)
            _ = try await panel.server.storage.changeOperator(id: second.id, [.disabled(since: 1)])
            #expect(try await refused() == [409, 409, 409, 409])
            _ = try await panel.server.storage.changeOperator(id: second.id, [.disabled(since: nil)])
            #expect(try await panel.send(.deleteOperator, ["id": "1"], as: owner).status == 200)
        }
    }

    @Test("bodies that are not what an endpoint asks for are refused with the field that is wrong")
    func wrongBodies() async throws {
        try await PanelServer.run { panel in
            let owner = try await panel.user(.owner)
            for (json, field) in [
                ("", nil), ("[]", nil), (#"{"login":"ada"}"#, "password"),
                (#"{"login":1,"password":"x","role":"viewer"}"#, "login"),
                (#"{"login":"ada","password":"\#(PanelServer.password)","role":"king"}"#, "role"),
                (#"{"login":"Nobody","password":"\#(PanelServer.password)","role":"viewer"}"#, "login"),
                (#"{"login":"Key File","password":"\#(PanelServer.password)","role":"viewer"}"#, "login"),
                (#"{"login":"ada","password":"short","role":"viewer"}"#, "password"),
                (#"{"login":"<\u0000>","password":"\#(PanelServer.password)","role":"viewer"}"#, "login"),
            ] as [(String, String?)] {
                let reply = try await panel.send(.createOperator, as: owner, json: json)
                #expect(reply.status == 400, "\(json): \(reply.text)")
                #expect(reply.json["field"]?.string == field, "\(json): \(reply.text)")
            }
            let form = try await panel.send(
                "POST", "/server/api/v1/operators", as: owner,
                headers: ["Content-Type": "application/x-www-form-urlencoded", "Content-Length": "0"])
            #expect(form.status == 415)
            let taken = try await create(panel, "OWNER", "viewer", as: owner)
            #expect(taken.status == 409 && taken.json["code"] == .string("login_taken"))
            #expect(try await panel.send(.changeOperator, ["id": "1"], as: owner, json: "{}").status == 400)
            for id in ["0", "x", "01", "99999999999999999999"] {
                #expect(try await panel.send(.deleteOperator, ["id": id], as: owner).status == 404)
            }
            #expect(try await panel.server.storage.operators().count == 1)
        }
    }

    @Test("names are shown as text, never as markup")
    func escaping() async throws {
        try await PanelServer.run { panel in
            let owner = try await panel.user(.owner)
            let bad = #"<img src=x onerror='alert(1)'>"#
            #expect(try await create(panel, bad, "viewer", as: owner).status == 200)
            _ = try await panel.logIn(bad)
            #expect(
                try await panel.send(.createKey, as: owner, json: #"{"name":"\#(bad)","role":"viewer"}"#).status == 200)
            for page in [Endpoint.operatorsPage, .auditPage] {
                let text = try await panel.send(page, as: owner).text
                #expect(!text.contains("<img src=x") && text.contains("&lt;img src=x onerror=&#39;"))
            }
            let filtered = try await panel.send("GET", "/admin/audit?text=%22%3E%3Cimg%20src%3Dx%3E", as: owner)
            #expect(!filtered.text.contains("<img src=x"))
        }
    }
}
