import Foundation

/// The parameters in the query of a request.
package struct EngineQuery: Sendable {
    /// The parameters in their order, decoded.
    package let parameters: [(name: String, value: String)]

    /// Reads the parameters.
    ///
    /// - Parameter uri: The request's target, with or without a query.
    /// - Complexity: O(n).
    package init(of uri: String) {
        guard let query = uri.firstIndex(of: "?") else {
            parameters = []
            return
        }
        parameters = uri[uri.index(after: query)...].prefix { $0 != "#" }.split(separator: "&").map { item in
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (Self.decoded(parts[0]), parts.count == 2 ? Self.decoded(parts[1]) : "")
        }
    }

    /// The value of the first parameter with this name; `nil` when the query has no such parameter. O(n).
    package subscript(name: String) -> String? { parameters.first { $0.name == name }?.value }

    private static func decoded(_ text: Substring) -> String {
        if !text.utf8.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) { return String(text) }
        let spaced = String(text.replacing("+", with: " "))
        return spaced.removingPercentEncoding ?? spaced
    }
}
