import GameRules
import Testing

@testable import Gateway

@Suite("The table of peers [T7, T10, T11]") struct SignalTableTests {
    private var table = SignalTable<String>()
    private var rules = GameConfiguration().peerNetwork
    private let now = Duration.seconds(100)

    @discardableResult
    private mutating func join(
        _ key: String, room: String = "", address: String = "a", ports: [Int] = []
    ) throws -> SignalTable<String>.Membership {
        let (membership, _) = try table.join(key, room: room, address: address, line: "to \(key)", rules)
        for port in ports { try table.bind(port, by: key) }
        return membership
    }

    private func code(_ body: () throws -> Void) -> SignalError.Code? {
        do {
            try body()
            return nil
        } catch {
            return (error as? SignalError)?.code
        }
    }

    @Test("an offer needs a published port of a peer of the same room [T15.1, T15.8]")
    mutating func offers() throws {
        try join("host", ports: [8303])
        try join("client")
        try join("stranger", room: "other")
        #expect(try table.offer(1, from: "client", to: "host", port: 8303, now: now) == "to host")
        var copy = table
        #expect(code { _ = try copy.offer(2, from: "client", to: "host", port: 8304, now: now) } == .noPort)
        #expect(code { _ = try copy.offer(2, from: "client", to: "nobody", port: 8303, now: now) } == .noPeer)
        #expect(code { _ = try copy.offer(2, from: "stranger", to: "host", port: 8303, now: now) } == .noPeer)
        #expect(code { _ = try copy.offer(2, from: "host", to: "host", port: 8303, now: now) } == .badMessage)
        #expect(copy.sees("host", port: 8303, from: "client") && copy.sees("host", port: nil, from: "client"))
        #expect(!copy.sees("host", port: 8304, from: "client") && !copy.sees("nobody", port: nil, from: "client"))
        #expect(!copy.sees("host", port: 8303, from: "stranger"), "rooms are apart")
        copy.unbind(8303, by: "host")
        #expect(code { _ = try copy.offer(3, from: "client", to: "host", port: 8303, now: now) } == .noPort)
    }

    @Test("an offer is answered once, in time, by the peer that got it, under its number")
    mutating func answers() throws {
        try join("host", ports: [8303])
        try join("client")
        try join("thief")
        _ = try table.offer(1, from: "client", to: "host", port: 8303, now: now)
        var copy = table
        #expect(code { _ = try copy.settleOffer(2, by: "host", of: "client", now: now) } == .noOffer)
        #expect(code { _ = try copy.settleOffer(1, by: "thief", of: "client", now: now) } == .noOffer)
        #expect(code { _ = try copy.settleOffer(1, by: "client", of: "host", now: now) } == .noOffer)
        let end = now + SignalLimits.offerLifetime
        #expect(code { _ = try copy.settleOffer(1, by: "host", of: "client", now: end) } == .noOffer)
        #expect(try copy.settleOffer(1, by: "host", of: "client", now: end - .milliseconds(1)) == "to client")
        #expect(code { _ = try copy.settleOffer(1, by: "host", of: "client", now: now) } == .noOffer)
    }

    @Test("a further offer to the same peer replaces the former one")
    mutating func replacedOffers() throws {
        try join("host", ports: [8303])
        try join("client")
        _ = try table.offer(1, from: "client", to: "host", port: 8303, now: now)
        _ = try table.offer(2, from: "client", to: "host", port: 8303, now: now)
        var copy = table
        #expect(code { _ = try copy.settleOffer(1, by: "host", of: "client", now: now) } == .noOffer)
        #expect(try copy.settleOffer(2, by: "host", of: "client", now: now) == "to client")
    }

    @Test("a peer's leaving is told to those who have exchanged an offer with it, and to nobody else")
    mutating func leaving() throws {
        let host = try join("host", ports: [8303])
        let client = try join("client", ports: [50_000])
        try join("other")
        _ = try table.offer(1, from: "client", to: "host", port: 8303, now: now)
        _ = try table.settleOffer(1, by: "host", of: "client", now: now)
        #expect(table.leave(client) == ["to host"])
        #expect(table.leave(client) == [], "a peer leaves once")
        #expect(table.leave(host) == [])
        #expect(!table.sees("host", port: nil, from: "other") && !table.sees("client", port: nil, from: "other"))
        #expect(table.sees("other", port: nil, from: "other"))
    }

