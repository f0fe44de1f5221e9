import GameRules

/// The peers that are connected, the ports that they publish, and the offers that wait for an answer.
///
/// The table decides which peer may send what to which other peer, and returns the receiver's `Line`. It uses neither
/// sockets nor a clock. Each call costs O(1), except that leaving, and joining under a key that is still there, cost
/// O(contacts + offers), and that an offer beyond ``SignalLimits/maxOffers`` looks at that many offers.
struct SignalTable<Line: Sendable>: Sendable {
    /// A peer's place in the table; a later peer with the same key has another number.
    struct Membership: Sendable, Equatable {
        let key: String
        let number: UInt64
    }

    private struct Offer {
        var id: Int
        var expires: Duration
    }

    private struct Peer {
        let number: UInt64
        let room: String
        let address: String
        let line: Line
        var ports: Set<Int> = []
        /// The peer's own offers, by the key of the peer that they are for.
        var offers: [String: Offer] = [:]
        /// The peers that have an offer for this one; the offers of some may have expired.
        var callers: Set<String> = []
        /// Bounds the offers for this peer; `nil` before the first one.
        var incoming: TokenBucket?
        /// The peers that are there and with which it has exchanged an offer: they are told when it leaves.
        var contacts: Set<String> = []
    }

    private var peers: [String: Peer] = [:]
    private var rooms: [String: Int] = [:]
    private var addresses: [String: Int] = [:]
    private var lastNumber: UInt64 = 0

    // MARK: - Joining and leaving

    /// Adds a peer.
    ///
    /// - Parameters:
    ///   - key: A new key, or one that the peer has proved to be its own.
    ///   - room: Its room; with a former key, the room in which it had the key.
    ///   - address: The key of its address.
    ///   - line: How to tell it something.
    ///   - rules: The most peers.
    /// - Returns: Its place, and the line of the peer that had the key until now and must be ended.
    /// - Throws: ``SignalError`` with code `full`; then nothing changes.
    mutating func join(
        _ key: String, room: String, address: String, line: Line, _ rules: PeerNetworkSettings
    ) throws(SignalError) -> (Membership, replaced: Line?) {
        let former = peers[key]
        if former == nil {
            guard peers.count < rules.maxPeers else {
                throw SignalError(.full, "the network has \(rules.maxPeers) peers, and takes no more", retry: 10)
            }
            guard rooms[room, default: 0] < rules.maxPeersPerRoom else {
                throw SignalError(.full, "the room has \(rules.maxPeersPerRoom) peers, and takes no more", retry: 10)
            }
        }
        guard former?.address == address || addresses[address, default: 0] < rules.maxPeersPerAddress else {
            throw SignalError(
                .full, "this address has \(rules.maxPeersPerAddress) peers; close some of them", retry: 10)
        }
        if let former { remove(key, former) }
        lastNumber += 1
        var peer = Peer(number: lastNumber, room: room, address: address, line: line)
        // The peer is the same, so its contacts hear of it when it leaves for good.
        for contact in former?.contacts ?? [] {
            peers[contact]?.contacts.insert(key)
            peer.contacts.insert(contact)
        }
        peers[key] = peer
        rooms[room, default: 0] += 1
        addresses[address, default: 0] += 1
        return (Membership(key: key, number: lastNumber), former?.line)
    }

    /// Whether a place is the one that its key has now.
    func isThere(_ membership: Membership) -> Bool { peers[membership.key]?.number == membership.number }

    /// Removes a peer.
    ///
    /// - Returns: The lines of the peers that must learn of it. The list is empty when a newer peer has the key.
    mutating func leave(_ membership: Membership) -> [Line] {
        guard let peer = peers[membership.key], peer.number == membership.number else { return [] }
        remove(membership.key, peer)
        return peer.contacts.compactMap { peers[$0]?.line }
    }

    private mutating func remove(_ key: String, _ peer: Peer) {
        peers[key] = nil
        Self.lower(peer.room, in: &rooms)
        Self.lower(peer.address, in: &addresses)
        for other in peer.offers.keys { peers[other]?.callers.remove(key) }
        for other in peer.callers { peers[other]?.offers[key] = nil }
        for other in peer.contacts { peers[other]?.contacts.remove(key) }
    }

    private static func lower(_ name: String, in counts: inout [String: Int]) {
        let count = counts[name, default: 1] - 1
        counts[name] = count > 0 ? count : nil
    }

    // MARK: - Ports

    /// Publishes a port; a port that is published already stays so.
    mutating func bind(_ port: Int, by key: String) throws(SignalError) {
        guard peers[key]?.ports.contains(port) == false else { return }
        guard peers[key]?.ports.count ?? 0 < SignalLimits.maxPorts else {
            throw SignalError(
                .tooManyPorts, "a peer may publish \(SignalLimits.maxPorts) ports; unbind one of them first")
        }
        peers[key]?.ports.insert(port)
    }

    /// Unpublishes a port.
    mutating func unbind(_ port: Int, by key: String) { peers[key]?.ports.remove(port) }

