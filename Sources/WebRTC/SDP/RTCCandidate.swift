import NIOCore

/// An address and port at which clients reach the server, as the answer tells them.
package struct RTCCandidate: Sendable, Equatable, CustomStringConvertible {
    /// The address: numbers, not a name.
    package let ip: String
    /// The UDP port.
    package let port: Int

    /// Makes a candidate; `nil` when `ip` is not an address in numbers, or the port is not from 1 to 65535.
    ///
    /// - Parameters:
    ///   - ip: An IPv4 or IPv6 address in numbers.
    ///   - port: The UDP port.
    package init?(ip: String, port: Int) {
        // A zone has a meaning on one machine only.
        guard (1...65_535).contains(port), !ip.contains("%"),
            let address = try? SocketAddress(ipAddress: ip, port: port), let canonical = address.ipAddress
        else { return nil }
        self.ip = canonical
        self.port = port
    }

    /// Reads `192.0.2.1`, `192.0.2.1:5000`, `2001:db8::1` or `[2001:db8::1]:5000`; `nil` for any other text.
    ///
    /// - Parameters:
    ///   - text: The address; without a port it has the default one.
    ///   - defaultPort: The default port.
    package init?(_ text: String, defaultPort: Int) {
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            let ip = String(text[text.index(after: text.startIndex)..<end])
            let rest = text[text.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":"), ip.contains(":") else { return nil }
            guard let port = rest.isEmpty ? defaultPort : Int(rest.dropFirst()) else { return nil }
            self.init(ip: ip, port: port)
        } else if let colon = text.firstIndex(of: ":"), text.lastIndex(of: ":") == colon {
            guard let port = Int(text[text.index(after: colon)...]) else { return nil }
            self.init(ip: String(text[..<colon]), port: port)
        } else {
            self.init(ip: text, port: defaultPort)
        }
    }

    /// Whether the address is one of IPv6.
    package var isIPv6: Bool { ip.contains(":") }

    /// The address with its port.
    package var description: String { isIPv6 ? "[\(ip)]:\(port)" : "\(ip):\(port)" }
}