    @Test("an offer ends with either of its peers")
    mutating func endedOffers() throws {
        let host = try join("host", ports: [8303])
        let client = try join("client", ports: [50_000])
        _ = try table.offer(1, from: "client", to: "host", port: 8303, now: now)
        _ = try table.offer(7, from: "host", to: "client", port: 50_000, now: now)
        _ = table.leave(client)
        try join("client")
        var copy = table
        #expect(code { _ = try copy.settleOffer(1, by: "host", of: "client", now: now) } == .noOffer)
        #expect(code { _ = try copy.settleOffer(7, by: "client", of: "host", now: now) } == .noOffer)
        #expect(table.leave(host) == [], "the new client has not met the host")
    }

    @Test("a peer that is back under its key ends its former connection, which then can't remove it")
    mutating func back() throws {
        let former = try join("host", ports: [8303])
        try join("client")
        _ = try table.offer(1, from: "client", to: "host", port: 8303, now: now)
        let (later, replaced) = try table.join("host", room: "", address: "b", line: "to host again", rules)
        #expect(replaced == "to host" && later != former)
        #expect(!table.isThere(former) && table.isThere(later))
        #expect(table.leave(former) == [])
        #expect(!table.hasPort(8303, of: "host"), "it publishes its ports again")
        #expect(table.leave(later) == ["to client"], "its contacts are kept")
    }

    @Test("peers are bounded in all, by room and by address, and make room as they leave")
    mutating func bounds() throws {
        rules.maxPeers = 4
        rules.maxPeersPerRoom = 2
        rules.maxPeersPerAddress = 3
        let first = try join("1", room: "x", address: "a")
        try join("2", room: "x", address: "a")
        let limits = rules
        var copy = table
        func refused(_ room: String, _ address: String) -> Bool {
            code { _ = try copy.join("new", room: room, address: address, line: "", limits) } == .full
        }
        #expect(refused("x", "b"))
        _ = try copy.join("3", room: "y", address: "a", line: "", limits)
        #expect(refused("y", "a"))
        _ = try copy.join("4", room: "y", address: "b", line: "", limits)
        #expect(refused("z", "c"))
        // A peer that comes back takes its own place.
        _ = try copy.join("2", room: "x", address: "a", line: "", limits)
        #expect(copy.leave(first) == [])
        #expect(!refused("x", "c"))
    }

    @Test("ports of a peer are bounded; a port that is published twice counts once")
    mutating func ports() throws {
        try join("host", ports: Array(1...SignalLimits.maxPorts))
        var copy = table
        #expect(code { try copy.bind(1, by: "host") } == nil)
        #expect(code { try copy.bind(100, by: "host") } == .tooManyPorts)
        copy.unbind(1, by: "host")
        #expect(code { try copy.bind(100, by: "host") } == nil)
        #expect(copy.hasPort(100, of: "host") && !copy.hasPort(1, of: "host"))
    }

    @Test("offers that wait are bounded on both sides; expired ones make room")
    mutating func waitingOffers() throws {
        rules.maxPeersPerAddress = 1000
        try join("host", ports: [1])
        let limit = SignalLimits.maxOffers
        for index in 0...limit { try join("c\(index)", ports: [1]) }
        for index in 0..<limit { _ = try table.offer(1, from: "c\(index)", to: "host", port: 1, now: now) }
        // The host's rate takes more offers by then.
        let soon = now + .seconds(10)
        var copy = table
        #expect(code { _ = try copy.offer(1, from: "c\(limit)", to: "host", port: 1, now: soon) } == .busy)
        #expect(code { _ = try copy.offer(2, from: "c0", to: "host", port: 1, now: soon) } == nil, "replaces its own")
        _ = try copy.settleOffer(1, by: "host", of: "c1", now: soon)
        #expect(code { _ = try copy.offer(1, from: "c\(limit)", to: "host", port: 1, now: soon) } == nil)
        let later = now + SignalLimits.offerLifetime
        #expect(code { _ = try table.offer(1, from: "c\(limit)", to: "host", port: 1, now: later) } == nil)

        for index in 0..<limit { _ = try table.offer(1, from: "host", to: "c\(index)", port: 1, now: later) }
        copy = table
        #expect(code { _ = try copy.offer(1, from: "host", to: "c\(limit)", port: 1, now: later) } == .busy)
        let last = later + SignalLimits.offerLifetime
        #expect(code { _ = try copy.offer(1, from: "host", to: "c\(limit)", port: 1, now: last) } == nil)
    }

