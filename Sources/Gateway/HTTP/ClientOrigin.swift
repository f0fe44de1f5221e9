package import GameRules

/// The origin of a request: the client's address, and whether the client uses TLS.
package struct ClientOrigin: Sendable, Equatable {
    /// The client's address; `nil` for a connection without an address.
    package var address: IPAddress?
    /// Whether the client speaks TLS, to this server or to a trusted proxy in front of it.
    package var isSecure: Bool

    /// Makes an origin.
    ///
    /// - Parameters:
    ///   - address: The client's address.
    ///   - isSecure: Whether the client speaks TLS.
    package init(address: IPAddress?, isSecure: Bool) {
        self.address = address
        self.isSecure = isSecure
    }

    /// The key of all limits per address: the client's network.
    package var key: String { address?.network.description ?? "unknown" }
}

/// The proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` fields are trusted; the fields of other peers are
/// ignored.
package struct TrustedProxies: Sendable, Equatable {
    /// How many entries of `X-Forwarded-For` are read, from the right: more than any chain of proxies has.
    static let maxHops = 32

    private let ranges: [AddressRange]

    /// Makes a set of proxies.
    ///
    /// - Parameter ranges: The addresses of the proxies.
    package init(_ ranges: [AddressRange] = []) { self.ranges = ranges }

    /// Whether an address is a trusted proxy's.
    func contains(_ address: IPAddress?) -> Bool {
        guard let address else { return false }
        return ranges.contains { $0.contains(address) }
    }

    /// Finds out where a request comes from.
    ///
    /// Each proxy appends the address of its own peer, so the entries are read from the right, as long as the peer that
    /// wrote an entry is trusted. An entry that is not an address ends this; the proxy that wrote it then counts as the
    /// client.
    ///
    /// - Parameters:
    ///   - peer: The other end of the TCP connection.
    ///   - isSecure: Whether that connection is encrypted.
    ///   - forwardedFor: The values of all `X-Forwarded-For` fields, in their order.
    ///   - forwardedProto: The values of all `X-Forwarded-Proto` fields.
    /// - Returns: The client's address and whether it speaks TLS.
    func origin(
        peer: IPAddress?, isSecure: Bool, forwardedFor: [String], forwardedProto: [String]
    ) -> ClientOrigin {
        guard contains(peer) else { return ClientOrigin(address: peer, isSecure: isSecure) }
        let scheme = forwardedProto.first?.split(separator: ",").first?.trimming.lowercased()
        var client = peer
        var hops = 0
        entries: for field in forwardedFor.reversed() {
            for entry in field.split(separator: ",", omittingEmptySubsequences: false).reversed() {
                hops += 1
                guard hops <= Self.maxHops, contains(client), let address = Self.address(entry.trimming) else {
                    break entries
                }
                client = address
            }
        }
        return ClientOrigin(address: client, isSecure: isSecure || scheme == "https")
    }

    /// The address of an entry, which some proxies write with a port: `192.0.2.1:4711`, `[2001:db8::1]:4711`.
    private static func address(_ entry: Substring) -> IPAddress? {
        if entry.first == "[" {
            guard let end = entry.firstIndex(of: "]") else { return nil }
            return IPAddress(String(entry[entry.index(after: entry.startIndex)..<end]))
        }
        if let address = IPAddress(String(entry)) { return address }
        let parts = entry.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count == 2 ? IPAddress(String(parts[0])) : nil
    }
}

extension Substring {
    /// The text without the blanks around it.
    fileprivate var trimming: Substring {
        let isBlank = { (character: Character) in character == " " || character == "\t" }
        let start = drop(while: isBlank)
        return start.lastIndex { !isBlank($0) }.map { start[...$0] } ?? ""
    }
}
