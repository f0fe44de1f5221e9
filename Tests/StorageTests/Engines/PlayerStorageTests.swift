import JSONValues
import Logging
import Testing
import World

@testable import Storage

@Suite("Players in the store: search, bans, mutes, erasing") struct PlayerStorageTests {
    private func make(_ storage: any GameStorage, _ logins: String...) async throws {
        for login in logins { _ = try await storage.createAccount(login: login, passwordHash: "h", created: 1) }
    }

    private func logins(_ storage: any GameStorage, _ part: String, limit: Int = 50) async throws -> [String] {
        try await storage.players(PlayerSearch(part: part, limit: limit)).map(\.login)
    }

    // MARK: - Search

    @Test("a part of a login finds it in any spelling, whatever stands around it", arguments: Engine.allCases)
    func parts(engine: Engine) async throws {
        let store = try await TestStore(engine)
        let storage = store.storage
        defer { store.remove() }
        try await make(storage, "Ada", "Madam", "STRASSE", "banana", "Bo'b <b>", "100%_x")
        #expect(try await logins(storage, "AD") == ["Ada", "Madam"])
        #expect(try await logins(storage, "straße") == ["STRASSE"])
        #expect(try await logins(storage, "ana") == ["banana"], "a part that occurs twice finds the login once")
        #expect(try await logins(storage, "'b <") == ["Bo'b <b>"])
        #expect(try await logins(storage, "%") == ["100%_x"], "no character has a meaning of its own")
        #expect(try await logins(storage, "zz") == [])
        #expect(try await logins(storage, "") == ["100%_x", "Bo'b <b>", "banana", "STRASSE", "Madam", "Ada"])
    }

    @Test("the end of a long login finds it: a character may have several code points", arguments: Engine.allCases)
    func longLogin(engine: Engine) async throws {
        let store = try await TestStore(engine)
        let storage = store.storage
        defer { store.remove() }
        let login = String(repeating: "\u{915}\u{93F}", count: 40) + "end"
        #expect(login.count == 43 && login.unicodeScalars.count == 83)
        try await make(storage, login)
        #expect(try await logins(storage, "END") == [login])
        #expect(try await storage.erasePlayer(id: 1, auditTarget: "player 1"))
        #expect(try await store.count("login_parts") == 0)
    }

    @Test("pages follow each other without gaps and repetitions", arguments: Engine.allCases, ["", "a", "bot", "1"])
    func pages(engine: Engine, part: String) async throws {
        let store = try await TestStore(engine)
        let storage = store.storage
        defer { store.remove() }
        for number in 1...40 { try await make(storage, "bot\(number)a") }
        let all = try await storage.players(PlayerSearch(part: part, limit: 100)).map(\.id)
        var paged: [Int] = []
        while true {
            let page = try await storage.players(PlayerSearch(part: part, after: paged.last, limit: 7)).map(\.id)
            if page.isEmpty { break }
            paged += page
        }
        #expect(paged == all && Set(all).count == all.count && all.count >= 13)
    }

    // MARK: - Bans and mutes

