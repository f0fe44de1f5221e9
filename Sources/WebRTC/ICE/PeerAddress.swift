package import NIOCore

/// The address and port of a peer, as a key that is compared and hashed without allocations. An IPv4 address is the
/// same as the IPv6 address that it is mapped to (RFC 4291, section 2.5.5.2), because a socket for both sees that one.
package struct PeerAddress: Hashable, Sendable {
    private let high: UInt64
    private let low: UInt64
    /// The UDP port.
    let port: UInt16

    private init(high: UInt64, low: UInt64, port: UInt16) {
        self.high = high
        self.low = low
        self.port = port
    }

    /// Makes the key of an address.
    ///
    /// - Parameter address: The address; `nil` results for one without a port that can be answered.
    package init?(_ address: SocketAddress) {
        guard let port = address.port, port != 0 else { return nil }
        switch address {
        case .v4:
            let bytes = Self.bytes(of: address, at: 4, as: UInt32.self)
            self.init(high: 0, low: Self.mapped | UInt64(bytes), port: UInt16(port))
        case .v6:
            self.init(
                high: Self.bytes(of: address, at: 8, as: UInt64.self),
                low: Self.bytes(of: address, at: 16, as: UInt64.self), port: UInt16(port))
        case .unixDomainSocket: return nil
        }
    }

    /// A part of `sockaddr_in`, whose address is at 4, or of `sockaddr_in6`, whose address is at 8. Which module has
    /// their fields depends on the build, so they are read by their place.
    private static func bytes<T: FixedWidthInteger>(of address: SocketAddress, at offset: Int, as type: T.Type) -> T {
        address.withSockAddr { pointer, size in
            let all = UnsafeRawBufferPointer(start: pointer, count: size)
            return T(bigEndian: all.loadUnaligned(fromByteOffset: offset, as: T.self))
        }
    }

    private static let mapped: UInt64 = 0xFFFF << 32

    /// The IPv4 address; `nil` for one of IPv6.
    var ipv4: UInt32? { high == 0 && low & ~0xFFFF_FFFF == Self.mapped ? UInt32(truncatingIfNeeded: low) : nil }

    /// The IPv6 address.
    var ipv6: (high: UInt64, low: UInt64) { (high, low) }
}
