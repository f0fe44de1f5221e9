import NIOHTTP1
import Transport

/// The player id and the token that a client sends with its handshake [M2.4].
struct HandshakeCredentials: Equatable {
    /// The player's number.
    var playerID: Int
    /// The one-time token.
    var token: String

    /// Makes credentials.
    init(playerID: Int, token: String) { (self.playerID, self.token) = (playerID, token) }

    /// Finds the credentials of a handshake: the query's `HTTP_AUTHORIZATION`, else HTTP Basic.
    ///
    /// - Parameter head: The handshake's head; the initializer returns `nil` when the credentials are missing or
    ///   malformed.
    init?(_ head: HTTPRequestHead) {
        if let value = RequestQuery(of: head.uri)["HTTP_AUTHORIZATION"] {
            // A `+` is the base64 digit here, and comes as a space; `decodeBase64` reads both as 62.
            self.init(base64: value)
            return
        }
        let authorization = head.headers[canonicalForm: "authorization"].first ?? ""
        let parts = authorization.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "basic" else { return nil }
        self.init(base64: parts[1].drop { $0 == " " })
    }

    /// Reads base64 of `id:token`.
    ///
    /// - Parameter base64: The text.
    init?(base64: some StringProtocol) {
        guard base64.utf8.count <= 512, let bytes = decodeBase64(base64),
            let text = String(validating: bytes, as: UTF8.self), let colon = text.firstIndex(of: ":"),
            text[..<colon].utf8.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }),
            let id = Int(text[..<colon]), id > 0
        else { return nil }
        playerID = id
        token = String(text[text.index(after: colon)...])
        if token.isEmpty { return nil }
    }
}

/// Which web pages may open connections [1-protocol 2].
package struct OriginPolicy: Sendable, Equatable {
    /// Allowed origins such as `https://example.org`; `*` allows all. The server's own origin is always allowed.
    package var allowed: [String]

    /// Makes a policy.
    ///
    /// - Parameter allowed: Allowed origins beside the server's own; `*` allows all.
    package init(allowed: [String] = []) { self.allowed = allowed.map { $0.lowercased() } }

    /// Whether a request is allowed, by the values of its `Origin` fields and of its `Host` field; a request without
    /// `Origin` does not come from a page of another origin and is allowed.
    ///
    /// - Parameters:
    ///   - origins: The values of all `Origin` fields.
    ///   - host: The value of the `Host` field.
    ///   - pagePort: The port of this host that serves the game's pages when maps have ports of their own; else `nil`.
    /// - Returns: `true` when a page of this origin may send the request.
    package func allows(origins: [String], host: String?, pagesAt pagePort: Int? = nil) -> Bool {
        guard !origins.isEmpty else { return true }
        guard origins.count == 1, let origin = origins.first?.lowercased() else { return false }
        if allowed.contains("*") || allowed.contains(origin) { return true }
        guard let host = host?.lowercased(), let scheme = origin.firstRange(of: "://") else {
            return false
        }
        let page = withoutDefaultPort(origin[scheme.upperBound...], scheme: origin[..<scheme.lowerBound])
        if page == withoutDefaultPort(host[...], scheme: origin[..<scheme.lowerBound]) { return true }
        guard let pagePort else { return false }
        let own = PublicAddress(host: host, isSecure: false, boundPort: pagePort).withPort(pagePort).host
        return page == withoutDefaultPort(own[...], scheme: origin[..<scheme.lowerBound])
    }

    private func withoutDefaultPort(_ host: Substring, scheme: Substring) -> Substring {
        let suffix = scheme == "https" ? ":443" : ":80"
        return host.hasSuffix(suffix) ? host.dropLast(suffix.count) : host
    }
}
