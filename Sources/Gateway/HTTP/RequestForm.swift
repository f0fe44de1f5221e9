import NIOHTTP1

extension HTTPRequestHead {
    /// What is wrong with the form of a request that NIO's parser lets pass; `nil` for a good one (RFC 9112, sections 3.2
    /// and 6.1).
    ///
    /// A proxy in front and this server must never disagree on whom a request is for, or where it ends.
    var formProblem: String? {
        let hosts = headers["host"]
        if hosts.count > 1 { return "the request has \(hosts.count) Host fields; send one" }
        if hosts.isEmpty, version != .http1_0 { return "the request has no Host field; HTTP/1.1 wants one" }
        if let host = hosts.first, !host.isEmpty, !PublicAddress.isHost(host) {
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
