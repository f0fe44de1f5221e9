import NIOHTTP1

/// What an answer tells a browser about the page that sent the request (CORS).
///
/// Credentials are never allowed: a connection's sid is its only secret.
struct EngineOrigin {
    /// How long a browser may keep the answer to a preflight, in seconds.
    static let preflightLifetime = 600
    private static let methods = "GET, POST, OPTIONS"

    private let origin: String?
    private let isAllowed: Bool

    /// Makes the facts of a request.
    ///
    /// - Parameters:
    ///   - head: The request's head.
    ///   - server: Knows the pages that are allowed.
    init(of head: HTTPRequestHead, for server: EngineServer) {
        let origins = head.headers["origin"]
        origin = origins.first
        isAllowed = origins.count == 1 && server.allowsOrigin(of: head)
    }

    /// Adds the fields that every answer has.
    func add(to headers: inout HTTPHeaders) {
        // A cache must not reuse an answer for a page of another origin.
        headers.add(name: "vary", value: "Origin")
        if isAllowed, let origin { headers.add(name: "access-control-allow-origin", value: origin) }
    }

    /// The head of the answer to an OPTIONS request, which has no body; `nil` when the page is not allowed.
    func preflight() -> HTTPResponseHead? {
        guard isAllowed || origin == nil else { return nil }
        var headers: HTTPHeaders = ["allow": Self.methods, "cache-control": "no-store"]
        add(to: &headers)
        if origin != nil {
            headers.add(name: "access-control-allow-methods", value: Self.methods)
            // `*` does not include Authorization, and browsers that don't know it need the other names.
            headers.add(name: "access-control-allow-headers", value: "Authorization, Content-Type, *")
            headers.add(name: "access-control-max-age", value: "\(Self.preflightLifetime)")
        }
        return HTTPResponseHead(version: .http1_1, status: .noContent, headers: headers)
    }
}
