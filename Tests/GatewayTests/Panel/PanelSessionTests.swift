import Foundation
import GameRules
import JSONValues
import OperatorAPI
import Storage
import Testing

@testable import AdminPanel
@testable import Gateway

@Suite("Sessions of operators", .timeLimit(.minutes(5))) struct PanelSessionTests {
    @Test("an operator logs in, stays logged in over a restart, and is logged out after twelve hours")
    func restart() async throws {
        try await TestServer.withFolder { folder in
            var user: PanelServer.User?
            try await PanelServer.run(in: folder) { panel in
                user = try await panel.user(.viewer)
                #expect(try await panel.send(.showSession, as: user).json["login"] == .string("viewer"))
            }
            try await PanelServer.run(in: folder) { panel in
                let restarted = try await panel.send(.showSession, as: user)
                #expect(restarted.json["role"] == .string("viewer"))
                panel.server.clock.advance(by: .seconds(12 * 3600 - 1))
                #expect(try await panel.send(.showSession, as: user).status == 200)
                panel.server.clock.advance(by: .seconds(1))
                #expect(try await panel.send(.showSession, as: user).status == 401)
            }
        }
    }

    @Test("wrong passwords, unknown names and disabled accounts get the same answer, and are written down")
    func wrong() async throws {
        try await PanelServer.run { panel in
            let account = try await panel.makeOperator("ada", .viewer)
            try await panel.makeOperator("owner", .owner)
            let wrong = try await panel.tryToLogIn("ada", password: "wrong horse")
            let unknown = try await panel.tryToLogIn("nobody")
            _ = try await panel.server.storage.changeOperator(id: account.id, [.disabled(since: 7)])
            let disabled = try await panel.tryToLogIn("ada")
            for reply in [wrong, unknown, disabled] {
                #expect(reply.status == 401 && reply.text == wrong.text)
                #expect(reply.headers["set-cookie"] == nil)
            }
            let entries = try await panel.audit(refused: true)
            #expect(entries.map(\.target) == ["ada", "an unknown name", "ada"])
            #expect(
                entries.allSatisfy { $0.actor == "nobody" && $0.address == "127.0.0.1" && $0.action == "session.begin" }
            )
            #expect(entries.allSatisfy { !"\($0)".contains("horse") }, "no password is in the audit log")
        }
    }

    @Test("guessing is throttled for one account and for one address, and a right password waits too")
    func throttle() async throws {
        try await PanelServer.run { panel in
            try await panel.makeOperator("ada", .viewer)
            var statuses: [Int] = []
            for _ in 0..<11 { statuses.append(try await panel.tryToLogIn("ada", password: "guess").status) }
            #expect(statuses == Array(repeating: 401, count: 10) + [429])
            #expect(try await panel.tryToLogIn("ada").status == 429)
            for number in 0..<10 { #expect(try await panel.tryToLogIn("other\(number)").status == 401) }
            #expect(try await panel.tryToLogIn("another").status == 429, "20 failures of this address")
            panel.server.clock.advance(by: .seconds(60))
            #expect(try await panel.tryToLogIn("ada").status == 200)
            statuses = []
            for _ in 0..<11 { statuses.append(try await panel.send(.beginSession, json: #"{"key":"guess"}"#).status) }
            #expect(statuses == Array(repeating: 401, count: 10) + [429])
        }
    }

    @Test("one stranger can't lock out an owner who comes from elsewhere, nor one at a known address")
    func lockOut() async throws {
        try await TestServer.withFolder { folder in
            func run(_ body: (PanelServer) async throws -> Void) async throws {
                try await PanelServer.run(
                    in: folder,
                    configure: {
                        $0.trustedProxies = TrustedProxies([try #require(AddressRange("127.0.0.1"))])
                    }, body)
            }
            func from(_ address: String) -> [String: String] { ["X-Forwarded-For": address] }
            try await run { panel in
                try await panel.makeOperator("ada", .owner)
                for _ in 0..<60 {
                    panel.server.clock.advance(by: .seconds(20))
                    for _ in 0..<3 {
                        _ = try await panel.tryToLogIn("ada", password: "guess", headers: from("192.0.2.66"))
                    }
                }
                _ = try await panel.logIn("ada", headers: from("192.0.2.1"))
            }
            try await run { panel in
                try await panel.panel.recallAddresses()
                for number in 0..<20 {
                    _ = try await panel.tryToLogIn("other\(number)", headers: from("192.0.2.1"))
                }
                #expect(try await panel.tryToLogIn("another", headers: from("192.0.2.1")).status == 429)
                _ = try await panel.logIn("ada", headers: from("192.0.2.1"))
            }
        }
    }

    @Test("a login gives a new secret and ends the session that the browser had, so none can be planted")
    func fixation() async throws {
        try await PanelServer.run { panel in
            try await panel.makeOperator("ada", .viewer)
            let first = try await panel.logIn("ada")
            let planted = "perigee_operator=" + String(repeating: "a", count: 48)
            for cookie in [planted, first.cookie] {
                let second = try await panel.logIn("ada", headers: ["Cookie": cookie])
                #expect(second.cookie != cookie)
            }
            #expect(try await panel.send(.showSession, as: first).status == 401)
            #expect(
                try await panel.send(.showSession, as: .init(cookie: planted, token: "")).status == 401)
        }
    }

    @Test("forged cookies and keys are refused and written down")
    func forged() async throws {
        try await PanelServer.run { panel in
            for (cookie, bearer) in [
                ("perigee_operator=x", nil), ("perigee_operator=" + String(repeating: "0", count: 48), nil),
                ("", "perigee_" + String(repeating: "0", count: 48)), ("", "guess"),
            ] as [(String, String?)] {
                let reply = try await panel.send(
                    .listOperators, as: .init(cookie: cookie, token: ""), bearer: bearer)
                #expect(reply.status == 401)
                #expect(
                    try await panel.audit(refused: true).first?.refusal?.contains(bearer == nil ? "cookie" : "key")
                        == true)
            }
            #expect(try await panel.audit(refused: true).count == 4)
            let ignored = try await panel.send(.loginPage, as: .init(cookie: "perigee_operator=x", token: ""))
            #expect(ignored.status == 200)
            #expect(try await panel.audit(refused: true).first?.refusal == "a cookie of no session: it was ignored")
            #expect(try await panel.send(.listOperators).status == 401)
            #expect(
                try await panel.audit(refused: true).count == 5, "a stranger who shows nothing is only asked to log in")
        }
    }

    @Test("a cookie that is used at another address in another browser ends its session")
    func stolen() async throws {
        try await PanelServer.run(configure: {
            $0.trustedProxies = TrustedProxies([try #require(AddressRange("127.0.0.1"))])
        }) { panel in
            let user = try await panel.user(.owner)
            let elsewhere = ["X-Forwarded-For": "192.0.2.1"]
            #expect(
                try await panel.send(.showSession, as: user, headers: elsewhere).status == 200, "a travelling operator")
            var updated = user
            updated.agent = "Browser/2"
            #expect(try await panel.send(.showSession, as: updated).status == 200, "an updated browser")
            #expect(try await panel.send(.showSession, as: updated, headers: elsewhere).status == 401)
            let entry = try #require(try await panel.audit(refused: true).first)
            #expect(entry.address == "192.0.2.1" && entry.refusal?.contains("another browser") == true)
            #expect(try await panel.send(.showSession, as: user).status == 401, "the session is over")
        }
    }

    @Test("a change in a session needs its token; a page of another site can't make one")
    func crossSite() async throws {
        try await PanelServer.run(reload: { ReloadPanelTests.report }) { panel in
            let user = try await panel.user(.owner)
            let other = try await panel.logIn("owner")
            for token in ["", "x", other.token] {
                for endpoint in [Endpoint.reload, .endSession, .createKey] {
                    let reply = try await panel.send(endpoint, as: user, headers: ["X-Perigee-Token": token])
                    #expect(reply.status == 403)
                    #expect(reply.json["code"] == .string("bad_token"))
                }
            }
            #expect(try await panel.audit(refused: true).count == 9)
            #expect(try await panel.audit(refused: true).allSatisfy { $0.actor == "owner" })
            #expect(try await panel.send(.reload, as: user).status == 200)
        }
    }

    @Test("logging out ends this session; logging out everywhere ends all of the operator's sessions")
    func logout() async throws {
        try await PanelServer.run { panel in
            try await panel.makeOperator("ada", .viewer)
            let users = [try await panel.logIn("ada"), try await panel.logIn("ada"), try await panel.logIn("ada")]
            let owner = try await panel.user(.owner)
            let out = try await panel.send(.endSession, as: users[0])
            #expect(out.status == 200 && out.headers["set-cookie"]?.contains("Max-Age=0") == true)
            #expect(try await panel.send(.showSession, as: users[0]).status == 401)
            #expect(try await panel.send(.showSession, as: users[1]).status == 200)
            #expect(try await panel.send(.endSessions, as: users[1]).status == 200)
            for user in users { #expect(try await panel.send(.showSession, as: user).status == 401) }
            #expect(try await panel.send(.showSession, as: owner).status == 200)
        }
    }

    @Test("operators see and end their own sessions, owners those of all")
    func revoking() async throws {
        try await PanelServer.run { panel in
            let viewer = try await panel.user(.viewer)
            let owner = try await panel.user(.owner)
            let own = try JSON(parsing: try await panel.send(.listSessions, as: viewer).body).array ?? []
            #expect(own.compactMap { $0.object?["login"]?.string } == ["viewer"])
            #expect(own.first?.object?["is_current"] == .bool(true))
            let all = try JSON(parsing: try await panel.send(.listSessions, as: owner).body).array ?? []
            #expect(all.compactMap { $0.object?["login"]?.string } == ["owner", "viewer"])
            #expect(try await panel.send(.revokeSession, ["id": "2"], as: viewer).status == 404)
            #expect(try await panel.send(.revokeSession, ["id": "1"], as: owner).status == 200)
            #expect(try await panel.send(.showSession, as: viewer).status == 401)
        }
    }

    @Test("the cookie is Secure and bound to its host when the operator uses TLS, also behind a trusted proxy")
    func secureCookie() async throws {
        for (proto, isSecure) in [("https", true), ("http", false)] {
            try await PanelServer.run(configure: {
                $0.trustedProxies = TrustedProxies([try #require(AddressRange("127.0.0.1"))])
            }) { panel in
                let headers = ["X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": proto]
                try await panel.makeOperator("ada", .viewer)
                let reply = try await panel.tryToLogIn("ada", headers: headers)
                let cookie = try #require(reply.headers["set-cookie"])
                #expect(cookie.contains("; HttpOnly; SameSite=Strict"))
                #expect(cookie.hasSuffix("; Secure") == isSecure && cookie.hasPrefix("__Host-") == isSecure)
                let user = try PanelServer.user(reply)
                #expect(try await panel.send(.showSession, as: user, headers: headers).status == 200)
                let out = try await panel.send(.endSession, as: user, headers: headers)
                #expect(out.headers["set-cookie"]?.hasSuffix("; Secure") == isSecure)
            }
        }
        try await PanelServer.run { panel in
            try await panel.makeOperator("ada", .viewer)
            let reply = try await panel.tryToLogIn("ada", headers: ["X-Forwarded-Proto": "https"])
            #expect(reply.headers["set-cookie"]?.contains("Secure") == false, "only trusted proxies are believed")
        }
    }

    @Test("a changed password ends the other sessions, and needs the old one")
    func password() async throws {
        try await PanelServer.run { panel in
            let user = try await panel.user(.viewer)
            let other = try await panel.logIn("viewer")
            func change(_ old: String, _ new: String) async throws -> TestClient.Reply {
                try await panel.send(.changePassword, as: user, json: #"{"old":"\#(old)","new":"\#(new)"}"#)
            }
            #expect(try await change("wrong", "new horse battery").status == 401)
            #expect(try await change(PanelServer.password, "short").status == 400)
            let changed = try PanelServer.user(try await change(PanelServer.password, "new horse battery"))
            #expect(try await panel.send(.showSession, as: changed).status == 200)
            for old in [user, other] { #expect(try await panel.send(.showSession, as: old).status == 401) }
            #expect(try await panel.tryToLogIn("viewer").status == 401)
            #expect(try await panel.tryToLogIn("viewer", password: "new horse battery").status == 200)
        }
    }

    @Test("a session that began with the key file ends when there is another key file")
    func formerKey() async throws {
        try await TestServer.withFolder { folder in
            var user: PanelServer.User?
            try await PanelServer.run(in: folder) { panel in
                user = try PanelServer.user(try await panel.send(.beginSession, json: #"{"key":"\#(panel.key)"}"#))
            }
            try await PanelServer.run(in: folder) { panel in
                let restarted = try await panel.send(.showSession, as: user)
                #expect(restarted.status == 200)
            }
            try FileManager.default.removeItem(atPath: folder + "/operator.key")
            try await PanelServer.run(in: folder) { panel in
                let changed = try await panel.send(.showSession, as: user)
                #expect(changed.status == 401)
            }
        }
    }
}
