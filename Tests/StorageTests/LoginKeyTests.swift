import Foundation
import GRDB
import Testing

@testable import Storage

@Suite("Spellings of one login, and the form of passwords") struct LoginKeyTests {
    let folder: TemporaryFolder
    let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.database
    }

    @Test(
        "spellings that differ in case, in form or in what can't be seen have one key",
        arguments: [
            ["ΣΑΣ", "σας", "σασ", "Σας", "ςας"], ["Straße", "STRASSE", "strasse", "STRAẞE"],
            ["Ann", "ANN", "Ａｎｎ", "𝐀nn"],
            ["É", "é", "e\u{301}", "E\u{301}"], ["ﬁsh", "fish", "FISH"], ["ſam", "Sam"], ["Kelvin", "\u{212A}elvin"],
            ["ᾳ", "ᾼ", "ΑΙ"], ["ŉ", "ʼn"], ["ǆ", "ǅ", "Ǆ", "dž"], ["ann", "ann\u{FE0F}", "a\u{AD}nn", "ann\u{3164}"],
            ["ıan", "IAN", "ian"], ["Ω", "\u{2126}", "ω"], ["①", "1"],
        ])
    func same(spellings: [String]) {
        for spelling in spellings { #expect(loginKey(spelling) == loginKey(spellings[0]), "\(spelling)") }
        #expect(loginKey(loginKey(spellings[0])) == loginKey(spellings[0]))
    }

    @Test(
        "other logins have other keys",
        arguments: [("ann", "anna"), ("ann", "án"), ("e", "é"), ("a b", "ab"), ("ohm", "Ωm"), ("а", "a"), ("ö", "o")])
    func different(one: String, other: String) { #expect(loginKey(one) != loginKey(other)) }

    @Test(
        "a login of nothing that can be seen has an empty key", arguments: ["\u{3164}", "\u{FE0F}", "\u{115F}\u{200B}"])
    func nothing(login: String) { #expect(loginKey(login).isEmpty) }

    @Test(
        "a name is taken in all its spellings", arguments: Engine.allCases,
        [("ΣΑΣ", "σας"), ("σας", "ΣΑΣ"), ("Straße", "STRASSE")])
    func unique(engine: Engine, spellings: (first: String, second: String)) async throws {
        let (first, second) = spellings
        let store = try await TestStore(engine)
        let storage = store.storage
        defer { store.remove() }
        let account = try await storage.createAccount(login: first, passwordHash: "h", created: 5)
        await #expect(throws: StorageError.loginTaken(second)) {
            try await storage.createAccount(login: second, passwordHash: "h", created: 6)
        }
        #expect(try await storage.account(login: second) == account)
    }

    /// A database of the version before, with these logins.
    private func older(_ logins: [String]) throws {
        let queue = try DatabaseQueue(path: path)
        try SQLiteSchema.migrator.migrate(queue, upTo: "3")
        try queue.write { db in
            for login in logins {
                try db.execute(
                    sql: "INSERT INTO accounts (login, login_key, password_hash, created) VALUES (?, ?, 'h', 1)",
                    arguments: [login, formerLoginKey(login)])
            }
        }
        try queue.close()
    }

    @Test(
        "accounts of older databases are found by all spellings; those that were two stay two",
        arguments: [["ΣΑΣ", "σας", "Ann"], ["σας", "ΣΑΣ", "Ann"]])
    func migrated(logins: [String]) async throws {
        try older(logins)
        let storage = try SQLiteStorage(path: path)
        for (index, login) in logins.enumerated() {
            #expect(try await storage.account(login: login)?.id == index + 1, "\(login)")
            await #expect(throws: StorageError.loginTaken(login)) {
                try await storage.createAccount(login: login, passwordHash: "h", created: 6)
            }
        }
        #expect(try await storage.account(login: "ANN")?.id == 3)
        #expect(try await storage.account(login: "ςασ") != nil)
        // As before, an account is also found by what differs in case alone.
        #expect(try await storage.account(login: "Σας")?.login == "σας")
    }

    @Test("an account of an older database whose key is free takes it")
    func alone() async throws {
        try older(["Straße", "σας"])
        let storage = try SQLiteStorage(path: path)
        #expect(try await storage.account(login: "STRASSE")?.id == 1)
        #expect(try await storage.account(login: "ΣΑΣ")?.id == 2)
    }

    @Test("accounts that stay two go through an export, an import and a lost database")
    func copied() async throws {
        try older(["ΣΑΣ", "σας"])
        let storage = try SQLiteStorage(path: path)
        var lines: [String] = []
        try SQLiteStorage.export(path) { lines.append($0) }
        let copy = try SQLiteStorage(path: folder.file("copy.sqlite"))
        #expect(try await copy.importLines(lines.map { $0[...] }, file: "x", replacing: false) == (2, 0))
        _ = try await storage.replaceLostStore(named: "now")
        for store in [storage, copy] {
            #expect(try await store.account(login: "ΣΑΣ")?.id == 1)
            #expect(try await store.account(login: "σας")?.id == 2)
        }
    }

    @Test("passwords have one form, however the letters were composed")
    func passwords() {
        #expect(Array(passwordForm("cafe\u{301}").utf8) == Array("caf\u{E9}".utf8))
        #expect(Array(passwordForm("\u{1100}\u{1161}").utf8) == Array("\u{AC00}".utf8))
        #expect(Array(passwordForm("Ａb ﬁ\u{200B}").utf8) == Array("Ａb ﬁ\u{200B}".utf8))
    }

    @Test("a database, its log and its lock are their owner's alone, older ones too")
    func rights() async throws {
        func rights() throws -> [String: Int] {
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            return try Dictionary(
                uniqueKeysWithValues: names.map { name in
                    let attributes = try FileManager.default.attributesOfItem(atPath: folder.file(name))
                    return (name, (attributes[.posixPermissions] as? NSNumber)?.intValue ?? 0)
                })
        }
        let expected = Dictionary(
            uniqueKeysWithValues: ["", "-wal", "-shm", ".lock"].map { ("perigee.sqlite" + $0, 0o600) })
        let storage = try SQLiteStorage(path: path)
        _ = try await storage.createAccount(login: "a", passwordHash: "h", created: 1)
        #expect(try rights() == expected)
        try storage.close()
        for name in try rights().keys { chmod(folder.file(name), 0o644) }
        let again = try SQLiteStorage(path: path)
        _ = try await again.createAccount(login: "b", passwordHash: "h", created: 1)
        #expect(try rights() == expected)
        _ = try await again.replaceLostStore(named: "now")
        #expect(Set(try rights().values) == [0o600])
        let copy = folder.file("copy.sqlite")
        #expect(FileManager.default.createFile(atPath: copy, contents: nil, attributes: [.posixPermissions: 0o600]))
        try SQLiteStorage.backUp(path, to: copy)
        #expect(Set(try rights().values) == [0o600])
    }
}