    @Test("the offers for a peer have a rate, whoever makes them, and each peer has its own")
    mutating func offerRate() throws {
        try join("host", ports: [1])
        try join("other", ports: [1])
        try join("flooder")
        let client = try join("client")
        for id in 0..<Int(SignalLimits.offerRate.burst) {
            _ = try table.offer(id, from: "flooder", to: "host", port: 1, now: now)
        }
        var copy = table
        #expect(code { _ = try copy.offer(1, from: "flooder", to: "host", port: 1, now: now) } == .busy)
        #expect(code { _ = try copy.offer(1, from: "client", to: "host", port: 1, now: now) } == .busy)
        #expect(copy.leave(client) == [], "the refused offer left nothing behind")
        copy = table
        #expect(code { _ = try copy.offer(1, from: "client", to: "other", port: 1, now: now) } == nil)
        let later = now + .milliseconds(150)
        #expect(code { _ = try copy.offer(1, from: "client", to: "host", port: 1, now: later) } == nil)
        #expect(code { _ = try copy.offer(2, from: "client", to: "host", port: 1, now: later) } == .busy)
    }

    @Test("contacts of a peer are bounded, and leave with the others")
    mutating func contacts() throws {
        rules = GameConfiguration().peerNetwork
        rules.maxPeers = 5000
        rules.maxPeersPerRoom = 5000
        rules.maxPeersPerAddress = 5000
        try join("host", ports: [1])
        var first: SignalTable<String>.Membership?
        for index in 0..<SignalLimits.maxContacts {
            let client = try join("c\(index)")
            first = first ?? client
            let time = now + .milliseconds(100 * index)
            _ = try table.offer(1, from: "c\(index)", to: "host", port: 1, now: time)
            _ = try table.settleOffer(1, by: "host", of: "c\(index)", now: time)
        }
        try join("late")
        let end = now + .milliseconds(100 * SignalLimits.maxContacts)
        var copy = table
        #expect(code { _ = try copy.offer(1, from: "late", to: "host", port: 1, now: end) } == .busy)
        #expect(code { _ = try copy.offer(2, from: "c5", to: "host", port: 1, now: end) } == nil, "known already")
        _ = copy.leave(try #require(first))
        #expect(code { _ = try copy.offer(1, from: "late", to: "host", port: 1, now: end) } == nil)
    }
}

@Suite("Keys of peers [T11]") struct PeerKeysTests {
    @Test("keys are random, and fit into an address")
    func keys() {
        let keys = PeerKeys()
        let made = Set((0..<1000).map { _ in keys.make() })
        #expect(made.count == 1000)
        #expect(made.allSatisfy { PeerKeys.isKey($0) && $0.utf8.count * 6 >= 128 })
        #expect(!PeerKeys.isKey("") && !PeerKeys.isKey(String(repeating: "a", count: 23)))
        #expect(!PeerKeys.isKey(String(repeating: "a", count: 23) + "+"))
    }

    @Test("only the secret of a key, in its room, from this server and for this purpose proves it")
    func secrets() {
        let keys = PeerKeys()
        let (key, other) = (keys.make(), keys.make())
        let secret = keys.secret(of: key, in: "lan", for: .peer)
        #expect(keys.accepts(secret, for: key, in: "lan", .peer))
        #expect(!keys.accepts(secret, for: other, in: "lan", .peer))
        #expect(!keys.accepts(secret, for: key, in: "", .peer))
        #expect(!keys.accepts(secret, for: key, in: "lan", .server))
        #expect(!PeerKeys().accepts(secret, for: key, in: "lan", .peer))
        for wrong in ["", key, String(secret.dropLast()), secret + "a"] {
            #expect(!keys.accepts(wrong, for: key, in: "lan", .peer))
        }
    }
}
