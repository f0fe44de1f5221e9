/// What can be told of a Lua file without compiling it: its `--@` lines and whether it has code.
///
/// The scanner knows Lua 5.1's comments, quoted strings and long brackets, so that a `--@` inside a string or a long
/// comment is not taken for an annotation. What it does not understand it leaves to the compiler.
struct LuaText {
    /// One comment that runs to the end of its line.
    struct LineComment: Equatable {
        /// From 1.
        var line: Int
        /// The character at which its two dashes begin, from 1.
        var column: Int
        /// What follows the two dashes, without the line's end.
        var text: String
        /// Whether code stands anywhere before it in the file.
        var isAfterCode: Bool
    }

    /// Every line comment, in order.
    private(set) var comments: [LineComment] = []
    /// Whether anything but comments and space is there.
    private(set) var hasCode = false
    /// The last line that holds anything, at least 1.
    private(set) var lastLine = 1

    private let source: [UInt8]
    private var index = 0
    private var line = 1
    private var lineStart = 0

    init(_ source: [UInt8]) {
        self.source = source
        while index < source.count { step() }
    }

    private mutating func step() {
        let byte = source[index]
        switch byte {
        case 0x0A, 0x0D:
            endLine()
        case UInt8(ascii: " "), 0x09, 0x0B, 0x0C:
            index += 1
        case UInt8(ascii: "-") where has("--"):
            lastLine = line
            index += 2
            if let level = longBracketLevel() { skipLongBracket(level) } else { lineComment() }
        default:
            hasCode = true
            lastLine = line
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                skipString(byte)
            } else if byte == UInt8(ascii: "["), let level = longBracketLevel() {
                skipLongBracket(level)
            } else {
                index += 1
            }
        }
    }

    private func has(_ text: StaticString) -> Bool {
        guard index + text.utf8CodeUnitCount <= source.count else { return false }
        for offset in 0..<text.utf8CodeUnitCount where source[index + offset] != text.utf8Start[offset] {
            return false
        }
        return true
    }

    /// Steps over a line's end: LF, CR, or the two together in either order, as Lua counts them.
    private mutating func endLine() {
        let first = source[index]
        index += 1
        if index < source.count, source[index] == 0x0A || source[index] == 0x0D, source[index] != first { index += 1 }
        line += 1
        lineStart = index
    }

    private func isLineEnd(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }

    private mutating func lineComment() {
        let start = index
        while index < source.count, !isLineEnd(source[index]) { index += 1 }
        let text = String(decoding: source[start..<index], as: UTF8.self)
        let column = String(decoding: source[lineStart..<start - 2], as: UTF8.self).count + 1
        comments.append(LineComment(line: line, column: column, text: text, isAfterCode: hasCode))
    }

    /// The number of `=` in a long bracket that opens here (`[[` has none); `nil` when none opens.
    private func longBracketLevel() -> Int? {
        guard index < source.count, source[index] == UInt8(ascii: "[") else { return nil }
        var end = index + 1
        while end < source.count, source[end] == UInt8(ascii: "=") { end += 1 }
        guard end < source.count, source[end] == UInt8(ascii: "[") else { return nil }
        return end - index - 1
    }

    private mutating func skipLongBracket(_ level: Int) {
        index += level + 2
        while index < source.count {
            let byte = source[index]
            if isLineEnd(byte) {
                endLine()
                continue
            }
            index += 1
            guard byte == UInt8(ascii: "]") else { continue }
            var end = index
            while end < source.count, source[end] == UInt8(ascii: "=") { end += 1 }
            if end - index == level, end < source.count, source[end] == UInt8(ascii: "]") {
                index = end + 1
                break
            }
        }
        lastLine = line
    }

    private mutating func skipString(_ quote: UInt8) {
        index += 1
        while index < source.count {
            let byte = source[index]
            // An unfinished string ends with its line: the compiler reports it, and the next line counts again.
            if isLineEnd(byte) { return }
            index += 1
            if byte == quote { return }
            if byte == UInt8(ascii: "\\"), index < source.count {
                if isLineEnd(source[index]) { endLine() } else { index += 1 }
            }
        }
    }
}
