import JSONValues
import OperatorAPI
import Storage
import Testing

@testable import AdminPanel
@testable import Gateway

@Suite("The audit log in the panel", .timeLimit(.minutes(5))) struct AuditPageTests {
    private func fill(_ panel: PanelServer) async throws {
        for number in 1...60 {
            try await panel.server.storage.appendAuditEntry(
                AuditEntry(
                    time: Double(number), actor: number % 2 == 0 ? "ada" : "bob", address: "192.0.2.\(number)",
                    action: "operators.change", target: "t\(number)", before: "1", after: "2",
                    refusal: number % 10 == 0 ? "no" : nil), limit: 1000)
        }
    }

    @Test("entries are paged and filtered, the latest first")
    func paging() async throws {
        try await PanelServer.run { panel in
            try await fill(panel)
            func targets(_ query: String) async throws -> [String] {
                let reply = try await panel.send("GET", "/server/api/v1/audit?\(query)", bearer: panel.key)
                return (try JSON(parsing: reply.body).array ?? []).compactMap { $0.object?["target"]?.string }
            }
            #expect(try await targets("limit=2") == ["t60", "t59"])
            #expect(try await targets("limit=2&before=59") == ["t58", "t57"])
            #expect(try await targets("actor=bob&limit=1") == ["t59"])
            #expect(try await targets("refused=true") == ["t60", "t50", "t40", "t30", "t20", "t10"])
            #expect(try await targets("refused=false&limit=1") == ["t59"])
            #expect(try await targets("text=192.0.2.7") == ["t7"])
            #expect(try await targets("action=operators.&limit=1") == ["t60"])
            #expect(try await targets("action=keys.") == [])
            for (query, field) in [
                ("limit=0", "limit"), ("limit=501", "limit"), ("before=x", "before"), ("refused=maybe", "refused"),
            ] {
                let reply = try await panel.send("GET", "/server/api/v1/audit?\(query)", bearer: panel.key)
                #expect(reply.status == 400 && reply.json["field"] == .string(field))
            }
        }
    }

    @Test("the page has 50 entries and a link to the older ones, which keeps the filter")
    func page() async throws {
        try await PanelServer.run { panel in
            try await fill(panel)
            let page = try await panel.send("GET", "/admin/audit", bearer: panel.key).text
            #expect(page.contains("<span>t60</span>") && page.contains("<span>t11</span>"))
            #expect(!page.contains("<span>t10</span>"))
            #expect(page.contains("href=\"/admin/audit?before=11\""))
            let filtered = try await panel.send("GET", "/admin/audit?before=11&actor=ada", bearer: panel.key).text
            #expect(filtered.contains("<span>t10</span>") && !filtered.contains("<span>t9</span>"))
            #expect(!filtered.contains("Older entries"))
        }
    }

    @Test("refused attempts of a flood are not all written down, and displace no changes")
    func flood() async throws {
        try await PanelServer.run { panel in
            try await fill(panel)
            var statuses: [Int] = []
            for _ in 0..<40 { statuses.append(try await panel.send(.listOperators, bearer: "guess").status) }
            #expect(statuses == Array(repeating: 401, count: 10) + Array(repeating: 429, count: 30))
            #expect(try await panel.send(.listOperators, bearer: panel.key).status == 200, "a right key is not a guess")
            let refused = try await panel.audit(refused: true).filter { $0.actor == "nobody" }
            #expect(refused.count == 30)
            #expect(try await panel.audit(refused: false).count == 54)
        }
    }
}
