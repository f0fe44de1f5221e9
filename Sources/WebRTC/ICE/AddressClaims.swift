import NIOCore

/// The addresses to which open peers want to move, until each has answered a check of the server's own.
///
/// A client's check proves that the client knows a password, but not that its source is real: it may be forged. A peer
/// that moved at once would send all that waits for it to a victim. So the peer stays at its address until the
/// server's check, which has a random transaction id, is answered from the new one. Until then that address gets at
/// most 3 times the bytes that came from it (as in RFC 9000, section 8). All agents answer checks (RFC 8445, section
/// 7.3).
struct AddressClaims {
    /// A check that the server sends.
    struct Check {
        var datagram: ByteBuffer
        var target: SocketAddress
    }

    /// How long a check waits for its answer until it is sent again.
    static let interval = TimeAmount.milliseconds(200)
    /// How long an address may take to answer. The client's next check after that begins again.
    static let lifetime = TimeAmount.seconds(5)
    /// How long another address has to wait, unless the client nominates it: before that a client sends checks from all
    /// of its addresses.
    static let precedence = TimeAmount.seconds(1)

    private struct Claim {
        let address: PeerAddress
        let check: Check
        let password: String
        let begunAt: NIODeadline
        var checkedAt: NIODeadline?
        /// The bytes that came from the address, and those that were sent to it.
        var received = 0
        var sent = 0
    }

    private var claims: [UInt32: Claim] = [:]
    private var idsByAddress: [PeerAddress: UInt32] = [:]
    private var idsByTransaction: [ByteBuffer: UInt32] = [:]

    /// Records that an open peer has sent a check from another address.
    ///
    /// - Parameters:
    ///   - id: The peer.
    ///   - address: The address.
    ///   - nominates: Whether the client nominates it.
    ///   - bytes: The bytes of the check, and those of its answer.
    ///   - now: The time.
    ///   - make: Makes the server's check, and the password that protects its answer.
    mutating func note(
        _ id: UInt32, at address: PeerAddress, nominates: Bool, bytes: (received: Int, sent: Int), now: NIODeadline,
        _ make: () -> (Check, password: String)
    ) {
        if let former = claims[id], former.address != address {
            guard nominates || now - former.begunAt >= Self.precedence else { return }
            remove(id)
        }
        if claims[id] == nil {
            let (check, password) = make()
            claims[id] = Claim(address: address, check: check, password: password, begunAt: now)
            idsByAddress[address] = id
            idsByTransaction[Self.transaction(of: check)] = id
        }
        claims[id]?.received += bytes.received
        claims[id]?.sent += bytes.sent
    }

    /// Finds the peer that wants to move to an address from which a datagram came.
    ///
    /// - Returns: The number of the peer; `nil` when no peer claims the address.
    mutating func peer(at address: PeerAddress, received count: Int) -> UInt32? {
        guard let id = idsByAddress[address] else { return nil }
        claims[id]?.received += count
        return id
    }

    /// The checks that are to be sent now; O(n). Addresses that took too long to answer are forgotten.
    mutating func dueChecks(now: NIODeadline) -> [Check] {
        for (id, claim) in claims where now - claim.begunAt >= Self.lifetime { remove(id) }
        return claims.keys.compactMap { dueCheck($0, now: now) }
    }

    /// The check of a peer, if it is to be sent now.
    mutating func dueCheck(_ id: UInt32, now: NIODeadline) -> Check? {
        guard var claim = claims[id] else { return nil }
        if let checkedAt = claim.checkedAt, now - checkedAt < Self.interval { return nil }
        let count = claim.check.datagram.readableBytes
        guard claim.sent + count <= 3 * claim.received else { return nil }
        claim.sent += count
        claim.checkedAt = now
        claims[id] = claim
        return claim.check
    }

    /// Takes an answer, after which the peer may move.
    ///
    /// - Parameters:
    ///   - answer: The message.
    ///   - address: Its source.
    /// - Returns: The peer, and the address as the socket knows it; `nil` when it does not answer the check.
    mutating func take(_ answer: STUNMessage, from address: PeerAddress) -> (id: UInt32, target: SocketAddress)? {
        guard let id = idsByTransaction[answer.transactionID], let claim = claims[id], claim.address == address,
            answer.isAuthentic(password: claim.password)
        else { return nil }
        remove(id)
        return (id, claim.check.target)
    }

    /// Forgets what a peer wants.
    mutating func remove(_ id: UInt32) {
        guard let claim = claims.removeValue(forKey: id) else { return }
        // Two peers may claim an address; datagrams from it go to the later one, and each may give its answer.
        if idsByAddress[claim.address] == id { idsByAddress[claim.address] = nil }
        idsByTransaction[Self.transaction(of: claim.check)] = nil
    }

    private static func transaction(of check: Check) -> ByteBuffer {
        check.datagram.getSlice(at: 8, length: 12) ?? ByteBuffer()
    }
}
