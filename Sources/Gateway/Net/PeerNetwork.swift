import CoreMetrics
import GameRules
import JSONValues
import NIOCore
import Synchronization

/// The peer network of a server: signalling for virtual UDP sockets, and the list of servers [T7, T9, T10].
///
/// It knows nothing of accounts and maps. Any thread may call it. Each call holds one lock as long as ``SignalTable``
/// and ``ServerList`` say: mostly O(1), but O(contacts + offers) for ``leave(_:)``, and O(n log n) for ``servers(of:)``
/// of a room with n entries that has changed.
final class PeerNetwork: Sendable {
    private struct State {
        var rules: PeerNetworkSettings
        var peers = SignalTable<PeerLine>()
        var servers = ServerList()
    }

    let metrics: PeerNetworkMetrics
    private let keys = PeerKeys()
    private let state: Mutex<State>
    private let joins: Throttle
    private let publications: Throttle
    private let turnSecret: [UInt8]?
    private let time: TimeSource

    /// The publications from one address over HTTP, after a burst: each of ``ServerList/maxPerAddress`` entries may be
    /// refreshed every five seconds.
    static let publicationRate = RateLimit(burst: 40, perSecond: 4)

    /// Makes a network without peers.
    ///
    /// - Parameters:
    ///   - rules: What the operator sets.
    ///   - turnSecret: The secret that the TURN servers know too.
    ///   - metrics: Counts peers, messages and refusals.
    ///   - time: A clock that stands still while the server is paused.
    init(_ rules: PeerNetworkSettings, turnSecret: [UInt8]?, metrics: PeerNetworkMetrics, time: TimeSource) {
        state = Mutex(State(rules: rules))
        self.turnSecret = turnSecret
        self.metrics = metrics
        self.time = time
        joins = Throttle(SignalLimits.joinRate, time: time)
        publications = Throttle(Self.publicationRate, time: time)
    }

    /// Changes the rules for later peers, messages and entries.
    func apply(_ rules: PeerNetworkSettings) { state.withLock { $0.rules = rules } }

    /// Whether the operator has the network turned on.
    var isOn: Bool { state.withLock { $0.rules.maxPeers > 0 } }

    /// Whether there are TURN servers in the settings which no peer gets, because there is no secret.
    var lacksTurnSecret: Bool { iceServers.lacksSecret }

    private var iceServers: IceServers {
        let rules = state.withLock { $0.rules }
        return IceServers(urls: rules.iceServers, seconds: rules.turnSeconds, secret: turnSecret)
    }

    /// The members `ice_servers` and `ice_seconds` of a message to a peer.
    func ice(for key: String) -> JSONObject {
        let servers = iceServers
        return [
            "ice_servers": servers.json(for: key, now: time.unix()), "ice_seconds": .number(Double(servers.seconds)),
        ]
    }

    // MARK: - Peers

    /// Adds a peer.
    ///
    /// - Parameters:
    ///   - room: Its room.
    ///   - claim: The key that it had before its connection broke, if any.
    ///   - address: The key of its address.
    ///   - line: How to tell it something.
    /// - Returns: Its place, and the secret by which it can have its key again.
    /// - Throws: ``SignalError``.
    func join(
        room: String, claim: SignalRequest.Claim?, address: String, line: PeerLine
    ) throws(SignalError) -> (SignalTable<PeerLine>.Membership, secret: String) {
        if let wait = joins.attempt(address) {
            throw SignalError(.rateLimited, "too many peers join from this address", retry: wait)
        }
        if let claim, !keys.accepts(claim.secret, for: claim.key, in: room, .peer) {
            throw SignalError(
                .badSecret, "the secret does not belong to this key in this room; join without a key for a new one")
        }
        let key = claim?.key ?? keys.make()
        let (membership, replaced) = try locked { state throws(SignalError) in
            try state.peers.join(key, room: room, address: address, line: line, state.rules)
        }
        metrics.joined.increment()
        if let replaced { replaced.replace() } else { metrics.peers.increment() }
        return (membership, keys.secret(of: key, in: room, for: .peer))
    }

    /// Removes a peer and its servers, and tells those who have exchanged an offer with it.
    func leave(_ membership: SignalTable<PeerLine>.Membership) {
        let lines: [PeerLine]? = state.withLock { state in
            guard state.peers.isThere(membership) else { return nil }
            state.servers.withdrawAll(of: membership.key)
            return state.peers.leave(membership)
        }
        guard let lines else { return }
        metrics.peers.decrement()
        let notice = JSON.object(["type": .string("gone"), "key": .string(membership.key)]).bytes
        for line in lines { line.send(notice) }
    }

    /// Publishes a port of a peer.
    ///
    /// - Throws: ``SignalError`` with code `too_many_ports`.
    func bind(_ port: Int, by key: String) throws(SignalError) {
        try locked { state throws(SignalError) in try state.peers.bind(port, by: key) }
    }

    /// Unpublishes a port; its entry in the list of servers goes with it.
    func unbind(_ port: Int, by key: String) {
        let now = time.monotonic()
        state.withLock { state in
            state.peers.unbind(port, by: key)
            state.servers.withdraw(.init(key: key, port: port), now: now)
        }
    }

