/// The annotations of a Lua file (its `--@` lines), and whether it has code, found without compiling it.
///
/// A `--@` inside a string or a long comment is no annotation. Syntax errors are ignored; the compiler reports them.
package struct LuaAnnotations {
    /// Every annotation and every line that looks like one, in order.
    package private(set) var all: [LuaAnnotation] = []
    /// Whether the file has anything but comments and white space.
    package var hasCode: Bool { code != nil }
    /// The bytes from the first one of its code to the last one; `nil` without code.
    package private(set) var code: Range<Int>?
    /// The last line with a comment, at least 1: in a file without code, the last line that is not blank.
    package private(set) var lastCommentLine = 1

    /// Finds the annotations of a script.
    ///
    /// - Parameter source: The script.
    /// - Complexity: O(*n*) for *n* bytes.
    package init(_ source: [UInt8]) {
        var scanner = LuaScanner(source)
        while true {
            let piece = scanner.next()
            switch piece.kind {
            case .endOfFile: return
            case .longComment: lastCommentLine = scanner.line
            case .lineComment:
                lastCommentLine = piece.line
                let text = source[piece.range].dropFirst(2)
                guard text.first(where: { $0 != UInt8(ascii: " ") && $0 != 0x09 }) == UInt8(ascii: "@") else {
                    continue
                }
                let before = source[piece.lineStart..<piece.range.lowerBound]
                let annotation = LuaAnnotation(
                    text: String(decoding: text, as: UTF8.self), before: String(decoding: before, as: UTF8.self),
                    line: piece.line, isAfterCode: hasCode)
                if let annotation { all.append(annotation) }
            default: code = (code?.lowerBound ?? piece.range.lowerBound)..<piece.range.upperBound
            }
        }
    }
}
