import NIOCore

/// Limits the answers to clients that ask for their address without credentials, because such an answer is 12 bytes
/// longer than the shortest request (24 with IPv6), and the request's source may be forged.
///
/// Addresses share a fixed number of counters, so that nobody can make the table grow. Two busy addresses with the same
/// counter share its limit, until the counters begin again, with other addresses together.
struct AddressAnswers {
    /// The most answers to an address in a second.
    static let perAddress: UInt8 = 20
    /// The most answers to all addresses in a second.
    static let perSecond = 2000

    private var counters = [UInt8](repeating: 0, count: 1024)
    private var total = 0
    private var since = NIODeadline.distantPast
    private var salt: UInt64 = 0

    /// Counts an answer.
    ///
    /// - Parameters:
    ///   - address: The receiver of the answer.
    ///   - now: The time.
    /// - Returns: Whether it may be sent.
    mutating func allow(_ address: PeerAddress, now: NIODeadline) -> Bool {
        if now - since >= .seconds(1) {
            counters = [UInt8](repeating: 0, count: counters.count)
            (total, since, salt) = (0, now, salt &+ 1)
        }
        // The port is left out: whoever forges a source may choose any.
        var hasher = Hasher()
        hasher.combine(salt)
        hasher.combine(address.ipv6.high)
        hasher.combine(address.ipv6.low)
        let slot = Int(UInt(bitPattern: hasher.finalize()) % UInt(counters.count))
        guard total < Self.perSecond, counters[slot] < Self.perAddress else { return false }
        counters[slot] += 1
        total += 1
        return true
    }
}
