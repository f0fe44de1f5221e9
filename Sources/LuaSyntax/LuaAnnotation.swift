/// One `--@name value` line.
package struct LuaAnnotation: Equatable, Sendable {
    /// The line, from 1.
    package var line: Int
    /// The character at which its comment begins, from 1.
    package var column: Int
    /// The character at which its value begins, from 1; the end of the line when it has none.
    package var valueColumn: Int
    /// Where its value begins, as a position in the syntax tree (in Unicode scalars instead of characters).
    package var valuePosition: SourcePosition
    /// The word after the `@`.
    package var name: String
    /// The rest of the line, trimmed.
    package var value: String
    /// Whether it is written `-- @name`, which is an ordinary comment, but is rarely meant as one.
    package var hasSpace: Bool
    /// Whether code stands anywhere before it in the file.
    package var isAfterCode: Bool

    /// Reads an annotation from a line comment; `nil` when the comment is none.
    ///
    /// - Parameters:
    ///   - text: The comment's text after the two dashes.
    ///   - before: The text of the line before the two dashes.
    ///   - line: The line, from 1.
    ///   - isAfterCode: Whether code stands before the comment in the file.
    init?(text: String, before: String, line: Int, isAfterCode: Bool) {
        let trimmed = text.drop { $0 == " " || $0 == "\t" }
        guard trimmed.first == "@" else { return nil }
        let word = trimmed.dropFirst().prefix { !$0.isWhitespace }
        let rest = trimmed[word.endIndex...].drop(while: \.isWhitespace)
        let ahead = text[..<rest.startIndex]
        self.line = line
        column = before.count + 1
        valueColumn = column + 2 + ahead.count
        valuePosition = SourcePosition(
            line: line, column: before.unicodeScalars.count + 2 + ahead.unicodeScalars.count + 1)
        name = String(word)
        value = Self.trim(rest)
        hasSpace = trimmed.startIndex != text.startIndex
        self.isAfterCode = isAfterCode
    }

    /// A text without the white space at its beginning and end.
    package static func trim(_ text: Substring) -> String {
        var text = text.drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
