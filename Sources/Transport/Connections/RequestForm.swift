import NIOHTTP1

extension HTTPRequestHead {
    /// The problem in the form of a request that NIO's parser accepts; `nil` for a valid one (RFC 9112, sections 3.2
    /// and 6.1).
    ///
    /// A proxy in front of this server must never disagree with it about the host of a request or about its end.
    var formProblem: String? {
        let hosts = headers["host"]
        if hosts.count > 1 { return "the request has \(hosts.count) Host fields; send one" }
        if hosts.isEmpty, version != .http1_0 { return "the request has no Host field; HTTP/1.1 wants one" }
        if let host = hosts.first, !host.isEmpty, !HostField.isValid(host) {
            return "Host must be the name or address of a server, with a port or without"
        }
        let codings = headers["transfer-encoding"]
        if codings.isEmpty { return nil }
        if version == .http1_0 { return "HTTP/1.0 has no Transfer-Encoding; send a Content-Length" }
        if codings.count > 1 || codings.first?.lowercased() != "chunked" {
            return "Transfer-Encoding must be chunked, and nothing else"
        }
        return nil
    }
}

/// The `Host` field of a request.
package enum HostField {
    /// Whether a text is valid in a `Host` field: a name or an address, with or without a port.
    ///
    /// - Parameter text: The text.
    /// - Returns: `false` for an empty one, one of more than 255 bytes, and one with other characters.
    package static func isValid(_ text: String) -> Bool {
        let isAllowed = { (byte: UInt8) in
            byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
                || byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z")
                || byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") || ".:-[]_".utf8.contains(byte)
        }
        return !text.isEmpty && text.utf8.count <= 255 && text.utf8.allSatisfy(isAllowed)
    }
}