    @Test(
        "bans and mutes are there after a restart, with who made them, until they are ended", arguments: Engine.allCases
    )
    func bans(engine: Engine) async throws {
        let store = try await TestStore(engine)
        let storage = store.storage
        defer { store.remove() }
        try await make(storage, "ada", "bob")
        let forEver = try await storage.addBan(Ban(playerID: 1, reason: "x", madeBy: "op", created: 5))
        let range = try await storage.addBan(
            Ban(playerID: 2, addresses: "192.0.2.0/24", reason: "y", madeBy: "op", created: 6, expires: 100))
        #expect(forEver.id == 1 && range.id == 2)
        try await storage.setMute(Mute(playerID: 2, reason: "loud", madeBy: "op", created: 7, expires: 50))
        try await storage.setMute(Mute(playerID: 2, reason: "louder", madeBy: "op", created: 8))
        let again = try await store.reopened()
        #expect(try await again.bans(before: nil, limit: nil) == [range, forEver])
        #expect(try await again.bans(before: 2, limit: 5) == [forEver])
        #expect(try await again.bans(ofPlayer: 2) == [range])
        #expect(try await again.mutes() == [Mute(playerID: 2, reason: "louder", madeBy: "op", created: 8)])
        #expect(try await again.players(PlayerSearch(bannedAt: 99)).map(\.id) == [2, 1])
        #expect(try await again.players(PlayerSearch(bannedAt: 100)).map(\.id) == [1], "a ban ends at its time")
        #expect(try await again.deleteBan(id: 1) == forEver)
        #expect(try await again.deleteBan(id: 1) == nil)
        #expect(try await again.deleteMute(ofPlayer: 2)?.reason == "louder")
        #expect(try await again.deleteMute(ofPlayer: 2) == nil)
        await #expect(throws: StorageError.self) {
            _ = try await again.addBan(Ban(playerID: 9, reason: "z", madeBy: "op", created: 1))
        }
    }

    @Test(
        "export and import carry bans and mutes over, and refuse those without their account",
        arguments: Engine.allCases)
    func transfer(engine: Engine) async throws {
        let store = try await TestStore(engine)
        let storage = store.storage
        defer { store.remove() }
        try await make(storage, "ada")
        _ = try await storage.addBan(Ban(playerID: 1, reason: "x", madeBy: "op", created: 5, expires: 9))
        _ = try await storage.addBan(Ban(addresses: "2001:db8::/32", reason: "y", madeBy: "op", created: 6))
        try await storage.setMute(Mute(playerID: 1, reason: "", madeBy: "op", created: 7, expires: 50))
        let lines = try store.exported()
        let other = try await TestStore(engine)
        let copy = other.storage
        defer { other.remove() }
        _ = try await copy.importLines(lines.map { $0[...] }, file: "x", replacing: false)
        #expect(try await copy.bans(before: nil, limit: nil) == storage.bans(before: nil, limit: nil))
        #expect(try await copy.mutes() == storage.mutes())
        #expect(try await copy.players(PlayerSearch(part: "d")).map(\.id) == [1])
        _ = try await copy.addBan(Ban(addresses: "192.0.2.1", reason: "z", madeBy: "op", created: 6))
        _ = try await copy.importLines(lines.map { $0[...] }, file: "x", replacing: true)
        #expect(try await copy.bans(before: nil, limit: nil).count == 2, "an import replaces the bans too")
        let third = try await TestStore(engine)
        let banned = third.storage
        defer { third.remove() }
        _ = try await banned.addBan(Ban(addresses: "192.0.2.1", reason: "z", madeBy: "op", created: 6))
        let copied = lines.map { $0[...] }
        await #expect(throws: third.notEmpty) {
            _ = try await banned.importLines(copied, file: "x", replacing: false)
        }
        for line in [
            #"{"ban":{"id":1,"player_id":5,"reason":"x","made_by":"op","created":5}}"#,
            #"{"ban":{"id":1,"reason":"x","made_by":"op","created":5}}"#,
            #"{"mute":{"player_id":5,"reason":"x","made_by":"op","created":5}}"#,
        ] {
            let bad = [TransferLine.head.json.text, line].map { $0[...] }
            await #expect(throws: StorageError.self) {
                _ = try await copy.importLines(bad, file: "x", replacing: true)
            }
        }
    }

    // MARK: - Sessions and erasing

    @Test(
        "a login is noted, sessions can be listed and ended, and a new password ends them all",
        arguments: Engine.allCases)
    func sessions(engine: Engine) async throws {
        let store = try await TestStore(engine)
        let storage = store.storage
        defer { store.remove() }
        try await make(storage, "ada")
        for number in 1...3 {
            try await storage.createHTTPSession(
                HTTPSession(
                    hash: [UInt8(number)], playerID: 1, expires: Double(10 * number), created: Double(number),
                    address: "192.0.2.\(number)"))
        }
        #expect(try await storage.players(ids: [1]).first?.lastLogin == 3)
        let open = try await storage.httpSessions(ofPlayer: 1, at: 10)
        #expect(open.map(\.address) == ["192.0.2.3", "192.0.2.2"] && open[0].created == 3)
        #expect(try await storage.resetPassword("new", ofPlayer: 1) == 3)
        #expect(try await storage.account(id: 1)?.passwordHash == "new")
        #expect(try await storage.httpSessions(ofPlayer: 1, at: 0) == [])
        #expect(try await storage.resetPassword("new", ofPlayer: 2) == nil)
    }

    @Test(
        "erasing a player leaves nothing of it in any table, and the audit log only that it happened",
        arguments: Engine.allCases)
    func erase(engine: Engine) async throws {
        let store = try await TestStore(engine)
        let storage = store.storage
        defer { store.remove() }
        try await make(storage, "friend", "kilroy")
        let hash = [UInt8](repeating: 0xAB, count: 32)
        try await storage.save(
            [
                EntityRecord(
                    key: EntityKey(.players, 2), login: "kilroy", mapID: 1, components: ["bag": .string("kilroy")])
            ],
            removed: [], at: 5)
        try await storage.createHTTPSession(
            HTTPSession(hash: hash, playerID: 2, expires: 1e10, created: 1, address: "kilroy-address"))
        _ = try await storage.addBan(
            Ban(playerID: 2, addresses: "192.0.2.7", reason: "kilroy was here", madeBy: "op", created: 1))
        try await storage.setMute(Mute(playerID: 2, reason: "kilroy", madeBy: "op", created: 1))
        let changes: [(String, String?)] = [("players.create", #"{"login":"kilroy"}"#), ("players.erase", nil)]
        for (action, before) in changes {
            try await storage.appendAuditEntry(
                AuditEntry(
                    time: 1, actor: "op", address: "a", action: action, target: "player 2", before: before), limit: 10)
        }
        let targets = [
            "players_2 on map 1", "move/to of players_2 on map 1", "move of players_2 on map 12",
            "map 1, object players_2",
        ]
        let others = [
            "players_22 on map 2", "a of players_22 on map 1", "map 1, object players_22", "players on map 2",
        ]
        for target in targets + others {
            try await storage.appendAuditEntry(
                AuditEntry(
                    time: 1, actor: "op", address: "a", action: "entities.change", target: target,
                    before: targets.contains(target) ? #"{"name":"kilroy"}"# : "friend",
                    after: targets.contains(target) ? #"{"name":"kilroy!"}"# : "friend"), limit: 20)
        }
        #expect(try await store.occurrences("kilroy") > 5)
        #expect(try await storage.erasePlayer(id: 2, auditTarget: "player 2"))
        #expect(try await store.occurrences("kilroy") == 0)
        #expect(try await store.occurrences("192.0.2.7") == 0)
        #expect(try await storage.httpSession(hash: hash) == nil)
        #expect(try await storage.player(id: 2) == nil)
        #expect(try await storage.account(id: 2) == nil)
        let entries = try await storage.auditEntries(ofPlayer: 2, auditTarget: "player 2")
        #expect(entries.map(\.target) == Array(targets.reversed()) + ["player 2", "player 2"])
        #expect(entries.allSatisfy { $0.before == nil && $0.after == nil })
        #expect(try await store.occurrences("friend") >= others.count, "other players' entries stay as they are")
        #expect(try await storage.account(login: "friend") != nil)
        // Neither a database that replaces a lost one nor the next account brings anything back.
        if engine == .sqlite {
            store.remove()
            _ = try await storage.replaceLostStore(named: "now")
            #expect(try await store.occurrences("kilroy") == 0)
        }
        #expect(try await storage.createAccount(login: "kilroy", passwordHash: "h", created: 1).id == 3)
        #expect(try await !storage.erasePlayer(id: 2, auditTarget: "player 2"))
    }

    @Test(
        "write-behind can't bring an erased player back: not what waits, nor what is saved later",
        arguments: Engine.allCases)
    func eraseWaiting(engine: Engine) async throws {
        let store = try await TestStore(engine)
        let storage = store.storage
        defer { store.remove() }
        try await make(storage, "kilroy")
        let writeBehind = WriteBehind(storage: storage, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let record = EntityRecord(key: EntityKey(.players, 1), login: "kilroy", mapID: 1)
        writeBehind.save([record], removed: [])
        #expect(await writeBehind.erase(record.key))
        #expect(try await storage.erasePlayer(id: 1, auditTarget: "player 1"))
        writeBehind.save([record], removed: [])
        #expect(writeBehind.latest(record.key) == nil)
        #expect(await writeBehind.flush())
        #expect(try await storage.player(id: 1) == nil)
        #expect(try await writeBehind.player(id: 1) == nil)
        #expect(try await store.occurrences("kilroy") == 0)
    }
}
