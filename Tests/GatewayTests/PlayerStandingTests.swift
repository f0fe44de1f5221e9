import GameRules
import HTTPTypes
import JSONValues
import Logging
import Storage
import Synchronization
import Testing
import Transport
import Wire

@testable import Gateway

@Suite("Bans and mutes in memory") struct PlayerStandingTests {
    private func ban(_ id: Int, player: Int? = nil, _ addresses: String? = nil, until: Double? = nil) -> Ban {
        Ban(
            id: id, playerID: player, addresses: addresses, reason: "r\(id)", madeBy: "op", created: 0, expires: until)
    }

    @Test(
        "a ban holds for its account, and for its range of addresses",
        arguments: [
            (1, nil, 1), (2, nil, nil), (nil, "192.0.2.200", 2), (nil, "192.0.3.1", nil), (nil, "::ffff:192.0.2.9", 2),
            (2, "2001:db8:1::5", 3), (2, "2001:db9::1", nil), (nil, nil, nil),
        ] as [(Int?, String?, Int?)])
    func found(player: Int?, address: String?, expected: Int?) {
        let standings = PlayerStandings()
        standings.set(bans: [ban(1, player: 1), ban(2, "192.0.2.0/24"), ban(3, "2001:db8::/32")], mutes: [], now: 5)
        let found = standings.ban(of: player, at: address.flatMap(IPAddress.init), now: 5)
        #expect(found?.id == expected)
    }

    @Test("it ends at its time, not before; of several the one that lasts longest is told")
    func ends() {
        let standings = PlayerStandings()
        standings.set(bans: [ban(1, player: 1, until: 10), ban(2, player: 1, until: 20)], mutes: [], now: 0)
        #expect(standings.ban(of: 1, at: nil, now: 5)?.id == 2)
        #expect(standings.ban(of: 1, at: nil, now: 19.9)?.id == 2)
        #expect(standings.ban(of: 1, at: nil, now: 20) == nil)
        standings.add(ban(3, player: 1))
        #expect(standings.ban(of: 1, at: nil, now: 1e10)?.id == 3)
        standings.remove(ban(3, player: 1))
        #expect(standings.ban(of: 1, at: nil, now: 1e10) == nil)
    }

    @Test("bans of addresses that have ended don't count, neither at the start nor later")
    func count() {
        let standings = PlayerStandings()
        standings.set(bans: [ban(1, "192.0.2.1", until: 5), ban(2, "192.0.2.2", until: 10)], mutes: [], now: 5)
        standings.add(ban(3, "192.0.2.3", until: 20))
        standings.add(ban(4, player: 1))
        #expect(standings.addressCount(now: 9) == 2)
        #expect(standings.addressCount(now: 10) == 1)
        #expect(standings.addressCount(now: 20) == 0)
    }

    @Test("a mute ends at its time")
    func mutes() {
        let standings = PlayerStandings()
        let mute = Mute(playerID: 1, reason: "", madeBy: "op", created: 0, expires: 10)
        standings.set(bans: [], mutes: [mute], now: 0)
        #expect(standings.mutedUntil(1, now: 9) == 10 && standings.muted(now: 9) == [1])
        #expect(standings.mutedUntil(1, now: 10) == nil && standings.muted(now: 10) == [])
        standings.set(Mute(playerID: 1, reason: "", madeBy: "op", created: 0), of: 1)
        #expect(standings.mutedUntil(1, now: 1e10) == .infinity)
        standings.set(nil, of: 1)
        #expect(standings.mutedUntil(1, now: 0) == nil)
    }

    @Test("the refusals say the reason and the end, to people and to programs")
    func notices() {
        let banned = GatewayError.banned(ban(1, player: 1, until: 1_800_000_000))
        #expect(banned.status == .forbidden && banned.json.object?["code"] == .string("banned"))
        #expect(
            banned.json.object?["reason"] == .string("r1") && banned.json.object?["until"] == .number(1_800_000_000))
        #expect(banned.message == "you are banned until 2027-01-15 08:00:00 (UTC): r1")
        let ending = SessionEnding.banned(ban(2, player: 1))
        #expect(ending.closeCode == .policyViolation && ending.refusal.text == "you are banned for ever: r2")
        let text = String(decoding: ending.refusal.json, as: UTF8.self)
        #expect(text == #"{"error":"you are banned for ever: r2","code":"banned","return":false,"reason":"r2"}"#)
    }

    @Test("an erased player is refused as if there were no account")
    func erased() {
        let standings = PlayerStandings()
        standings.set(bans: [ban(1, player: 1, "192.0.2.1")], mutes: [], now: 0)
        standings.erase(1)
        #expect(standings.refusal(of: 1, at: nil, now: 0)?.code == "bad_credentials")
        #expect(standings.ending(of: 1, at: nil, now: 0) == .erased)
        #expect(standings.ban(of: nil, at: IPAddress("192.0.2.1"), now: 0) == nil)
    }

    @Test("tokens and sessions of a player who is being erased are refused like unknown ones")
    func erasedTokens() async throws {
        var service: PlayerService?
        try await TestServer.run(players: { service = $0 }) { server in
            let login = try await server.register("ann")
            try #require(service).standings.erase(1)
            let handshake = try await server.client().handshake(TestServer.query(login))
            #expect(handshake.status == 401 && handshake.json["code"] == .string("bad_token"))
            let bearer = ["Authorization": "Bearer \(login["session"]?.string ?? "")"]
            for (method, path) in [
                ("POST", "/server/sign/token"), ("GET", "/server/sign/get_map?map_id=4"), ("POST", "/server/sign/out"),
            ] {
                let reply = try await server.client().request(method, path, headers: bearer)
                #expect(reply.status == 401 && reply.json["code"] == .string("unauthorized"), "\(path): \(reply.text)")
            }
        }
    }

    /// What a stream handler wrote.
    private final class Output: TextOutputStream, Sendable {
        private let written = Mutex("")
        var text: String { written.withLock { $0 } }

        func write(_ string: String) { written.withLock { $0 += string } }
    }

    @Test("a ban whose addresses nobody can read, such as of an import, stands in the log at the start")
    func unreadable() async throws {
        try await TestServer.withFolder { folder in
            let storage = try SQLiteStorage(path: folder + "/test.db")
            for addresses in ["192.0.2.0/24", "everywhere"] {
                _ = try await storage.addBan(Ban(addresses: addresses, reason: "r", madeBy: "op", created: 1))
            }
            let output = Output()
            let logger = Logger(label: "test") { label in
                StreamLogHandler(label: label, stream: output, metadataProvider: nil)
            }
            let maps = [StubMap()]
            let service = PlayerService(
                storage: storage, writeBehind: WriteBehind(storage: storage, logger: .silent), maps: maps)
            try await service.load(logger: logger)
            #expect(output.text.contains("ban=2") && output.text.contains("everywhere"), "\(output.text)")
            #expect(!output.text.contains("192.0.2.0"))
            #expect(service.standings.addressCount(now: 5) == 1)
            try storage.close()
        }
    }
}
