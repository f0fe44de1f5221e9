import NIOCore
import Testing

@testable import WebRTC

/// Gives the same numbers in each run.
struct CountingGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ state >> 29
    }
}

@Suite("The table of peers") final class PeerTableTests {
    var table = PeerTable()
    let credentials: ICECredentials
    var generator = CountingGenerator(state: 1)
    static let start = NIODeadline.uptimeNanoseconds(1_000_000_000)
    static let home = address("192.0.2.1", 1000)
    static let away = address("198.51.100.1", 2000)

    static func address(_ ip: String, _ port: Int) -> PeerAddress {
        guard let address = try? PeerAddress(SocketAddress(ipAddress: ip, port: port)) else { fatalError("no address") }
        return address
    }

    init() { credentials = table.add(7, clientUfrag: "them", now: Self.start, using: &generator) }

    func after(_ milliseconds: Int64) -> NIODeadline { Self.start + .milliseconds(milliseconds) }

    /// The table's methods change it, which `#expect` does not allow.
    func move(_ id: UInt32, to address: PeerAddress, at milliseconds: Int64) -> Bool {
        table.move(id, to: address, now: after(milliseconds))
    }
    func noteOpen() -> Bool { table.noteOpen(7) }

    func check(nominates: Bool = false) -> ClientCheck {
        ClientCheck(username: "\(credentials.ufrag):them", password: credentials.password, nominates: nominates)
    }

    func judge(
        _ check: ClientCheck, from address: PeerAddress = PeerTableTests.home, at milliseconds: Int64 = 0
    ) throws -> PeerTable.Verdict {
        table.judge(try STUNMessage(check.datagram), from: address, now: after(milliseconds))
    }

    @Test("credentials have the lengths of RFC 8445 and differ")
    func randomness() {
        let other = table.add(8, clientUfrag: "them", now: Self.start, using: &generator)
        #expect(credentials.ufrag.utf8.count == 8 && credentials.password.utf8.count == 24)
        #expect(other.ufrag != credentials.ufrag && other.password != credentials.password)
    }

    @Test("an address belongs to a peer after a valid check, not before")
    func firstCheck() throws {
        #expect(table.peer(at: Self.home) == nil)
        #expect(try judge(check()) == .accept(peer: 7, password: credentials.password, moved: true))
        #expect(table.peer(at: Self.home) == 7)
        #expect(table.peer(at: Self.away) == nil)
    }

    @Test("wrong credentials are refused with 401, missing ones with 400, a controlled client with 487")
    func refusals() throws {
        var wrong = check()
        wrong.password = "wrong"
        #expect(try judge(wrong) == .refuse(401, password: nil))
        wrong = check()
        wrong.username = "\(credentials.ufrag):other"
        #expect(try judge(wrong) == .refuse(401, password: nil))
        wrong.username = "unknown:them"
        #expect(try judge(wrong) == .refuse(401, password: nil))
        wrong = check()
        wrong.password = nil
        #expect(try judge(wrong) == .refuse(400, password: nil))
        wrong = check()
        wrong.username = nil
        #expect(try judge(wrong) == .refuse(400, password: nil))
        wrong = check()
        wrong.isControlled = true
        #expect(try judge(wrong) == .refuse(487, password: credentials.password))
        wrong = check()
        wrong.unknown = [0x0014]
        #expect(try judge(wrong) == .refuse(420, password: credentials.password))
        wrong = check()
        wrong.kind = 0x0011
        #expect(try judge(wrong) == .drop)
        #expect(table.peer(at: Self.home) == nil, "no refused check gives an address")
    }

    @Test("a request without credentials gets its address")
    func plain() throws {
        #expect(try judge(.plain) == .tellAddress)
        var unknown = ClientCheck.plain
        unknown.unknown = [0x0003]
        #expect(try judge(unknown) == .drop)
    }

