import GameRules
import Testing

@testable import Gateway

@Suite("How often passwords may be guessed (checklist 1)") struct LoginLimitsTests {
    let clock = TestClock()
    let limits: LoginLimits

    init() {
        var configuration = GatewayConfiguration()
        configuration.loginLimit = RateLimit(burst: 3, perSecond: 0.1)
        configuration.addressLimit = RateLimit(burst: 5, perSecond: 0.1)
        configuration.unknownAddressLoginLimit = RateLimit(burst: 8, perSecond: 0.1)
        configuration.successfulLoginLimit = RateLimit(burst: 4, perSecond: 0.5)
        limits = LoginLimits(configuration, time: clock.source)
    }

    private func attempt(_ login: String, _ address: String) throws -> LoginAttempt {
        let form = try LoginForm(body: Array("login=\(login)&password=x".utf8), contentType: nil)
        return LoginAttempt(form, from: ClientOrigin(address: IPAddress(address), isSecure: false))
    }

    /// Makes `count` attempts and returns how many of them are allowed.
    private func tries(
        _ login: String, _ address: String, count: Int = 20, outcome: LoginLimits.Outcome = .failed
    ) throws -> Int {
        let attempt = try attempt(login, address)
        return (0..<count).filter { _ in
            guard let begun = try? limits.begin(attempt) else { return false }
            begun.end(outcome)
            return true
        }.count
    }

    @Test("failed guesses do not lock the account's owner out at another address, known or not")
    func owner() throws {
        #expect(try tries("ann", "192.0.2.1") == 3)
        for _ in 0..<60 {
            clock.advance(by: .seconds(1))
            _ = try tries("ann", "192.0.2.1", count: 1)
        }
        #expect(try tries("ann", "198.51.100.7", count: 1, outcome: .succeeded) == 1)
    }

    @Test("many addresses share a limit for one name; an address from which its owner logged in is not affected")
    func manyAddresses() throws {
        #expect(try tries("ann", "198.51.100.7", count: 1, outcome: .succeeded) == 1)
        let guesses = try (1...50).map { try tries("ann", "192.0.2.\($0)") }.reduce(0, +)
        #expect(guesses == 8)
        #expect(try tries("ann", "203.0.113.1", count: 1) == 0, "a stranger has to wait")
        #expect(try tries("ann", "198.51.100.7", count: 1, outcome: .succeeded) == 1)
        #expect(try tries("ann", "198.51.100.7") == 3, "guesses from there are bounded all the same")
        clock.advance(by: .seconds(10))
        #expect(try tries("ann", "203.0.113.1") == 1)
        #expect(try tries("bob", "203.0.113.2", count: 1) == 1, "other names have nothing to do with it")
    }

    @Test("one address may not try many names; a name whose owner logged in from there is not affected")
    func manyNames() throws {
        #expect(try tries("ann", "192.0.2.1", count: 1, outcome: .succeeded) == 1)
        let guesses = try (1...50).map { try tries("bot\($0)", "192.0.2.1") }.reduce(0, +)
        #expect(guesses == 5)
        #expect(try tries("cid", "192.0.2.1") == 0)
        #expect(try tries("ann", "192.0.2.1", count: 1, outcome: .succeeded) == 1)
    }

    @Test("successful logins have a limit of their own, apart from that of failures")
    func successes() throws {
        #expect(try tries("ann", "192.0.2.1", outcome: .succeeded) == 4)
        #expect(try tries("ann", "198.51.100.7", outcome: .succeeded) == 4, "another address has a share of its own")
        clock.advance(by: .seconds(2))
        #expect(try tries("ann", "192.0.2.1", outcome: .succeeded) == 1)
        clock.advance(by: .seconds(8))
        #expect(try tries("ann", "192.0.2.1") == 3)
    }

    @Test("an attempt whose password was not checked does not count")
    func unchecked() throws {
        #expect(try tries("ann", "192.0.2.1", count: 100, outcome: .unchecked) == 100)
        #expect(try tries("ann", "192.0.2.1") == 3)
    }

    @Test("all addresses of one IPv6 network count as one")
    func networks() throws {
        #expect(try (1...9).map { try tries("ann", "2001:db8::\($0)") }.reduce(0, +) == 3)
        #expect(try tries("ann", "2001:db8:0:1::1", count: 1) == 1)
    }

    @Test("known addresses are bounded: a name's oldest ones are dropped, and the names seen longest ago")
    func known() throws {
        let known = KnownAddresses(maxLogins: 100)
        for address in 1...20 { known.insert(try attempt("ann", "192.0.2.\(address)")) }
        let kept = try (1...20).filter { known.contains(try attempt("ann", "192.0.2.\($0)")) }
        #expect(kept == Array(13...20))
        for name in 1...1000 {
            known.insert(try attempt("bot\(name)", "192.0.2.1"))
            known.insert(try attempt("ann", "192.0.2.20"))
        }
        #expect(known.count <= 100)
        #expect(known.contains(try attempt("ann", "192.0.2.20")), "who comes again and again stays known")
        #expect(known.contains(try attempt("bot1000", "192.0.2.1")))
        #expect(!known.contains(try attempt("bot1", "192.0.2.1")))
    }
}
