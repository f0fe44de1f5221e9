import Gateway
import HTTPTypes
import Hummingbird

/// Refuses requests that a page of another site makes an operator's browser send (CSRF).
///
/// A browser sends `Sec-Fetch-Site`, or at least `Origin`, with each request that may change something, and no page can
/// forge them. Programs send neither field; they have no cookie that a page could misuse.
struct SameOriginMiddleware: RouterMiddleware {
    func handle(
        _ request: Request, context: GatewayRequestContext,
        next: (Request, GatewayRequestContext) async throws -> Response
    ) async throws -> Response {
        guard Self.mayChangeSomething(request.method), !Self.isOwn(request) else {
            return try await next(request, context)
        }
        throw GatewayError(
            .forbidden, "bad_origin",
            "a page of another site sent this request; use the pages under /admin/, or send the key from a program")
    }

    private static func mayChangeSomething(_ method: HTTPRequest.Method) -> Bool {
        switch method {
        case .get, .head, .options, .trace: false
        default: true
        }
    }

    private static func isOwn(_ request: Request) -> Bool {
        let sites = request.headers[values: .secFetchSite]
        // `none` means that the operator caused the request directly, for instance by reloading the page.
        if !sites.isEmpty { return sites.allSatisfy { $0 == "same-origin" || $0 == "none" } }
        return OriginPolicy().allows(origins: request.headers[values: .origin], host: request.head.authority)
    }
}

extension HTTPField.Name {
    /// The text is a valid name, so the fallback is never used.
    fileprivate static let secFetchSite = HTTPField.Name("Sec-Fetch-Site") ?? .via
}
