/// What a Lua file says of itself without being compiled: its `--@` lines and whether it has code.
///
/// A `--@` inside a string or a long comment is no annotation. What Lua refuses is left to the compiler.
package struct LuaAnnotations {
    /// Every annotation and every line that looks like one, in order.
    package private(set) var all: [LuaAnnotation] = []
    /// Whether anything but comments and space is there.
    package private(set) var hasCode = false
    /// The last line that holds a comment, at least 1: in a file without code, the last that holds anything.
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
            default: hasCode = true
            }
        }
    }
}