    /// Whether a peer is in the same room as the one that asks, and has published a port, if one is named.
    func sees(_ key: String, port: Int?, from asker: String) -> Bool {
        state.withLock { $0.peers.sees(key, port: port, from: asker) }
    }

    /// Passes an offer on.
    func offer(
        _ id: Int, from: String, to: String, port: Int, sdp: String
    ) throws(SignalError) {
        let now = time.monotonic()
        let line = try locked { state throws(SignalError) in
            try state.peers.offer(id, from: from, to: to, port: port, now: now)
        }
        metrics.offers.increment()
        line.send(
            JSON.object([
                "type": .string("offer"), "from": .string(from), "port": .number(Double(port)),
                "id": .number(Double(id)), "sdp": .string(sdp),
            ]).bytes)
    }

    /// Passes an answer on.
    ///
    /// - Parameters:
    ///   - id: The number of the offer.
    ///   - from: The key of the peer that answers.
    ///   - to: The key of the peer that made the offer.
    ///   - sdp: The answer; `nil` declines.
    /// - Throws: ``SignalError`` with code `no_offer`.
    func settleOffer(_ id: Int, from: String, to: String, sdp: String?) throws(SignalError) {
        let now = time.monotonic()
        let line = try locked { state throws(SignalError) in
            try state.peers.settleOffer(id, by: from, of: to, now: now)
        }
        var notice: JSONObject = [
            "type": .string(sdp == nil ? "refused" : "answer"), "from": .string(from), "id": .number(Double(id)),
        ]
        if let sdp { notice["sdp"] = .string(sdp) }
        line.send(JSON.object(notice).bytes)
    }

    // MARK: - The list of servers

    /// Adds or refreshes an entry of a peer.
    func publish(_ entry: ServerEntry, by key: String, room: String, address: String) throws(SignalError) {
        let now = time.monotonic()
        try locked { state throws(SignalError) in
            guard state.peers.hasPort(entry.port, of: key) else {
                throw SignalError(.noPort, "bind port \(entry.port) before its entry is published")
            }
            try state.servers.publish(
                entry, at: .init(key: key, port: entry.port), of: .init(room: room, addressKey: address),
                limit: state.rules.maxServers, now: now)
        }
    }

    /// Removes an entry of a peer; one that is not there stays so.
    func withdraw(_ port: Int, by key: String) {
        let now = time.monotonic()
        _ = state.withLock { $0.servers.withdraw(.init(key: key, port: port), now: now) }
    }

    /// Adds or refreshes an entry of a native server.
    ///
    /// - Parameters:
    ///   - entry: The entry.
    ///   - claim: The key and the secret of the first publication; `nil` for the first one.
    ///   - room: The room.
    ///   - origin: Where the request comes from; clients get this address.
    /// - Returns: The key and its secret.
    /// - Throws: ``SignalError``.
    func publish(
        _ entry: ServerEntry, claim: SignalRequest.Claim?, room: String, from origin: ClientOrigin
    ) throws(SignalError) -> SignalRequest.Claim {
        try checkPublicationRate(of: origin)
        if let claim { try check(claim, room) }
        let key = claim?.key ?? keys.make()
        let now = time.monotonic()
        try locked { state throws(SignalError) in
            try state.servers.publish(
                entry, at: .init(key: key, port: 0),
                of: .init(room: room, addressKey: origin.key, address: origin.address?.description ?? ""),
                limit: state.rules.maxServers, now: now)
        }
        return .init(key: key, secret: keys.secret(of: key, in: room, for: .server))
    }

    /// Removes the entry of a native server.
    func withdraw(_ claim: SignalRequest.Claim, room: String, from origin: ClientOrigin) throws(SignalError) {
        try checkPublicationRate(of: origin)
        try check(claim, room)
        let now = time.monotonic()
        _ = state.withLock { $0.servers.withdraw(.init(key: claim.key, port: 0), now: now) }
    }

    private func checkPublicationRate(of origin: ClientOrigin) throws(SignalError) {
        guard let wait = publications.attempt(origin.key) else { return }
        throw SignalError(.rateLimited, "too many publications from this address", retry: wait)
    }

    private func check(_ claim: SignalRequest.Claim, _ room: String) throws(SignalError) {
        guard keys.accepts(claim.secret, for: claim.key, in: room, .server) else {
            throw SignalError(
                .badSecret, "the secret does not belong to this key in this room; publish without a key for a new one")
        }
    }

    /// The servers of a room.
    func servers(of room: String) -> ServerList.Page {
        let now = time.monotonic()
        return state.withLock { $0.servers.page(of: room, now: now) }
    }

    /// How many servers are in the list.
    var serverCount: Int {
        let now = time.monotonic()
        return state.withLock { $0.servers.count(now: now) }
    }

    /// Runs a body that throws ``SignalError`` with the state.
    private func locked<Value: Sendable>(
        _ body: (inout State) throws(SignalError) -> Value
    ) throws(SignalError) -> Value {
        try state.withLock { state throws(SignalError) in try body(&state) }
    }
}
