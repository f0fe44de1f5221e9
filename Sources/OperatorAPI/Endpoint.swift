package import Storage

/// One row of the table of what the panel answers: a page, or a request of the operators' API.
package struct Endpoint: Sendable, Hashable {
    /// The method of the request.
    package enum Method: String, Sendable, Hashable, CaseIterable {
        /// Reads.
        case get = "GET"
        /// Makes something, or does something.
        case post = "POST"
        /// Replaces something.
        case put = "PUT"
        /// Changes a part of something.
        case patch = "PATCH"
        /// Removes something.
        case delete = "DELETE"
    }

    /// What the audit log calls it, such as `operators.create`.
    package let name: String
    /// The method of the request.
    package let method: Method
    /// The path; a part with a colon before it, such as `:id`, stands for any text without a slash.
    package let path: String
    /// The least role that it needs; `nil` for everybody.
    package let role: OperatorRole?
    /// What it does, in one line for the documentation.
    package let summary: String
    /// Whether it may change something. Then the audit log gets an entry.
    package let isChange: Bool

    init(
        _ name: String, _ method: Method, _ path: String, _ role: OperatorRole?, _ summary: String,
        isQuestion: Bool = false
    ) {
        isChange = method != .get && !isQuestion
        self.name = name
        self.method = method
        self.path = path
        self.role = role
        self.summary = summary
    }

    /// Whether a request needs the token of its session, and must not come from a page of another origin.
    package var needsToken: Bool { method != .get }

    /// Whether it is for people: refusals are pages too, and a caller who is not known is sent to the login page.
    package var isPage: Bool { path.hasPrefix("/admin") }

    /// The path of a request.
    ///
    /// - Parameter values: The texts for the parts with a colon, by their names.
    /// - Returns: The path with percent-encoded texts.
    package func path(_ values: [String: String]) -> String {
        path.split(separator: "/").map { part in
            guard part.first == ":", let value = values[String(part.dropFirst())] else { return "/\(part)" }
            return "/" + Self.encoded(value)
        }.joined()
    }

    /// Percent-encodes a text for a path or a query.
    ///
    /// - Parameter text: The text.
    /// - Returns: Only unreserved characters and percent signs.
    package static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                String(UnicodeScalar(byte))
            default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }
}
