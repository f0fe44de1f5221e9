import Gateway
import HTTPTypes
import Hummingbird

/// The cookie of an operator's session, and the token that belongs to it.
enum SessionCookie {
    private static let name = "perigee_operator"

    /// The name of the cookie.
    ///
    /// With TLS it has the prefix `__Host-`: then browsers take it only from this very host, with `Secure`, so that no
    /// other server of the domain can plant one.
    static func name(for origin: ClientOrigin) -> String { origin.isSecure ? "__Host-" + name : name }

    /// The secret of the request's session; `nil` without a cookie.
    static func secret(of request: Request, from origin: ClientOrigin) -> String? {
        request.cookies[name(for: origin)]?.value
    }

    /// Whether a text has the form of a secret.
    static func isSecret(_ text: String) -> Bool { text.utf8.count == 48 && text.utf8.allSatisfy(isHexDigit) }

    /// A new secret: 48 hexadecimal digits.
    static func makeSecret() -> String { hex(Sodium.randomBytes(24)) }

    /// The token that changes in a session must send: a page of another site can make the browser send the cookie, but
    /// can read neither the cookie nor a page with the token.
    static func token(ofSecret secret: String) -> String { hex(Sodium.hash("perigee token \(secret)".utf8)) }

    /// Sets the cookie in an answer, or removes it.
    ///
    /// - Parameters:
    ///   - secret: The secret; `nil` removes the cookie.
    ///   - lifetime: How long the browser keeps it, in seconds.
    ///   - response: The answer.
    ///   - origin: Where the request comes from.
    static func set(_ secret: String?, lifetime: Int, in response: inout Response, for origin: ClientOrigin) {
        let secure = origin.isSecure ? "; Secure" : ""
        response.headers[.setCookie] =
            "\(name(for: origin))=\(secret ?? ""); Path=/; Max-Age=\(secret == nil ? 0 : lifetime); HttpOnly; "
            + "SameSite=Strict\(secure)"
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}
