import Testing

@testable import Storage

@Suite("Operators in the store") struct OperatorStorageTests {
    static func session(_ hash: [UInt8], _ holder: OperatorSession.Holder, at created: Double) -> OperatorSession {
        OperatorSession(
            hash: hash, holder: holder, created: created, expires: created + 100, lastUsed: created,
            address: "192.0.2.1", agent: "Browser")
    }

    @Test("only the first account is made by way of the link, whoever comes first", arguments: Engine.allCases)
    func first(engine: Engine) async throws {
        let store = try await TestStore(engine)
        let storage = store.storage
        defer { store.remove() }
        let made = try await withThrowingTaskGroup(of: OperatorAccount?.self) { tasks in
            for number in 0..<8 {
                tasks.addTask {
                    try await storage.createFirstOperator(login: "o\(number)", passwordHash: "h", created: 1)
                }
            }
            return try await tasks.reduce(into: [OperatorAccount]()) { made, account in
                if let account { made.append(account) }
            }
        }
        #expect(made.count == 1 && made[0].role == .owner)
        #expect(try await storage.operators() == made)
    }

    @Test(
        "accounts are found by any spelling of their login, changed, and deleted with their sessions",
        arguments: Engine.allCases)
    func accounts(engine: Engine) async throws {
        let store = try await TestStore(engine)
        let storage = store.storage
        defer { store.remove() }
        let owner = try await storage.createOperator(login: "Ada", passwordHash: "h", role: .owner, created: 1)
        let bob = try await storage.createOperator(login: "bob", passwordHash: "i", role: .editor, created: 2)
        await #expect(throws: StorageError.loginTaken("ADA")) {
            try await storage.createOperator(login: "ADA", passwordHash: "h", role: .viewer, created: 3)
        }
        #expect(try await storage.operatorAccount(login: "aDa") == owner)
        let change = try #require(try await storage.changeOperator(id: bob.id, [.role(.viewer), .disabled(since: 9)]))
        #expect(change.before == bob && change.after.role == .viewer && change.after.disabled == 9)
        #expect(try await storage.changeOperator(id: 99, [.role(.viewer)]) == nil)
        let one = try await storage.createOperatorSession(
            Self.session([1], .account(bob.id), at: 5), checked: "i", limit: 9)
        #expect(try await storage.operatorSession(hash: [1]) == one)
        #expect(try await storage.deleteOperator(id: bob.id)?.account.login == "bob")
        #expect(try await storage.operatorSession(hash: [1]) == nil)
        #expect(
            try await storage.createOperator(login: "bob", passwordHash: "i", role: .editor, created: 2).id > bob.id)
    }

    @Test("a new password and disabling end the sessions; a new role does not", arguments: Engine.allCases)
    func endingSessions(engine: Engine) async throws {
        let store = try await TestStore(engine)
        let storage = store.storage
        defer { store.remove() }
        let ada = try await storage.createOperator(login: "ada", passwordHash: "h", role: .editor, created: 1)
        for (change, isEnded) in [
            (OperatorChange.role(.viewer), false), (.disabled(since: nil), false), (.disabled(since: 1), true),
            (.passwordHash("i"), true),
        ] {
            let open = try await storage.createOperatorSession(
                Self.session([7], .account(ada.id), at: 5), checked: "h", limit: 9)
            #expect(open != nil)
            _ = try await storage.changeOperator(id: ada.id, [change])
            #expect((try await storage.operatorSession(hash: [7]) == nil) == isEnded)
            _ = try await storage.changeOperator(id: ada.id, [.disabled(since: nil), .passwordHash("h")])
        }
    }

    @Test("the last owner who can log in stays", arguments: Engine.allCases)
    func lastOwner(engine: Engine) async throws {
        let store = try await TestStore(engine)
        let storage = store.storage
        defer { store.remove() }
        let ada = try await storage.createOperator(login: "ada", passwordHash: "h", role: .owner, created: 1)
        let bob = try await storage.createOperator(login: "bob", passwordHash: "h", role: .owner, created: 1)
        _ = try await storage.changeOperator(id: bob.id, [.disabled(since: 3)])
        for change in [[OperatorChange.role(.editor)], [.disabled(since: 4)], [.role(.owner), .disabled(since: 4)]] {
            await #expect(throws: StorageError.lastOwner("ada")) {
                _ = try await storage.changeOperator(id: ada.id, change)
            }
        }
        await #expect(throws: StorageError.lastOwner("ada")) { _ = try await storage.deleteOperator(id: ada.id) }
        #expect(try await storage.operatorAccount(id: ada.id) == ada, "nothing of a refused change stays")
        #expect(try await storage.deleteOperator(id: bob.id) != nil, "bob was no owner who could log in")
    }

    @Test(
        "sessions of one holder are bounded, the expired go, and the key file's are apart", arguments: Engine.allCases)
    func sessions(engine: Engine) async throws {
        let store = try await TestStore(engine)
        let storage = store.storage
        defer { store.remove() }
        let ada = try await storage.createOperator(login: "ada", passwordHash: "h", role: .owner, created: 1)
        let (account, file) = (OperatorSession.Holder.account(ada.id), OperatorSession.Holder.keyFile(hash: [9]))
        for number in 1...5 {
            _ = try await storage.createOperatorSession(
                Self.session([UInt8(number)], account, at: Double(number)), checked: "h", limit: 3)
        }
        let other = try #require(
            try await storage.createOperatorSession(Self.session([6], file, at: 6), checked: nil, limit: 3))
        #expect(try await storage.operatorSessions(of: account, at: 6).map(\.hash) == [[5], [4], [3]])
        #expect(try await storage.operatorSessions(of: nil, at: 6).count == 4)
        #expect(try await storage.operatorSessions(of: nil, at: 104).map(\.hash) == [[6], [5]])
        try await storage.noteUse(ofOperatorSession: other.id, at: 50)
        #expect(try await storage.operatorSession(hash: [6])?.lastUsed == 50)
        #expect(try await storage.deleteOperatorSession(id: other.id, of: account) == nil)
        #expect(try await storage.deleteOperatorSession(id: other.id, of: file)?.hash == [6])
        _ = try await storage.createOperatorSession(Self.session([8], file, at: 104), checked: nil, limit: 3)
        #expect(try await storage.operatorSession(hash: [4]) == nil, "it has expired")
        #expect(try await storage.operatorSession(hash: [5]) != nil)
        #expect(try await storage.deleteOperatorSessions(of: account) == 1)
    }

    @Test("keys of programs are found by hash, noted when used, and revoked", arguments: Engine.allCases)
    func keys(engine: Engine) async throws {
        let store = try await TestStore(engine)
        let storage = store.storage
        defer { store.remove() }
        var key = try #require(
            try await storage.createAPIKey(name: "scraper", hash: [1, 2], role: .viewer, createdBy: nil, created: 5))
        await #expect(throws: StorageError.keyNameTaken("Scraper")) {
            _ = try await storage.createAPIKey(name: "Scraper", hash: [3], role: .viewer, createdBy: nil, created: 5)
        }
        #expect(try await storage.apiKey(hash: [1, 2]) == key)
        try await storage.noteUse(ofAPIKey: key.id, at: 7)
        key.lastUsed = 7
        #expect(try await storage.apiKeys() == [key])
        #expect(try await storage.deleteAPIKey(id: key.id) == key)
        #expect(try await storage.deleteAPIKey(id: key.id) == nil)
        #expect(try await storage.apiKey(hash: [1, 2]) == nil)
    }

    @Test("the keys that an operator made end with the rights of the operator", arguments: Engine.allCases)
    func keysOfOperators(engine: Engine) async throws {
        let store = try await TestStore(engine)
        let storage = store.storage
        defer { store.remove() }
        _ = try await storage.createOperator(login: "eve", passwordHash: "h", role: .owner, created: 1)
        let ada = try await storage.createOperator(login: "ada", passwordHash: "h", role: .owner, created: 1)
        func make(_ role: OperatorRole, by id: Int?) async throws -> APIKey? {
            let names = try await storage.apiKeys().map(\.name)
            let name = "\(role) of \(id ?? 0)"
            guard !names.contains(name) else { return nil }
            return try await storage.createAPIKey(
                name: name, hash: Array(name.utf8), role: role, createdBy: id, created: 5)
        }
        for role in OperatorRole.allCases {
            for id in [nil, 1, ada.id] { _ = try await make(role, by: id) }
        }
        func left() async throws -> [OperatorRole] {
            let keys = try await storage.apiKeys()
            #expect(keys.filter { $0.createdBy != ada.id }.count == 6, "the keys of others stay")
            return keys.filter { $0.createdBy == ada.id }.map(\.role)
        }
        let lowered = try await storage.changeOperator(id: ada.id, [.role(.editor)])
        #expect(lowered?.revokedKeys == ["owner of 2"])
        #expect(try await left() == [.viewer, .editor])
        #expect(try await make(.owner, by: ada.id) == nil, "she is no owner any more")
        let disabled = try await storage.changeOperator(id: ada.id, [.disabled(since: 9)])
        #expect(disabled?.revokedKeys == ["editor of 2", "viewer of 2"])
        #expect(try await make(.viewer, by: ada.id) == nil, "she is disabled")
        _ = try await storage.changeOperator(id: ada.id, [.disabled(since: nil)])
        #expect(try await left() == [])
        _ = try await make(.viewer, by: ada.id)
        #expect(try await storage.deleteOperator(id: ada.id)?.revokedKeys == ["viewer of 2"])
        #expect(try await left() == [])
    }

    @Test(
        "a reset or disabling wins over a login or change of the password that was checked before it",
        arguments: Engine.allCases)
    func overtaken(engine: Engine) async throws {
        let store = try await TestStore(engine)
        let storage = store.storage
        defer { store.remove() }
        let ada = try await storage.createOperator(login: "ada", passwordHash: "old", role: .viewer, created: 1)
        func begins(_ checked: String?) async throws -> Bool {
            let new = Self.session([7], .account(ada.id), at: 5)
            guard try await storage.createOperatorSession(new, checked: checked, limit: 9) != nil else { return false }
            return try await storage.deleteOperatorSessions(of: .account(ada.id)) == 1
        }
        #expect(try await begins("old"))
        #expect(try await !begins(nil))
        _ = try await storage.changeOperator(id: ada.id, [.passwordHash("reset")])
        #expect(try await !begins("old"))
        #expect(try await storage.changeOperator(id: ada.id, [.passwordHash("mine", replacing: "old")]) == nil)
        #expect(try await storage.operatorAccount(id: ada.id)?.passwordHash == "reset")
        #expect(try await storage.changeOperator(id: ada.id, [.passwordHash("mine", replacing: "reset")]) != nil)
        _ = try await storage.changeOperator(id: ada.id, [.disabled(since: 3)])
        #expect(try await !begins("mine"))
        #expect(try await storage.changeOperator(id: ada.id, [.passwordHash("x", replacing: "mine")]) == nil)
        _ = try await storage.deleteOperator(id: ada.id)
        #expect(try await !begins("mine"))
    }

    @Test("the audit log drops the oldest entries of its kind above the bound", arguments: Engine.allCases)
    func auditBound(engine: Engine) async throws {
        let store = try await TestStore(engine)
        let storage = store.storage
        defer { store.remove() }
        func append(_ target: String, _ action: String = "keys.create", refused: Bool) async throws {
            try await storage.appendAuditEntry(
                AuditEntry(
                    time: 1, actor: "a", address: "b", action: action, target: target, refusal: refused ? "no" : nil),
                limit: 3)
        }
        for number in 1...5 { try await append("d\(number)", refused: false) }
        for number in 1...9 { try await append("r\(number)", refused: true) }
        #expect(try await storage.auditEntries(AuditFilter()).map(\.target) == ["r9", "r8", "r7", "d5", "d4", "d3"])
        for action in ["session.begin", "session.end", "sessions.revoke", "sessions.end", "password.change"] {
            try await append(action, action, refused: false)
        }
        #expect(
            try await storage.auditEntries(AuditFilter(isRefused: false)).map(\.target)
                == ["password.change", "sessions.end", "sessions.revoke", "d5", "d4", "d3"],
            "logins displace no changes")
    }

    @Test("an import leaves the operators as they are", arguments: Engine.allCases)
    func importing(engine: Engine) async throws {
        let store = try await TestStore(engine)
        let storage = store.storage
        defer { store.remove() }
        let ada = try await storage.createOperator(login: "ada", passwordHash: "h", role: .owner, created: 1)
        _ = try await storage.importLines(
            ["{\"perigee\":\"export\",\"version\":1}"], file: "lines", replacing: true)
        #expect(try await storage.operators() == [ada])
    }
}
