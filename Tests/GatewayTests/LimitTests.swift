import Testing

@testable import Gateway

@Suite("Tokens, buckets and throttles") struct LimitTests {
    let clock = TestClock()
    let share = PasswordHasher.Share(address: "192.0.2.1", login: "ann")
    let ann = Admission(playerID: 1, login: "Ann", mapID: 4)

    @Test("a token is valid once, only for its player, for 60 s (1-protocol 1)")
    func tokens() {
        let table = TokenTable(time: clock.source)
        let token = table.issue(ann)
        #expect(token.count == 48)
        #expect(table.redeem(token, playerID: 1) == ann)
        #expect(table.redeem(token, playerID: 1) == nil)
        let foreign = table.issue(ann)
        #expect(table.redeem(foreign, playerID: 2) == nil)
        #expect(table.redeem(foreign, playerID: 1) == nil, "whoever tries it with another id has burnt it")
        let late = table.issue(ann)
        clock.advance(by: .milliseconds(59_900))
        let latest = table.issue(ann)
        clock.advance(by: .milliseconds(100))
        #expect(table.redeem(late, playerID: 1) == nil)
        #expect(table.redeem(latest, playerID: 1) == ann)
    }

    @Test("the table is bounded: expired tokens are dropped first, then the oldest ones")
    func boundedTokens() {
        let table = TokenTable(maxTokens: 100, time: clock.source)
        let tokens = (0..<5000).map { _ in table.issue(ann) }
        #expect(table.count == 100)
        #expect(table.redeem(tokens[4899], playerID: 1) == nil)
        #expect(table.redeem(tokens[4900], playerID: 1) == ann)
        clock.advance(by: .seconds(60))
        _ = table.issue(ann)
        #expect(table.count == 1)
    }

    @Test("a bucket allows its burst at once and refills at its rate")
    func bucket() {
        var bucket = TokenBucket(RateLimit(burst: 3, perSecond: 2), now: .zero)
        let taken = (0..<4).map { _ in bucket.takeTokens(now: .zero) }
        #expect(taken == [true, true, true, false])
        let wait = bucket.wait(now: .zero)
        #expect(wait == 0.5)
        let steps = [499, 500, 100_000, 99_000].map { bucket.takeTokens($0 == 100_000 ? 3 : 1, now: .milliseconds($0)) }
        #expect(steps == [false, true, true, false], "a clock that goes back gives nothing")
    }

    @Test("something that costs more than the burst needs a full bucket")
    func expensive() {
        var bucket = TokenBucket(RateLimit(burst: 3, perSecond: 1), now: .zero)
        let taken = [0, 2, 3].map { bucket.takeTokens(10, now: .seconds($0)) }
        #expect(taken == [true, false, true])
    }

    @Test("a throttle counts each key separately, returns the wait in whole seconds, and can forget a key's attempts")
    func throttle() {
        let throttle = Throttle(RateLimit(burst: 1, perSecond: 0.3), time: clock.source)
        #expect(throttle.attempt("a") == nil)
        #expect(throttle.attempt("a") == 4)
        #expect(throttle.attempt("b") == nil)
        throttle.forgive("a")
        #expect(throttle.attempt("a") == nil)
    }

    @Test("setting a different limit resets the counts; setting the same limit does not")
    func otherLimit() {
        let throttle = Throttle(RateLimit(burst: 1, perSecond: 1), time: clock.source)
        #expect(throttle.attempt("a") == nil)
        throttle.setLimit(RateLimit(burst: 1, perSecond: 1))
        #expect(throttle.attempt("a") != nil)
        throttle.setLimit(RateLimit(burst: 2, perSecond: 1))
        #expect([0, 1, 2].map { _ in throttle.attempt("a") == nil } == [true, true, false])
    }

    @Test("looking a token up does not use it up, and another player's id finds nothing")
    func lookups() {
        let table = TokenTable(time: clock.source)
        let token = table.issue(ann)
        #expect(table.admission(token, playerID: 1) == ann)
        #expect(table.admission(token, playerID: 2) == nil)
        #expect(table.redeem(token, playerID: 1) == ann)
        #expect(table.admission(token, playerID: 1) == nil)
        let late = table.issue(ann)
        clock.advance(by: .seconds(60))
        #expect(table.admission(late, playerID: 1) == nil)
    }

