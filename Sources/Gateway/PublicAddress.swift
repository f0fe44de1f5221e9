import Transport

/// The address at which a client reached the server, as the server's answers contain it [1-protocol 1].
package struct PublicAddress: Sendable, Equatable {
    /// Name and port as in the `Host` field, for instance `127.0.0.1:8080`.
    package var host: String
    /// The port in `host`, or the default port of the scheme.
    package var port: Int
    /// Whether the port is right for all maps, also where each map has one of its own.
    private(set) var servesAllMaps = false

    /// Reads the address from a request's fields.
    ///
    /// - Parameters:
    ///   - host: The `Host` field; when it is missing or malformed, the address is `127.0.0.1` with `boundPort`.
    ///   - isSecure: Whether the client uses TLS, to this server or to a proxy in front of it (`X-Forwarded-Proto:
    ///     https`).
    ///   - boundPort: The port that the server listens on.
    ///   - servesAllMaps: Whether the client reaches all maps at this port.
    package init(host: String?, isSecure: Bool, boundPort: Int, servesAllMaps: Bool = false) {
        self.servesAllMaps = servesAllMaps
        guard let host, HostField.isValid(host) else {
            self.host = "127.0.0.1:\(boundPort)"
            port = boundPort
            return
        }
        self.host = host
        let afterAddress = host.lastIndex(of: "]").map { host[host.index(after: $0)...] } ?? host[...]
        let digits = afterAddress.split(separator: ":", omittingEmptySubsequences: false).dropFirst().last ?? ""
        port = Int(digits).flatMap { (1...65535).contains($0) ? $0 : nil } ?? (isSecure ? 443 : 80)
    }

    /// The address of the same host at another port.
    ///
    /// - Parameter port: The port.
    /// - Returns: The address.
    package func withPort(_ port: Int) -> PublicAddress {
        let start = host.lastIndex(of: "]").map { host.index(after: $0) } ?? host.startIndex
        let name = host[start...].lastIndex(of: ":").map { host[..<$0] } ?? host[...]
        var address = self
        address.host = "\(name):\(port)"
        address.port = port
        return address
    }
}
