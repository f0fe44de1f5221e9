import Glibc

/// An IPv4 or IPv6 address.
///
/// An IPv4 address that is written as IPv6 (`::ffff:192.0.2.1`) is the same as the IPv4 address.
package struct IPAddress: Sendable, Hashable, CustomStringConvertible {
    /// The 16 bytes of the IPv6 form, in two halves.
    let high, low: UInt64

    private init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Reads an address as people and programs write it.
    ///
    /// - Parameter text: For instance `192.0.2.1` or `2001:db8::1`, without brackets, port and zone.
    package init?(_ text: String) {
        var four = in_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            self.init(high: 0, low: Self.mapped | UInt64(UInt32(bigEndian: four.s_addr)))
            return
        }
        var six = [UInt8](repeating: 0, count: 16)
        guard inet_pton(AF_INET6, text, &six) == 1 else { return nil }
        let half = { (bytes: ArraySlice<UInt8>) in bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
        self.init(high: half(six[..<8]), low: half(six[8...]))
    }

    /// The 32 bits before an IPv4 address in the lower half of its IPv6 form.
    private static let mapped: UInt64 = 0xFFFF << 32

    /// Whether this is an IPv4 address.
    package var isIPv4: Bool { high == 0 && low >> 32 == 0xFFFF }

    /// Whether only this machine itself can be reached by the address.
    package var isLoopback: Bool { isIPv4 ? low >> 24 & 0xFF == 127 : high == 0 && low == 1 }

    /// The network of one subscriber: a whole IPv4 address, or the first 64 bits of an IPv6 address. Limits for each
    /// address use it, because the subscriber can choose the other 64 bits freely.
    package var network: IPAddress { isIPv4 ? self : IPAddress(high: high, low: 0) }

    /// The address with all bits after the first `bits` ones cleared.
    func masked(to bits: Int) -> IPAddress {
        let mask = { (bits: Int) in UInt64.max << max(0, 64 - bits) }
        return IPAddress(high: high & mask(bits), low: low & mask(bits - 64))
    }

    /// The usual form, for instance `192.0.2.1` or `2001:db8::1`.
    package var description: String {
        if isIPv4 {
            return [24, 16, 8, 0].map { "\(low >> UInt64($0) & 255)" }.joined(separator: ".")
        }
        var bytes = [high, low].flatMap { half in (0..<8).map { UInt8(truncatingIfNeeded: half >> UInt64(56 - 8 * $0)) }
        }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        // `inet_ntop` fails only when the buffer is too small, and this buffer has room for the longest address.
        guard inet_ntop(AF_INET6, &bytes, &text, socklen_t(text.count)) != nil else { return "" }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

/// All addresses with the same first bits: a single address, or a range such as `10.0.0.0/8`.
package struct AddressRange: Sendable, Hashable, CustomStringConvertible {
    /// The lowest address.
    private let base: IPAddress
    /// How many first bits of the IPv6 form are compared, 0 to 128; for an IPv4 range, 96 more than are written.
    private let bits: Int

    /// Reads a range.
    ///
    /// - Parameter text: An address, or an address, a slash and the number of bits that are compared: at most 32 for
    ///   IPv4, 128 for IPv6. All later bits of the address must be 0.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let address = IPAddress(String(parts[0])) else { return nil }
        let isShort = address.isIPv4 && !parts[0].contains(":")
        let most = isShort ? 32 : 128
        guard parts.count == 1 || parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let written = parts.count == 2 ? Int(parts[1]) : most, (0...most).contains(written)
        else { return nil }
        bits = written + 128 - most
        base = address.masked(to: bits)
        guard base == address else { return nil }
    }

    /// Whether an address is in the range.
    ///
    /// - Parameter address: The address.
    /// - Returns: `true` when the first bits of the address are those of the range.
    package func contains(_ address: IPAddress) -> Bool { address.masked(to: bits) == base }

    /// Whether the range is a large part of the whole internet: its addresses have fewer than 8 first bits in common,
    /// those of IPv6 fewer than 16.
    package var isVast: Bool { base.isIPv4 && bits >= 96 ? bits < 96 + 8 : bits < 16 }

    /// The written form, for instance `127.0.0.1` or `10.0.0.0/8`.
    package var description: String {
        if bits == 128 { return "\(base)" }
        return "\(base)/\(base.isIPv4 && bits >= 96 ? bits - 96 : bits)"
    }
}
