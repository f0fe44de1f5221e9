import NIOCore

/// Why a port can't tell clients where to reach it.
package enum RTCAddressError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A public address is not one.
    case invalid(String)
    /// The machine has no address.
    case none

    /// What is wrong, and what is allowed.
    package var description: String {
        switch self {
        case .invalid(let text):
            "\"\(text)\" is no address for WebRTC; give numbers such as 203.0.113.5, 203.0.113.5:5000 or "
                + "[2001:db8::1]:5000"
        case .none: "this machine has no network address; name the public one for WebRTC"
        }
    }

    /// The candidates of a port.
    ///
    /// - Parameters:
    ///   - texts: The public addresses; empty for those on which it listens.
    ///   - address: The address to which it is bound.
    /// - Returns: The candidates, best first; not empty.
    /// - Throws: ``RTCAddressError``.
    static func candidates(
        _ texts: [String], listening address: SocketAddress?
    ) throws(RTCAddressError) -> [RTCCandidate] {
        let port = address?.port ?? 0
        var candidates: [RTCCandidate] = []
        for text in texts {
            guard let candidate = RTCCandidate(text, defaultPort: port) else { throw .invalid(text) }
            candidates.append(candidate)
        }
        if candidates.isEmpty { candidates = own(address).compactMap { RTCCandidate(ip: $0, port: port) } }
        guard !candidates.isEmpty else { throw .none }
        return candidates
    }

    /// The addresses at which a bound socket can be reached: its own, or if that is "any", those of the machine.
    private static func own(_ address: SocketAddress?) -> [String] {
        guard let ip = address?.ipAddress, ip == "0.0.0.0" || ip == "::" else {
            return [address?.ipAddress].compactMap(\.self)
        }
        let all = ((try? System.enumerateDevices()) ?? []).compactMap { $0.address?.ipAddress }
            .filter { ip == "::" || !$0.contains(":") }
        // Link-local addresses need a zone, which candidates don't have. Clients of other machines can't use loopback.
        let usable = all.filter { !$0.lowercased().hasPrefix("fe80:") }
        let outside = usable.filter { !$0.hasPrefix("127.") && $0 != "::1" }
        return outside.isEmpty ? usable : outside
    }
}
