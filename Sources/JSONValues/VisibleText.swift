extension String {
    /// The text with escapes in the place of characters that change how the text around them is shown: `\n`, `\r`, and
    /// `\u{202E}` for others.
    ///
    /// For logs and terminals: a player's text must not look like another line, hide a part of a line, reorder it or
    /// send commands to the terminal. Tabs stay, and so do the joiners that some writing systems and emoji need.
    ///
    /// - Complexity: O(n); the text itself when nothing is escaped.
    package var visible: String {
        if utf8.allSatisfy({ 0x20..<0x7F ~= $0 || $0 == 0x09 }) { return self }
        var text = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            switch scalar {
            case "\n": text.append(contentsOf: "\\n".unicodeScalars)
            case "\r": text.append(contentsOf: "\\r".unicodeScalars)
            case "\t", "\u{200C}", "\u{200D}": text.append(scalar)
            default:
                switch scalar.properties.generalCategory {
                case .control, .format, .lineSeparator, .paragraphSeparator:
                    text.append(contentsOf: "\\u{\(scalar.hexDigits)}".unicodeScalars)
                default: text.append(scalar)
                }
            }
        }
        return String(text)
    }
}

extension Unicode.Scalar {
    /// The code point in hexadecimal, with at least four digits.
    package var hexDigits: String {
        let digits = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
