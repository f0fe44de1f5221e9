import Glibc

/// Cuts a script into tokens as Lua 5.1 does in the C locale.
struct LuaLexer {
    private let bytes: [UInt8]
    private var index = 0
    /// The line at `index`.
    private(set) var line = 1
    /// How far columns are counted, and the column there. Positions only go forward, so each byte is counted once.
    private var counted = 0
    private var column = 1

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    private var current: UInt8? { index < bytes.count ? bytes[index] : nil }

    private func byte(after count: Int) -> UInt8? { index + count < bytes.count ? bytes[index + count] : nil }

    /// The next token; after the last one it is the end of the file, any number of times.
    mutating func next() throws(LuaSyntaxError) -> LuaToken {
        try skipSpace()
        let start = index
        let position = position()
        let kind = try kind(at: position)
        let text: String
        switch kind {
        case .endOfFile: text = "<eof>"
        case .byte(let byte) where byte < 0x20 || byte == 0x7F: text = "char(\(byte))"
        default: text = shown(start..<index)
        }
        return LuaToken(kind: kind, position: position, endLine: line, text: text)
    }

    private mutating func kind(at position: SourcePosition) throws(LuaSyntaxError) -> LuaToken.Kind {
        guard let byte = current else { return .endOfFile }
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
            return word()
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            return try number(at: position)
        case UInt8(ascii: "\""), UInt8(ascii: "'"):
            return .string(try quoted(byte, at: position))
        case UInt8(ascii: "["):
            if let level = longBracketLevel() { return .string(try longBracket(level, at: position, what: "string")) }
            if self.byte(after: 1) == UInt8(ascii: "=") {
                let start = index
                index += 1
                while current == UInt8(ascii: "=") { index += 1 }
                throw failure("invalid long string delimiter near '\(shown(start..<index))'", at: position)
            }
        case UInt8(ascii: "."):
            if self.byte(after: 1) == byte {
                index += 2
                guard current == byte else { return .symbol(.concat) }
                index += 1
                return .symbol(.dots)
            }
            if let next = self.byte(after: 1), Self.isDigit(next) { return try number(at: position) }
        case UInt8(ascii: "="), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "~"):
            if self.byte(after: 1) == UInt8(ascii: "=") {
                index += 2
                switch byte {
                case UInt8(ascii: "="): return .symbol(.equal)
                case UInt8(ascii: "<"): return .symbol(.lessOrEqual)
                case UInt8(ascii: ">"): return .symbol(.greaterOrEqual)
                default: return .symbol(.notEqual)
                }
            }
        default: break
        }
        index += 1
        return .byte(byte)
    }

    // MARK: Space

    private mutating func skipSpace() throws(LuaSyntaxError) {
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"): newline()
            case UInt8(ascii: " "), 0x09, 0x0B, 0x0C: index += 1
            case UInt8(ascii: "-") where self.byte(after: 1) == byte:
                let position = position()
                index += 2
                if current == UInt8(ascii: "["), let level = longBracketLevel() {
                    _ = try longBracket(level, at: position, what: "comment")
                } else {
                    while let byte = current, byte != UInt8(ascii: "\n"), byte != UInt8(ascii: "\r") { index += 1 }
                }
            default: return
            }
        }
    }

    /// Steps over a line's end: one byte, or `\r\n`, or `\n\r`.
    private mutating func newline() {
        let first = bytes[index]
        _ = position()
        index += 1
        if let second = current, second == UInt8(ascii: "\n") || second == UInt8(ascii: "\r"), second != first {
            index += 1
        }
        line += 1
        counted = index
        column = 1
    }

    /// The position of `index`.
    private mutating func position() -> SourcePosition {
        while counted < index {
            // The continuation bytes of a UTF-8 character are part of its column.
            if bytes[counted] & 0xC0 != 0x80 { column += 1 }
            counted += 1
        }
        return SourcePosition(line: line, column: column)
    }

    // MARK: Words and numbers

    private mutating func word() -> LuaToken.Kind {
        let start = index
        while let byte = current, Self.isLetter(byte) || Self.isDigit(byte) { index += 1 }
        let text = String(decoding: bytes[start..<index], as: UTF8.self)
        return LuaToken.keywords[text].map { .keyword($0) } ?? .name(text)
    }

    private mutating func number(at position: SourcePosition) throws(LuaSyntaxError) -> LuaToken.Kind {
        let start = index
        while let byte = current, Self.isDigit(byte) || byte == UInt8(ascii: ".") { index += 1 }
        if let byte = current, byte | 0x20 == UInt8(ascii: "e") {
            index += 1
            if let sign = current, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { index += 1 }
        }
        while let byte = current, Self.isLetter(byte) || Self.isDigit(byte) { index += 1 }
        guard let value = Self.value(bytes[start..<index]) else {
            throw failure("malformed number near '\(shown(start..<index))'", at: position)
        }
        return .number(value)
    }

    /// The number that the C library reads, as Lua asks it: a decimal, or a hexadecimal one.
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

    private mutating func quoted(_ quote: UInt8, at position: SourcePosition) throws(LuaSyntaxError) -> [UInt8] {
        let start = index
        var text: [UInt8] = []
        index += 1
        while true {
            guard let byte = current else { throw failure("unfinished string near '<eof>'", at: self.position()) }
            switch byte {
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                throw failure("unfinished string near '\(shown(start..<index))'", at: position)
            case UInt8(ascii: "\\"): try escape(into: &text, start: start, at: position)
            case quote:
                index += 1
                return text
            default:
                text.append(byte)
                index += 1
            }
        }
    }

    private mutating func escape(
        into text: inout [UInt8], start: Int, at position: SourcePosition
    ) throws(LuaSyntaxError) {
        index += 1
        guard let byte = current else { return }
        if let control = Self.escapes[byte] {
            text.append(control)
            index += 1
        } else if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
            text.append(UInt8(ascii: "\n"))
            newline()
        } else if Self.isDigit(byte) {
            var value = 0
            var digits = 0
            while let digit = current, Self.isDigit(digit), digits < 3 {
                value = value * 10 + Int(digit - UInt8(ascii: "0"))
                digits += 1
                index += 1
            }
            guard let code = UInt8(exactly: value) else {
                throw failure("escape sequence too large near '\(shown(start..<index))'", at: position)
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

    /// The number of `=` in a long bracket that opens at `index`; `nil` when none does.
    private func longBracketLevel() -> Int? {
        var level = 0
        while byte(after: 1 + level) == UInt8(ascii: "=") { level += 1 }
        return byte(after: 1 + level) == UInt8(ascii: "[") ? level : nil
    }

    private mutating func longBracket(
        _ level: Int, at position: SourcePosition, what: String
    ) throws(LuaSyntaxError) -> [UInt8] {
        index += level + 2
        if let byte = current, byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") { newline() }
        var text: [UInt8] = []
        while true {
            guard let byte = current else {
                throw failure("unfinished long \(what) near '<eof>'", at: self.position())
            }
            switch byte {
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                text.append(UInt8(ascii: "\n"))
                newline()
            case UInt8(ascii: "]"):
                var end = 1
                while self.byte(after: end) == UInt8(ascii: "=") { end += 1 }
                if end == level + 1, self.byte(after: end) == byte {
                    index += end + 1
                    return text
                }
                text += bytes[index..<(index + end)]
                index += end
            case UInt8(ascii: "[") where level == 0 && self.byte(after: 1) == byte:
                throw failure("nesting of [[...]] is deprecated near '['", at: self.position())
            default:
                text.append(byte)
                index += 1
            }
        }
    }

    // MARK: Help

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
    }

    private func failure(_ message: String, at position: SourcePosition) -> LuaSyntaxError {
        LuaSyntaxError(position: position, message: message)
    }

    /// A piece of the source for a message: its first line, shortened.
    private func shown(_ range: Range<Int>) -> String {
        let line = bytes[range].prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        let text = String(decoding: line.prefix(60), as: UTF8.self)
        return line.count > 60 ? text + "…" : text
    }
}
