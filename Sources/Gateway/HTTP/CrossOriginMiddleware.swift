import HTTPTypes
import Hummingbird

/// Lets the pages of allowed origins use the endpoints of a group (CORS): answers the preflights of browsers, and names
/// the page's origin in every answer, refusals included [1-protocol 7].
///
/// Cookies are never allowed: a page sends its `session` in a header.
struct CrossOriginMiddleware: RouterMiddleware {
    /// How long a browser may keep the answer to a preflight, in seconds.
    static let preflightLifetime = 600

    let core: GatewayCore

    func handle(
        _ request: Request, context: GatewayRequestContext,
        next: (Request, GatewayRequestContext) async throws -> Response
    ) async throws -> Response {
        let origins = request.headers[values: .origin]
        let isAllowed = !origins.isEmpty && core.allowsPages(of: origins, host: request.head.authority)
        let isPreflight =
            request.method == .options && !origins.isEmpty && request.headers[.accessControlRequestMethod] != nil
        var response: Response
        if isPreflight {
            // The endpoint refuses OPTIONS; the refusal lists the endpoint's methods.
            let refusal = try await next(request, context)
            response = isAllowed ? Self.preflight(methods: refusal.headers[.allow] ?? "") : Response(.badOrigin)
        } else {
            response = try await next(request, context)
        }
        // A cache must not reuse an answer for a page of another origin.
        response.headers[values: .vary] += ["Origin"]
        if isAllowed, let origin = origins.first {
            response.headers[.accessControlAllowOrigin] = origin
            response.headers[.accessControlExposeHeaders] = "ETag, Retry-After"
        }
        return response
    }

    private static func preflight(methods: String) -> Response {
        Response(
            status: .noContent,
            headers: [
                .accessControlAllowMethods: methods,
                // `*` does not include Authorization, and browsers that don't know it need the other names.
                .accessControlAllowHeaders: "Authorization, Content-Type, If-None-Match, *",
                .accessControlMaxAge: "\(preflightLifetime)",
                .cacheControl: "no-store",
                .vary: "Access-Control-Request-Method, Access-Control-Request-Headers",
            ])
    }
}

extension GatewayError {
    /// The page's origin is not allowed.
    static let badOrigin = GatewayError(
        .forbidden, "bad_origin",
        "pages of this origin may not use the server; allowed_origins in game.yaml allows them")
}