    /// Whether a peer has published a port.
    func hasPort(_ port: Int, of key: String) -> Bool { peers[key]?.ports.contains(port) == true }

    /// Whether a peer is in the same room as another one, and has published a port.
    ///
    /// - Parameters:
    ///   - key: The peer to look for.
    ///   - port: The port; `nil` to look for the peer only.
    ///   - asker: The key of the peer that asks.
    /// - Returns: `false` also for a peer of another room.
    func sees(_ key: String, port: Int?, from asker: String) -> Bool {
        guard let peer = neighbour(key, of: asker) else { return false }
        return port.map { peer.ports.contains($0) } ?? true
    }

    /// A peer of the same room; a peer of another room is as unknown as one that does not exist.
    private func neighbour(_ key: String, of other: String) -> Peer? {
        guard let peer = peers[key], peer.room == peers[other]?.room else { return nil }
        return peer
    }

    // MARK: - Offers

    /// Notes an offer; a further offer to the same peer replaces the former one.
    ///
    /// - Parameters:
    ///   - id: A number by which the answer names the offer.
    ///   - from: The key of the peer that offers.
    ///   - to: The key of the other peer.
    ///   - port: A port that the other peer has published.
    ///   - now: The time.
    /// - Returns: The line of the peer that gets the offer.
    /// - Throws: ``SignalError``; then nothing changes.
    mutating func offer(
        _ id: Int, from: String, to: String, port: Int, now: Duration
    ) throws(SignalError) -> Line {
        guard to != from else { throw .badMessage("to is the peer's own key; a peer needs no connection to itself") }
        guard let line = neighbour(to, of: from)?.line else {
            throw SignalError(.noPeer, "no peer of this room has the key")
        }
        guard hasPort(port, of: to) else {
            throw SignalError(.noPort, "the peer has not published port \(port)")
        }
        if peers[from]?.offers[to] == nil { try makeRoomForOffer(from: from, to: to, now) }
        var incoming = peers[to]?.incoming ?? TokenBucket(SignalLimits.offerRate, now: now)
        guard incoming.takeTokens(now: now) else {
            throw SignalError(.busy, "the peer gets more offers than it can answer", retry: 5)
        }
        try meet(from, to)
        peers[to]?.incoming = incoming
        peers[from]?.offers[to] = Offer(id: id, expires: now + SignalLimits.offerLifetime)
        peers[to]?.callers.insert(from)
        return line
    }

    /// Takes an offer away, because it is answered or declined.
    ///
    /// - Parameters:
    ///   - id: The number of the offer.
    ///   - by: The key of the peer that got it.
    ///   - of: The key of the peer that made it.
    ///   - now: The time.
    /// - Returns: The line of the peer that made it.
    /// - Throws: ``SignalError`` with code `no_offer`, also when the offer has expired, or when its maker is gone.
    mutating func settleOffer(_ id: Int, by: String, of: String, now: Duration) throws(SignalError) -> Line {
        guard let maker = peers[of], let offer = maker.offers[by], offer.id == id, offer.expires > now else {
            throw SignalError(
                .noOffer,
                "there is no such offer; an offer is answered once, within "
                    + "\(SignalLimits.offerLifetime.components.seconds) s, while its maker is there")
        }
        removeOffer(from: of, to: by)
        return maker.line
    }

    private mutating func removeOffer(from: String, to: String) {
        peers[from]?.offers[to] = nil
        peers[to]?.callers.remove(from)
    }

    /// Makes sure that one more offer fits on both sides; drops expired ones if necessary.
    private mutating func makeRoomForOffer(from: String, to: String, _ now: Duration) throws(SignalError) {
        let limit = SignalLimits.maxOffers
        if let offers = peers[from]?.offers, offers.count >= limit {
            for (other, offer) in offers where offer.expires <= now { removeOffer(from: from, to: other) }
            guard peers[from]?.offers.count ?? 0 < limit else {
                throw SignalError(.busy, "\(limit) offers of this peer wait for an answer; wait for some", retry: 5)
            }
        }
        if let callers = peers[to]?.callers, callers.count >= limit {
            for other in callers where peers[other]?.offers[to].map({ $0.expires <= now }) ?? true {
                removeOffer(from: other, to: to)
            }
            guard peers[to]?.callers.count ?? 0 < limit else {
                throw SignalError(.busy, "the peer has \(limit) offers to answer", retry: 5)
            }
        }
    }

    /// Records that each of two peers must learn when the other one leaves.
    private mutating func meet(_ one: String, _ other: String) throws(SignalError) {
        // No copy of a peer may be alive at the insertions below: the sets would be copied.
        guard peers[one]?.contacts.contains(other) == false else { return }
        let contacts = max(peers[one]?.contacts.count ?? 0, peers[other]?.contacts.count ?? 0)
        guard contacts < SignalLimits.maxContacts else {
            throw SignalError(
                .busy, "one of the two peers is in contact with \(SignalLimits.maxContacts) others already", retry: 10)
        }
        peers[one]?.contacts.insert(other)
        peers[other]?.contacts.insert(one)
    }
}
