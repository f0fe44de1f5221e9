import Gateway
import HTTPTypes
import Hummingbird

/// Recognises requests that a page of another site makes an operator's browser send (CSRF).
///
/// A browser sends `Sec-Fetch-Site`, or at least `Origin`, with each request that may change something, and no page can
/// forge them. Programs send neither field; they have no cookie that a page could misuse.
enum SameOrigin {
    /// The refusal of a request from another site.
    static let refusal = GatewayError(
        .forbidden, "bad_origin",
        "a page of another site sent this request; use the pages under /admin/, or send the key from a program")

    /// Whether a request does not come from a page of another site.
    static func isOwn(_ request: Request) -> Bool {
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
