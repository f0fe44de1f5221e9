/// The parameters in the query of a request's target.
///
/// Only the values that are asked for are decoded, so a long query costs little.
package struct RequestQuery: Sendable {
    /// The query as it stands in the target.
    private let text: Substring

    /// Makes the query of a request.
    ///
    /// - Parameter uri: The request's target, with or without a query.
    /// - Complexity: O(n).
    package init(of uri: String) {
        text = Substring(uri.utf8.prefix { $0 != UInt8(ascii: "#") }.drop { $0 != UInt8(ascii: "?") }.dropFirst())
    }

    /// The value of the first parameter with this name, decoded; `nil` when the query has no such parameter.
    ///
    /// - Parameter name: The name as it stands in the query.
    /// - Complexity: O(n).
    package subscript(name: String) -> String? { values(of: name, most: 1).first }

    /// The values of all parameters with this name, decoded, in their order; empty texts for those without a value.
    ///
    /// In a value `+` is a space. A value that is not percent-encoded UTF-8 is given as it stands.
    ///
    /// - Parameters:
    ///   - name: The name as it stands in the query.
    ///   - most: The most values.
    /// - Returns: The values.
    /// - Complexity: O(n).
    package func values(of name: String, most: Int = .max) -> [String] {
        var values: [String] = []
        var rest = text.utf8
        while !rest.isEmpty, values.count < most {
            let parameter = rest.prefix { $0 != UInt8(ascii: "&") }
            rest = rest[parameter.endIndex...].dropFirst()
            let key = parameter.prefix { $0 != UInt8(ascii: "=") }
            guard !parameter.isEmpty, key.elementsEqual(name.utf8) else { continue }
            values.append(Self.decoded(Substring(parameter[key.endIndex...].dropFirst())))
        }
        return values
    }

    private static func decoded(_ text: Substring) -> String {
        percentDecoded(text, plusIsSpace: true).flatMap { String(validating: $0, as: UTF8.self) } ?? String(text)
    }
}
