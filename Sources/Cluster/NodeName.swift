/// The name of a node: one server of a game that runs on several. Names are unique in a game, and stay when a server is
/// started again.
package struct NodeName: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The most bytes of a name: that of a label in the domain name system.
    package static let mostBytes = 63

    private let text: String

    /// Makes a name from a text, or `nil` when the text breaks the rule below.
    ///
    /// - Parameter text: 1 to 63 letters, digits and hyphens of ASCII, with a letter or a digit at both ends, as in the
    ///   domain name system (RFC 1123, section 2.1).
    package init?(_ text: String) {
        func isAlphanumeric(_ byte: UInt8?) -> Bool {
            switch byte ?? 0 {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: false
            }
        }
        let bytes = text.utf8
        guard bytes.count <= Self.mostBytes, isAlphanumeric(bytes.first), isAlphanumeric(bytes.last),
            bytes.allSatisfy({ isAlphanumeric($0) || $0 == UInt8(ascii: "-") })
        else { return nil }
        self.text = text
    }

    package var description: String { text }

    package static func < (left: NodeName, right: NodeName) -> Bool { left.text < right.text }
}
