import Glibc

/// Makes tokens from the pieces of a script; throws for those that Lua 5.1 refuses.
struct LuaLexer {
    private var scanner: LuaScanner
    private let bytes: [UInt8]
    /// The byte up to which columns are counted, the beginning of its line, and its column. The counting continues from
    /// there for the next piece, so that each byte is counted once.
    private var counted = (index: 0, lineStart: 0, column: 1)

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        scanner = LuaScanner(bytes)
    }

    /// The next token; after the last one, each call returns the end of the file.
    mutating func next() throws(LuaSyntaxError) -> LuaToken {
        var piece = scanner.next()
        while true {
            if case .longComment(let level) = piece.kind {
                try checkLongBracket(piece, level, what: "comment")
            } else if piece.kind != .lineComment {
                break
            }
            piece = scanner.next()
        }
        let position = position(of: piece)
        let kind = try kind(of: piece, at: position)
        let text: String
        switch kind {
        case .endOfFile: text = "<eof>"
        case .byte(let byte) where byte < 0x20 || byte == 0x7F: text = "char(\(byte))"
        default: text = shown(piece.range)
        }
        return LuaToken(kind: kind, position: position, endLine: scanner.line, text: text)
    }

    private func kind(
        of piece: LuaScanner.Piece, at position: SourcePosition
    ) throws(LuaSyntaxError) -> LuaToken.Kind {
        switch piece.kind {
        case .word:
            let text = String(decoding: bytes[piece.range], as: UTF8.self)
            return LuaToken.keywords[text].map { .keyword($0) } ?? .name(text)
        case .number:
            guard let value = Self.value(bytes[piece.range]) else {
                throw failure("malformed number near '\(shown(piece.range))'", at: position)
            }
            return .number(value)
        case .string: return .string(try quoted(piece, at: position))
        case .longString(let level):
            try checkLongBracket(piece, level, what: "string")
            return .string(longText(piece, level))
        case .halfBracket:
            throw failure("invalid long string delimiter near '\(shown(piece.range))'", at: position)
        case .symbol(let symbol): return .symbol(symbol)
        case .byte(let byte): return .byte(byte)
        case .lineComment, .longComment, .endOfFile: return .endOfFile
        }
    }

    // MARK: Positions

    private mutating func position(of piece: LuaScanner.Piece) -> SourcePosition {
        if counted.lineStart != piece.lineStart { counted = (piece.lineStart, piece.lineStart, 1) }
        counted.column += Self.characters(bytes[counted.index..<piece.range.lowerBound])
        counted.index = piece.range.lowerBound
        return SourcePosition(line: piece.line, column: counted.column)
    }

    /// The position of a byte in a piece, which may have several lines, or directly after it.
    private func position(of index: Int, in piece: LuaScanner.Piece) -> SourcePosition {
        var (line, lineStart, next) = (piece.line, piece.lineStart, piece.range.lowerBound)
        while next < index {
            if LuaScanner.isLineEnd(bytes[next]) {
                next = LuaScanner.end(ofLineEnd: next, in: bytes)
                line += 1
                lineStart = next
            } else {
                next += 1
            }
        }
        return SourcePosition(line: line, column: Self.characters(bytes[lineStart..<index]) + 1)
    }

    /// The number of Unicode scalars in some bytes of UTF-8: all bytes except continuation bytes.
    private static func characters(_ bytes: ArraySlice<UInt8>) -> Int { bytes.count { $0 & 0xC0 != 0x80 } }

    // MARK: Numbers

    /// The value of a decimal or hexadecimal number, read with the C library's functions as Lua's `luaO_str2d` does.
    private static func value(_ bytes: ArraySlice<UInt8>) -> Double? {
        var text = bytes.map { CChar(bitPattern: $0) }
        text.append(0)
        return text.withUnsafeBufferPointer { buffer -> Double? in
            guard let start = buffer.baseAddress else { return nil }
            var end: UnsafeMutablePointer<CChar>?
            var value = strtod(start, &end)
            guard var stop = end, UnsafePointer(stop) != start else { return nil }
            if stop.pointee == 0x78 || stop.pointee == 0x58 {
                value = Double(strtoul(start, &end, 16))
                guard let hexadecimal = end else { return nil }
                stop = hexadecimal
            }
            return stop.pointee == 0 ? value : nil
        }
    }

    // MARK: Strings

    private func quoted(_ piece: LuaScanner.Piece, at position: SourcePosition) throws(LuaSyntaxError) -> [UInt8] {
        var text: [UInt8] = []
        var index = piece.range.lowerBound + 1
        let end = piece.isFinished ? piece.range.upperBound - 1 : piece.range.upperBound
        while index < end {
            let byte = bytes[index]
            index += 1
            if byte == UInt8(ascii: "\\") {
                if index < end { try escape(&index, into: &text, of: piece, at: position) }
            } else {
                text.append(byte)
            }
        }
        if piece.isFinished { return text }
        if end == bytes.count {
            throw failure("unfinished string near '<eof>'", at: self.position(of: end, in: piece))
        }
        throw failure("unfinished string near '\(shown(piece.range))'", at: position)
    }

    /// Reads an escape sequence, from the byte after its backslash.
    private func escape(
        _ index: inout Int, into text: inout [UInt8], of piece: LuaScanner.Piece, at position: SourcePosition
    ) throws(LuaSyntaxError) {
        let byte = bytes[index]
        if let control = Self.escapes[byte] {
            text.append(control)
            index += 1
        } else if LuaScanner.isLineEnd(byte) {
            text.append(UInt8(ascii: "\n"))
            index = LuaScanner.end(ofLineEnd: index, in: bytes)
        } else if LuaScanner.isDigit(byte) {
            let digits = bytes[index..<min(index + 3, piece.range.upperBound)].prefix(while: LuaScanner.isDigit)
            let value = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
            index = digits.endIndex
            guard let code = UInt8(exactly: value) else {
                throw failure(
                    "escape sequence too large near '\(shown(piece.range.lowerBound..<index))'", at: position)
            }
            text.append(code)
        } else {
            text.append(byte)
            index += 1
        }
    }

    private static let escapes: [UInt8: UInt8] = [
        UInt8(ascii: "a"): 7, UInt8(ascii: "b"): 8, UInt8(ascii: "f"): 12, UInt8(ascii: "n"): 10, UInt8(ascii: "r"): 13,
        UInt8(ascii: "t"): 9, UInt8(ascii: "v"): 11,
    ]

    // MARK: Long brackets

    /// The bytes between the brackets of a long string or comment.
    private func content(_ piece: LuaScanner.Piece, _ level: Int) -> Range<Int> {
        var start = piece.range.lowerBound + level + 2
        if case .longComment = piece.kind { start += 2 }
        return start..<(piece.isFinished ? piece.range.upperBound - level - 2 : piece.range.upperBound)
    }

    private func checkLongBracket(
        _ piece: LuaScanner.Piece, _ level: Int, what: String
    ) throws(LuaSyntaxError) {
        let content = content(piece, level)
        if level == 0 {
            let open = UInt8(ascii: "[")
            if let nested = content.first(where: {
                bytes[$0] == open && $0 + 1 < bytes.count && bytes[$0 + 1] == open
            }) {
                throw failure(
                    "nesting of [[...]] is deprecated near '['", at: position(of: nested, in: piece))
            }
        }
        if !piece.isFinished {
            throw failure(
                "unfinished long \(what) near '<eof>'", at: position(of: content.upperBound, in: piece))
        }
    }

    /// The text of a long string: without a line end directly after the opening bracket, and with `\n` for each other
    /// line end.
    private func longText(_ piece: LuaScanner.Piece, _ level: Int) -> [UInt8] {
        let content = content(piece, level)
        var text: [UInt8] = []
        var index = content.lowerBound
        if index < content.upperBound, LuaScanner.isLineEnd(bytes[index]) {
            index = LuaScanner.end(ofLineEnd: index, in: bytes)
        }
        while index < content.upperBound {
            if LuaScanner.isLineEnd(bytes[index]) {
                text.append(UInt8(ascii: "\n"))
                index = LuaScanner.end(ofLineEnd: index, in: bytes)
            } else {
                text.append(bytes[index])
                index += 1
            }
        }
        return text
    }

    // MARK: Failures

    private func failure(_ message: String, at position: SourcePosition) -> LuaSyntaxError {
        LuaSyntaxError(position: position, message: message)
    }

    /// A piece of the source for a message: its first line, shortened.
    private func shown(_ range: Range<Int>) -> String {
        let line = bytes[range].prefix { !LuaScanner.isLineEnd($0) }
        let text = String(decoding: line.prefix(60), as: UTF8.self)
        return line.count > 60 ? text + "…" : text
    }
}
