package import NIOCore

/// Knows which datagram belongs to which peer, and which peers are alive: the state of an ICE-lite agent (RFC 8445)
/// with one port for all clients.
///
/// A check finds its peer by the user name in it, anything else by its source address. A peer has an address only after
/// a check that proves the knowledge of its password. All times are on a clock that stands still while the server is
/// paused.
package struct PeerTable: Sendable {
    /// The time limits of a peer.
    package struct Times: Sendable {
        /// The time without a check after which a client is gone (RFC 7675).
        package var consent = TimeAmount.seconds(30)
        /// The time from the offer until the peer must be open.
        package var opening = TimeAmount.seconds(10)
        /// The silence of an address after which a client may move without nominating its new address: what a NAT does
        /// that gives the client another port.
        package var quiet = TimeAmount.seconds(2)

        /// Makes the usual limits.
        package init() {}
    }

    /// What a STUN message means.
    package enum Verdict: Equatable, Sendable {
        /// It is no request for this server.
        case drop
        /// A client asks for its address, without credentials.
        case tellAddress
        /// The request is refused with an error code; `password` protects the answer.
        case refuse(Int, password: String?)
        /// A check of a peer; `moved` says whether it has a new address now, `wantsToMove` whether it may have one as
        /// soon as that has answered a check of the server.
        case accept(peer: UInt32, password: String, moved: Bool, wantsToMove: Bool = false)
    }

    /// Why a peer is no longer alive.
    package enum Expiry: Sendable, Equatable {
        /// The client sent no checks for ``Times/consent``.
        case consentLost
        /// The client did not open its channels in ``Times/opening``.
        case notOpened
    }

    private struct Entry {
        let credentials: ICECredentials
        let username: String
        let addedAt: NIODeadline
        var address: PeerAddress?
        /// The time of the last check that was accepted.
        var checkedAt: NIODeadline
        /// The time of the last valid check or encrypted packet from the address.
        var heardAt: NIODeadline
        var isOpen = false
    }

    /// How long a client whose offer was answered may surely take to send its first check.
    private static let checkTime = TimeAmount.seconds(1)

    private let times: Times
    private var entries: [UInt32: Entry] = [:]
    /// By the 8 ASCII bytes of the server's fragment: checks of strangers make no strings.
    private var idsByUfrag: [UInt64: UInt32] = [:]
    private var idsByAddress: [PeerAddress: UInt32] = [:]
    private var halfOpen = HalfOpenPeers()

    /// Makes an empty table.
    ///
    /// - Parameter times: The time limits of peers.
    package init(times: Times = Times()) { self.times = times }

    /// How many peers there are.
    package var count: Int { entries.count }

    /// How many peers are not open yet.
    package var halfOpenCount: Int { halfOpen.count }

    /// How many peers of a source are not open yet.
    func halfOpenCount(of source: String) -> Int { halfOpen.count(of: source) }

    /// The peer that has waited for its first valid check for longest, if that is a second or more.
    mutating func oldestUnchecked(now: NIODeadline) -> UInt32? {
        halfOpen.oldest(addedBefore: now - Self.checkTime) { entries[$0]?.address != nil }
    }

    // MARK: - Peers

    /// Adds a peer without an address.
    ///
    /// - Parameters:
    ///   - id: Its number.
    ///   - ufrag: The client's user name fragment.
    ///   - source: Whose offer it is; `nil` when that does not matter.
    ///   - now: The time.
    ///   - generator: The source of its credentials.
    /// - Returns: The credentials that the client must use.
    mutating func add(
        _ id: UInt32, clientUfrag ufrag: String, source: String? = nil, now: NIODeadline,
        using generator: inout some RandomNumberGenerator
    ) -> ICECredentials {
        var credentials = ICECredentials(using: &generator)
        while idsByUfrag[credentials.ufragKey] != nil { credentials = ICECredentials(using: &generator) }
        idsByUfrag[credentials.ufragKey] = id
        entries[id] = Entry(
            credentials: credentials, username: "\(credentials.ufrag):\(ufrag)", addedAt: now, checkedAt: now,
            heardAt: now)
        halfOpen.add(id, source: source, now: now)
        return credentials
    }

    /// Records that a peer is open.
    ///
    /// - Returns: Whether it was not open before.
    mutating func noteOpen(_ id: UInt32) -> Bool {
        guard entries[id]?.isOpen == false else { return false }
        entries[id]?.isOpen = true
        halfOpen.remove(id)
        return true
    }

    /// Forgets a peer.
    mutating func remove(_ id: UInt32) {
        guard let entry = entries.removeValue(forKey: id) else { return }
        halfOpen.remove(id)
        idsByUfrag[entry.credentials.ufragKey] = nil
        if let address = entry.address, idsByAddress[address] == id { idsByAddress[address] = nil }
    }

    /// The peers that are no longer alive; the caller removes them. O(n).
    ///
    /// - Parameter now: The time.
    /// - Returns: Their numbers, and why.
    func expired(now: NIODeadline) -> [(id: UInt32, why: Expiry)] {
        entries.compactMap { id, entry in
            if !entry.isOpen, now - entry.addedAt >= times.opening { return (id, .notOpened) }
            return now - entry.checkedAt >= times.consent ? (id, .consentLost) : nil
        }
    }

    // MARK: - Datagrams

    /// Finds the peer of a datagram that is not STUN.
    ///
    /// - Parameter address: The datagram's source.
    /// - Returns: The number of the peer; `nil` for an address that no peer has proved to be its own.
    func peer(at address: PeerAddress) -> UInt32? { idsByAddress[address] }

    /// Records that a packet that only the client can have encrypted came from a peer's address.
    mutating func noteHeard(_ id: UInt32, now: NIODeadline) { entries[id]?.heardAt = now }

    /// Judges a STUN message, and gives its peer the address that it came from, if that is due.
    ///
    /// - Parameters:
    ///   - message: The message.
    ///   - address: Its source.
    ///   - now: The time.
    /// - Returns: The verdict.
    package mutating func judge(_ message: STUNMessage, from address: PeerAddress, now: NIODeadline) -> Verdict {
        guard message.kind == STUNMessage.Kind.bindingRequest else { return .drop }
        guard let username = message.username, message.hasIntegrity else {
            // A client that only wants its address has neither.
            if message.username != nil || message.hasIntegrity { return .refuse(400, password: nil) }
            return message.unknownAttributes.isEmpty ? .tellAddress : .drop
        }
        guard let key = username.getInteger(at: username.readerIndex, as: UInt64.self), let id = idsByUfrag[key],
            let entry = entries[id], username.readableBytesView.elementsEqual(entry.username.utf8),
            message.isAuthentic(password: entry.credentials.password)
        else { return .refuse(401, password: nil) }
        let password = entry.credentials.password
        if !message.unknownAttributes.isEmpty { return .refuse(420, password: password) }
        // The server is always the controlled agent, so the client has to give way (section 7.3.1.1).
        if message.isControlled { return .refuse(487, password: password) }
        entries[id]?.checkedAt = now
        let mayMove = entry.address != address && mayMove(entry, to: address, nominates: message.nominates, now: now)
        // What an open peer is sent may be much, so its new address has to prove that it wants it.
        let moved = mayMove && !entry.isOpen
        if moved { setAddress(of: id, to: address, now: now) }
        if entry.address == address {
            idsByAddress[address] = id
            entries[id]?.heardAt = now
        }
        return .accept(peer: id, password: password, moved: moved, wantsToMove: mayMove && entry.isOpen)
    }

    /// Gives an open peer the address that has answered a check of the server.
    ///
    /// - Returns: Whether it has that address now; not if another peer has it.
    mutating func move(_ id: UInt32, to address: PeerAddress, now: NIODeadline) -> Bool {
        guard entries[id] != nil, !isTaken(address, now: now) else { return false }
        setAddress(of: id, to: address, now: now)
        return true
    }

    /// The user name of the server's check of a client.
    func checkUsername(of id: UInt32) -> String? {
        guard let entry = entries[id] else { return nil }
        return "\(entry.username.drop { $0 != ":" }.dropFirst()):\(entry.credentials.ufrag)"
    }

    /// Whether a peer takes another address, from which it has sent a valid check.
    private func mayMove(_ entry: Entry, to address: PeerAddress, nominates: Bool, now: NIODeadline) -> Bool {
        if isTaken(address, now: now) { return false }
        // Before it nominates one, a client sends checks from all of its addresses.
        return entry.address == nil || nominates || now - entry.heardAt >= times.quiet
    }

    /// A client that lies about its address can't take that of another one that is alive.
    private func isTaken(_ address: PeerAddress, now: NIODeadline) -> Bool {
        guard let owner = idsByAddress[address], let other = entries[owner] else { return false }
        return now - other.heardAt < times.quiet
    }

    private mutating func setAddress(of id: UInt32, to address: PeerAddress, now: NIODeadline) {
        if let before = entries[id]?.address, idsByAddress[before] == id { idsByAddress[before] = nil }
        idsByAddress[address] = id
        entries[id]?.address = address
        entries[id]?.heardAt = now
    }
}