    @Test("a nominating check moves a peer at once, another one only when its old address is silent")
    func moves() throws {
        _ = try judge(check(nominates: true))
        #expect(
            try judge(check(), from: Self.away, at: 1000)
                == .accept(peer: 7, password: credentials.password, moved: false))
        #expect(table.peer(at: Self.away) == nil)
        #expect(
            try judge(check(nominates: true), from: Self.away, at: 1100)
                == .accept(peer: 7, password: credentials.password, moved: true))
        #expect(table.peer(at: Self.away) == 7)
        #expect(table.peer(at: Self.home) == nil, "the old address is no longer the peer's")
        #expect(
            try judge(check(), from: Self.home, at: 3099)
                == .accept(peer: 7, password: credentials.password, moved: false))
        #expect(
            try judge(check(), from: Self.home, at: 3100)
                == .accept(peer: 7, password: credentials.password, moved: true))
    }

    @Test("an open peer moves when its new address has answered, not before")
    func openMoves() throws {
        _ = try judge(check(nominates: true))
        #expect(noteOpen())
        #expect(
            try judge(check(nominates: true), from: Self.away, at: 100)
                == .accept(peer: 7, password: credentials.password, moved: false, wantsToMove: true))
        #expect(table.peer(at: Self.home) == 7 && table.peer(at: Self.away) == nil)
        #expect(table.checkUsername(of: 7) == "them:\(credentials.ufrag)")
        #expect(move(7, to: Self.away, at: 200))
        #expect(table.peer(at: Self.home) == nil && table.peer(at: Self.away) == 7)
        let other = table.add(8, clientUfrag: "other", now: Self.start, using: &generator)
        let thief = ClientCheck(username: "\(other.ufrag):other", password: other.password)
        _ = try judge(thief, from: Self.home)
        #expect(!move(8, to: Self.away, at: 200), "another peer has it")
    }

    @Test("packets from its address keep a peer there")
    func heard() throws {
        _ = try judge(check(nominates: true))
        table.noteHeard(7, now: after(2900))
        #expect(table.peer(at: Self.home) == 7)
        #expect(
            try judge(check(), from: Self.away, at: 3000)
                == .accept(peer: 7, password: credentials.password, moved: false))
        #expect(
            try judge(check(), from: Self.away, at: 4900)
                == .accept(peer: 7, password: credentials.password, moved: true))
    }

    @Test("nobody takes the address of another peer that is alive")
    func takeover() throws {
        _ = try judge(check(nominates: true))
        let other = table.add(8, clientUfrag: "other", now: Self.start, using: &generator)
        var thief = ClientCheck(username: "\(other.ufrag):other", password: other.password)
        thief.nominates = true
        #expect(try judge(thief, from: Self.home, at: 1000) == .accept(peer: 8, password: other.password, moved: false))
        #expect(table.peer(at: Self.home) == 7)
        #expect(try judge(thief, from: Self.home, at: 3000) == .accept(peer: 8, password: other.password, moved: true))
        #expect(table.peer(at: Self.home) == 8)
        table.remove(7)
        #expect(table.peer(at: Self.home) == 8, "the end of the former owner changes nothing")
    }

    @Test("a peer that is not open ends after 10 s, an open one after 30 s without a check")
    func expiry() throws {
        #expect(table.halfOpenCount == 1)
        #expect(table.expired(now: after(9999)).isEmpty)
        #expect(table.expired(now: after(10_000)).map(\.why) == [.notOpened])
        _ = try judge(check(nominates: true), at: 5000)
        #expect(table.expired(now: after(10_000)).map(\.why) == [.notOpened], "checks alone don't open a peer")
        #expect(noteOpen())
        #expect(!noteOpen())
        #expect(table.halfOpenCount == 0)
        #expect(table.expired(now: after(34_999)).isEmpty)
        table.noteHeard(7, now: after(34_999))
        #expect(table.expired(now: after(35_000)).map(\.why) == [.consentLost], "data is no consent")
        table.remove(7)
        #expect(table.count == 0 && table.expired(now: after(60_000)).isEmpty)
        #expect(try judge(check(), at: 60_000) == .refuse(401, password: nil))
    }

    @Test("random datagrams never give an address, whatever they are made of (seed 1)")
    func junk() throws {
        for round in 0..<20_000 {
            var datagram = check().datagram
            for _ in 0...Int(generator.next() % 4) {
                // Without FINGERPRINT at the end, which MESSAGE-INTEGRITY does not protect.
                let place = Int(generator.next() % UInt64(datagram.readableBytes - 8))
                datagram.setInteger(UInt8(truncatingIfNeeded: generator.next()), at: place)
            }
            if round % 3 == 0 { datagram.moveWriterIndex(to: Int(generator.next() % 80)) }
            guard datagram != check().datagram, let message = try? STUNMessage(datagram) else { continue }
            if case .accept = table.judge(message, from: Self.away, now: Self.start) { Issue.record("\(datagram)") }
        }
        #expect(table.peer(at: Self.away) == nil)
    }
}

@Suite("Answers to clients without credentials") struct AddressAnswersTests {
    @Test("each address gets 20 in a second, whatever its port")
    func limit() {
        var answers = AddressAnswers()
        let now = NIODeadline.uptimeNanoseconds(5_000_000_000)
        let allowed = (1...40).filter { answers.allow(PeerTableTests.address("192.0.2.1", $0), now: now) }
        #expect(allowed.count == 20)
        let later = [999, 1000].map {
            answers.allow(PeerTableTests.address("192.0.2.1", 99), now: now + .milliseconds($0))
        }
        #expect(later == [false, true])
    }

    @Test("all addresses together get 2,000 in a second")
    func total() {
        var answers = AddressAnswers()
        let now = NIODeadline.uptimeNanoseconds(5_000_000_000)
        var allowed = 0
        for number in 0..<20_000
        where answers.allow(
            PeerTableTests.address("10.0.\(number / 250).\(number % 250)", 1), now: now)
        { allowed += 1 }
        #expect(allowed == 2000)
    }
}