    @Test("a token for another map is valid until its player has joined a map; a newer one replaces it")
    func moves() {
        let table = TokenTable(time: clock.source)
        let login = table.issue(ann)
        let first = table.issue(ann, isMove: true)
        let second = table.issue(ann, isMove: true)
        #expect(table.redeem(first, playerID: 1) == nil)
        table.joined(playerID: 2)
        #expect(table.admission(second, playerID: 1) == ann)
        table.joined(playerID: 1)
        #expect(table.redeem(second, playerID: 1) == nil)
        #expect(table.redeem(login, playerID: 1) == ann)
        #expect(table.count == 0)
    }

    @Test(
        "the address of another port keeps the host's name",
        arguments: [
            ("game.example:8080", "game.example:8082"), ("game.example", "game.example:8082"),
            ("[::1]:8080", "[::1]:8082"), ("[::1]", "[::1]:8082"), ("127.0.0.1:1", "127.0.0.1:8082"),
        ])
    func ports(host: String, expected: String) {
        let address = PublicAddress(host: host, isSecure: false, boundPort: 1).withPort(8082)
        #expect(address.host == expected && address.port == 8082)
    }

    @Test("a throttle's memory is bounded, however many keys it sees")
    func boundedThrottle() {
        let throttle = Throttle(RateLimit(burst: 1, perSecond: 1), maxKeys: 50, time: clock.source)
        for index in 0..<500 { #expect(throttle.attempt("key \(index)") == nil) }
        #expect(throttle.count == 50)
        #expect(throttle.attempt("key 499") != nil)
        clock.advance(by: .seconds(1))
        _ = throttle.attempt("another")
        #expect(throttle.count == 1)
    }

    @Test("password hashes are argon2id, salted, and verify")
    func passwords() async throws {
        let hasher = PasswordHasher(cost: .minimal, threads: 1)
        let hash = try await hasher.hash("sécret", for: share)
        #expect(hash.hasPrefix("$argon2id$"))
        #expect(try await hasher.hash("sécret", for: share) != hash)
        #expect(try await hasher.verify("sécret", hash: hash, for: share).isRight)
        #expect(try await !hasher.verify("secret", hash: hash, for: share).isRight)
        #expect(try await !hasher.verify("sécret", hash: nil, for: share).isRight)
        #expect(try await !hasher.verify("sécret", hash: "nonsense", for: share).isRight)
        await hasher.shutdown()
    }

    @Test("only a password whose normal form is another text, and wrong, is hashed a second time")
    func secondHash() async throws {
        let hasher = PasswordHasher(cost: .minimal, threads: 1)
        let hash = try await hasher.hash("caf\u{E9}", for: share)
        let asSent = try #require(Sodium.passwordHash(Array("cafe\u{301}".utf8), cost: .minimal))
        func check(_ password: String, _ hash: String?, isRight: Bool, wasTriedAsSent: Bool) async throws {
            #expect(
                try await hasher.verify(password, hash: hash, for: share)
                    == PasswordHasher.Verdict(isRight: isRight, wasTriedAsSent: wasTriedAsSent))
        }
        try await check("caf\u{E9}", hash, isRight: true, wasTriedAsSent: false)
        try await check("cafe\u{301}", hash, isRight: true, wasTriedAsSent: false)
        try await check("caf\u{E8}", hash, isRight: false, wasTriedAsSent: false)
        try await check("cafe\u{300}", hash, isRight: false, wasTriedAsSent: true)
        try await check("cafe\u{300}", nil, isRight: false, wasTriedAsSent: true)
        try await check("cafe\u{301}", nil, isRight: false, wasTriedAsSent: true)
        try await check("cafe\u{301}", asSent, isRight: true, wasTriedAsSent: true)
        await hasher.shutdown()
    }

    @Test("an unknown login is verified against a hash of the same cost as a known one")
    func decoy() async throws {
        // The test compares the costs in the hashes. Measured times would depend on how busy the machine is.
        let hasher = PasswordHasher(cost: PasswordCost(passes: 3, memoryBytes: 16_384), threads: 1)
        let hash = try await hasher.hash("x", for: share)
        #expect(hasher.decoy.prefix { $0 != "p" } == hash.prefix { $0 != "p" })
        #expect(hash.contains("$m=16,t=3,p=1$") && hasher.decoy.contains("$m=16,t=3,p=1$"))
        await hasher.shutdown()
    }

    @Test("no more logins wait for a hash than the bound allows")
    func boundedHashing() async throws {
        let hasher = PasswordHasher(cost: .minimal, threads: 1, maxWaiting: 0)
        await #expect(throws: PasswordHasher.Busy.self) { try await hasher.hash("x", for: share) }
        await hasher.shutdown()
    }
}
