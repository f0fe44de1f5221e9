/// Splits a script into pieces by the lexical rules of Lua 5.1 in the C locale.
///
/// It reports no errors: what Lua refuses is a piece too, so that annotations can be read from a script that does not
/// compile. ``LuaLexer`` reports what is wrong with a piece.
struct LuaScanner {
    /// A piece of the source; between two pieces is only white space.
    struct Piece {
        enum Kind: Equatable {
            /// A name or a reserved word.
            case word
            /// Text that begins like a number, up to the last byte that Lua reads as a part of it; it may be malformed.
            case number
            /// A string in quotes; an unfinished one ends before the end of its line, or with the file.
            case string
            /// `[[…]]`, with the number of `=` in its brackets; an unfinished one ends with the file.
            case longString(level: Int)
            /// `--` and the rest of the line, without the line's end.
            case lineComment
            /// `--[[…]]`
            case longComment(level: Int)
            /// `[` and one or more `=`, without a second `[` after them.
            case halfBracket
            /// An operator of more than one byte.
            case symbol(LuaToken.StaticSymbol)
            /// Any other single byte.
            case byte(UInt8)
            case endOfFile
        }

        var kind: Kind
        /// The indices of its bytes in the source.
        var range: Range<Int>
        /// The line where it begins, from 1.
        var line: Int
        /// The index of the first byte of that line.
        var lineStart: Int
        /// Whether a string or a long comment is closed; `true` for all other pieces.
        var isFinished = true
    }

    let bytes: [UInt8]
    /// The index of the next byte to read.
    private var index = 0
    /// The line at `index`, from 1.
    private(set) var line = 1
    /// The index of the first byte of that line.
    private(set) var lineStart = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The next piece; after the last one, each call returns the end of the file.
    mutating func next() -> Piece {
        skipSpace()
        var piece = Piece(kind: .endOfFile, range: index..<index, line: line, lineStart: lineStart)
        if index < bytes.count { (piece.kind, piece.isFinished) = scan(bytes[index]) }
        piece.range = piece.range.lowerBound..<index
        return piece
    }

    private func byte(after count: Int) -> UInt8? { index + count < bytes.count ? bytes[index + count] : nil }

    private mutating func scan(_ byte: UInt8) -> (Piece.Kind, isFinished: Bool) {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
            skipWord()
            return (.word, true)
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            skipNumber()
            return (.number, true)
        case UInt8(ascii: "\""), UInt8(ascii: "'"):
            return (.string, skipString(byte))
        case UInt8(ascii: "-") where self.byte(after: 1) == byte:
            index += 2
            if let level = longBracketLevel() { return (.longComment(level: level), skipLongBracket(level)) }
            while index < bytes.count, !Self.isLineEnd(bytes[index]) { index += 1 }
            return (.lineComment, true)
        case UInt8(ascii: "["):
            if let level = longBracketLevel() { return (.longString(level: level), skipLongBracket(level)) }
            if self.byte(after: 1) == UInt8(ascii: "=") {
                index += 1
                while self.byte(after: 0) == UInt8(ascii: "=") { index += 1 }
                return (.halfBracket, true)
            }
        case UInt8(ascii: "."):
            if self.byte(after: 1) == byte {
                let isTriple = self.byte(after: 2) == byte
                index += isTriple ? 3 : 2
                return (.symbol(isTriple ? .dots : .concat), true)
            }
            if let next = self.byte(after: 1), Self.isDigit(next) {
                skipNumber()
                return (.number, true)
            }
        case UInt8(ascii: "="), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "~"):
            if self.byte(after: 1) == UInt8(ascii: "=") {
                index += 2
                switch byte {
                case UInt8(ascii: "="): return (.symbol(.equal), true)
                case UInt8(ascii: "<"): return (.symbol(.lessOrEqual), true)
                case UInt8(ascii: ">"): return (.symbol(.greaterOrEqual), true)
                default: return (.symbol(.notEqual), true)
                }
            }
        default: break
        }
        index += 1
        return (.byte(byte), true)
    }

    // MARK: Space

    private mutating func skipSpace() {
        while index < bytes.count {
            switch bytes[index] {
            case 0x0A, 0x0D: endLine()
            case UInt8(ascii: " "), 0x09, 0x0B, 0x0C: index += 1
            default: return
            }
        }
    }

    /// Skips a line end.
    private mutating func endLine() {
        index = Self.end(ofLineEnd: index, in: bytes)
        line += 1
        lineStart = index
    }

    /// The index after the line end that begins at `index`. As in Lua, a line end is LF, CR, or both in either order.
    static func end(ofLineEnd index: Int, in bytes: [UInt8]) -> Int {
        let second = index + 1
        guard second < bytes.count, isLineEnd(bytes[second]), bytes[second] != bytes[index] else { return second }
        return second + 1
    }

    // MARK: Words, numbers, strings

    private mutating func skipWord() {
        while index < bytes.count, Self.isLetter(bytes[index]) || Self.isDigit(bytes[index]) { index += 1 }
    }

    private mutating func skipNumber() {
        while let byte = byte(after: 0), Self.isDigit(byte) || byte == UInt8(ascii: ".") { index += 1 }
        if let byte = byte(after: 0), byte | 0x20 == UInt8(ascii: "e") {
            index += 1
            if let sign = self.byte(after: 0), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { index += 1 }
        }
        skipWord()
    }

    /// Skips a string in quotes; returns whether it is closed.
    private mutating func skipString(_ quote: UInt8) -> Bool {
        index += 1
        while index < bytes.count {
            let byte = bytes[index]
            if Self.isLineEnd(byte) { return false }
            index += 1
            if byte == quote { return true }
            if byte == UInt8(ascii: "\\"), index < bytes.count {
                if Self.isLineEnd(bytes[index]) { endLine() } else { index += 1 }
            }
        }
        return false
    }

    /// The number of `=` in the long bracket that opens at `index`; `nil` when no long bracket opens there.
    private func longBracketLevel() -> Int? {
        guard byte(after: 0) == UInt8(ascii: "[") else { return nil }
        var level = 0
        while byte(after: 1 + level) == UInt8(ascii: "=") { level += 1 }
        return byte(after: 1 + level) == UInt8(ascii: "[") ? level : nil
    }

    /// Skips a long bracket; returns whether it is closed.
    private mutating func skipLongBracket(_ level: Int) -> Bool {
        index += level + 2
        while index < bytes.count {
            let byte = bytes[index]
            if Self.isLineEnd(byte) {
                endLine()
                continue
            }
            index += 1
            guard byte == UInt8(ascii: "]") else { continue }
            var end = index
            while end < bytes.count, bytes[end] == UInt8(ascii: "=") { end += 1 }
            if end - index == level, end < bytes.count, bytes[end] == UInt8(ascii: "]") {
                index = end + 1
                return true
            }
            index = end
        }
        return false
    }

    // MARK: Kinds of bytes

    static func isLineEnd(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }

    static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
    }
}
