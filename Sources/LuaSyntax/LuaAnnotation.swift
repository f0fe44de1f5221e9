/// One `--@name value` line.
package struct LuaAnnotation: Equatable, Sendable {
    /// From 1.
    package var line: Int
    /// The character at which its comment begins, from 1.
    package var column: Int
    /// The character at which its value begins, from 1; the end of the line when it has none.
    package var valueColumn: Int
    /// Where its value begins, counted as the positions of the syntax tree are.
    package var valuePosition: SourcePosition
    /// The word after the `@`.
    package var name: String
    /// The rest of the line, trimmed.
    package var value: String
    /// Whether it was written `-- @name`, which is an ordinary comment, but rarely meant as one.
    package var hasSpace: Bool
    /// Whether code stands anywhere before it in the file.
    package var isAfterCode: Bool

    /// Takes a comment for an annotation, if it is one.
    ///
    /// - Parameters:
    ///   - text: What follows the comment's two dashes.
    ///   - before: What stands before them in their line.
    ///   - line: The line, from 1.
    ///   - isAfterCode: Whether code stands before it.
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

    /// A text without the space around it.
    package static func trim(_ text: Substring) -> String {
        var text = text.drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
