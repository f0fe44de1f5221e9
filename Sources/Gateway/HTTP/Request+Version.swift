import HTTPTypes
package import Hummingbird

extension Request {
    /// Whether the client has a version already: its `If-None-Match` names the version's entity tag. Weak and strong
    /// tags compare alike here (RFC 9110, 13.1.2).
    ///
    /// - Parameter tag: The tag in its quotes.
    /// - Returns: `true` for a client that needs no more than status 304.
    package func knows(_ tag: String) -> Bool {
        guard let field = headers[.ifNoneMatch] else { return false }
        return field.split(separator: ",").contains { item in
            let item = item.filter { $0 != " " }
            return item == "*" || item == tag || item == "W/\(tag)"
        }
    }
}
