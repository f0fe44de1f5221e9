/// Why a text is not JSON: where, and what was wrong.
public struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The offset of the byte where the error is, from 0.
    public var offset: Int
    /// What was wrong and what is allowed.
    public var message: String

    /// The message with its place.
    public var description: String { "\(message) (byte \(offset))" }
}

extension JSON {
    /// Reads one JSON value (RFC 8259) that fills the whole text; a repeated key keeps its last value.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - maxDepth: How deep arrays and objects may nest.
    /// - Throws: ``JSONError`` with the offset of the first byte that does not fit.
    public init(parsing text: String, maxDepth: Int = 64) throws(JSONError) {
        try self.init(parsing: Array(text.utf8), maxDepth: maxDepth)
    }

    /// Reads one JSON value (RFC 8259) from UTF-8 that fills the whole array.
    ///
    /// - Parameters:
    ///   - bytes: UTF-8; malformed UTF-8 is an error.
    ///   - maxDepth: How deep arrays and objects may nest.
    /// - Throws: ``JSONError`` with the offset of the first byte that does not fit.
    /// - Complexity: O(bytes).
    public init(parsing bytes: [UInt8], maxDepth: Int = 64) throws(JSONError) {
        try self.init(parsing: bytes, maxDepth: maxDepth, keepsDigits: false)
    }

    /// As ``init(parsing:maxDepth:)``; with `keepsDigits`, each number is a string of the characters that stand in the
    /// text, for a caller who must know what a double rounds away.
    package init(parsing bytes: [UInt8], maxDepth: Int, keepsDigits: Bool) throws(JSONError) {
        let result = bytes.withUnsafeBufferPointer { buffer -> Result<JSON, JSONError> in
            var parser = JSONParser(bytes: buffer, maxDepth: maxDepth, keepsDigits: keepsDigits)
            do throws(JSONError) {
                return .success(try parser.document())
            } catch {
                return .failure(error)
            }
        }
        self = try result.get()
    }
}

/// A recursive-descent parser over one buffer.
private struct JSONParser {
    let bytes: UnsafeBufferPointer<UInt8>
    let maxDepth: Int
    let keepsDigits: Bool
    var index = 0
    var depth = 0

    init(bytes: UnsafeBufferPointer<UInt8>, maxDepth: Int, keepsDigits: Bool) {
        self.bytes = bytes
        self.maxDepth = maxDepth
        self.keepsDigits = keepsDigits
    }

    var current: UInt8? { index < bytes.count ? bytes[index] : nil }

    func failure(_ message: String, at offset: Int? = nil) -> JSONError {
        JSONError(offset: offset ?? index, message: message)
    }

    /// A byte, or the end, as an error shows it.
    func shown(_ byte: UInt8?) -> String {
        switch byte {
        case nil: "the end of the text"
        case .some(let byte) where 0x20..<0x7F ~= byte: "'\(Character(Unicode.Scalar(byte)))'"
        case .some(let byte): "the byte 0x\(byte < 16 ? "0" : "")\(String(byte, radix: 16))"
        }
    }

    func control(_ byte: UInt8) -> JSONError {
        failure("a string can't contain \(shown(byte)); write it as an escape such as \\n or \\u0001")
    }

    func halfPair(at offset: Int) -> JSONError {
        failure("\\u with half of a surrogate pair; write both halves, such as \\ud83d\\ude00", at: offset)
    }

    mutating func document() throws(JSONError) -> JSON {
        let value = try value()
        skipSpace()
        guard index == bytes.count else { throw failure("text after the end of the JSON value") }
        return value
    }

    mutating func skipSpace() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { index += 1 }
    }

    mutating func value() throws(JSONError) -> JSON {
        skipSpace()
        guard let byte = current else { throw failure("the text ends where a JSON value should stand") }
        switch byte {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            let start = index
            let number = try number()
            guard keepsDigits else { return .number(number) }
            return .string(String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<index]), as: UTF8.self))
        default:
            throw failure("no JSON value begins with \(shown(byte)); write text in double quotes")
        }
    }

    mutating func literal(_ word: StaticString, _ value: JSON) throws(JSONError) -> JSON {
        let start = index
        for offset in 0..<word.utf8CodeUnitCount {
            guard current == word.utf8Start[offset] else {
                throw failure(
                    "not a JSON value; without quotes only true, false, null and numbers are allowed", at: start)
            }
            index += 1
        }
        return value
    }

    mutating func enter() throws(JSONError) {
        depth += 1
        if depth > maxDepth { throw failure("nested deeper than \(maxDepth) levels") }
        index += 1
        skipSpace()
    }

    mutating func array() throws(JSONError) -> JSON {
        try enter()
        defer { depth -= 1 }
        var elements: [JSON] = []
        if current == UInt8(ascii: "]") {
            index += 1
            return .array(elements)
        }
        while true {
            elements.append(try value())
            skipSpace()
            let separator = current
            guard separator == UInt8(ascii: ",") || separator == UInt8(ascii: "]") else {
                throw failure("expected ',' or ']' in an array, got \(shown(separator))")
            }
            index += 1
            if separator == UInt8(ascii: "]") { return .array(elements) }
        }
    }

    mutating func object() throws(JSONError) -> JSON {
        try enter()
        defer { depth -= 1 }
        var members: [(String, JSON)] = []
        if current == UInt8(ascii: "}") {
            index += 1
            return .object([:])
        }
        while true {
            skipSpace()
            guard current == UInt8(ascii: "\"") else {
                throw failure("expected a key in double quotes, got \(shown(current))")
            }
            let key = try string()
            skipSpace()
            guard current == UInt8(ascii: ":") else {
                throw failure("expected ':' after a key, got \(shown(current))")
            }
            index += 1
            members.append((key, try value()))
            skipSpace()
            let separator = current
            guard separator == UInt8(ascii: ",") || separator == UInt8(ascii: "}") else {
                throw failure("expected ',' or '}' in an object, got \(shown(separator))")
            }
            index += 1
            if separator == UInt8(ascii: "}") { return .object(JSONObject(lastWins: members)) }
        }
    }

    mutating func string() throws(JSONError) -> String {
        let open = index
        index += 1
        let start = index
        var isASCII = true
        while let byte = current, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
            if byte < 0x20 { throw control(byte) }
            if byte >= 0x80 { isASCII = false }
            index += 1
        }
        guard let byte = current else { throw failure("a string without its closing quote", at: open) }
        if byte == UInt8(ascii: "\"") {
            let slice = UnsafeBufferPointer(rebasing: bytes[start..<index])
            index += 1
            if isASCII { return String(decoding: slice, as: UTF8.self) }
            guard let text = String(validating: slice, as: UTF8.self) else {
                throw failure("malformed UTF-8 in a string", at: open)
            }
            return text
        }
        return try escapedString(from: start, open: open)
    }

    mutating func escapedString(from start: Int, open: Int) throws(JSONError) -> String {
        var decoded = Array(bytes[start..<index])
        while true {
            guard let byte = current else { throw failure("a string without its closing quote", at: open) }
            if byte < 0x20 { throw control(byte) }
            index += 1
            if byte == UInt8(ascii: "\"") { break }
            if byte == UInt8(ascii: "\\") {
                try escape(into: &decoded)
            } else {
                decoded.append(byte)
            }
        }
        guard let text = String(validating: decoded, as: UTF8.self) else {
            throw failure("malformed UTF-8 in a string", at: open)
        }
        return text
    }

    mutating func escape(into decoded: inout [UInt8]) throws(JSONError) {
        guard let byte = current else { throw failure("the text ends inside an escape") }
        index += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): decoded.append(byte)
        case UInt8(ascii: "b"): decoded.append(0x08)
        case UInt8(ascii: "f"): decoded.append(0x0C)
        case UInt8(ascii: "n"): decoded.append(0x0A)
        case UInt8(ascii: "r"): decoded.append(0x0D)
        case UInt8(ascii: "t"): decoded.append(0x09)
        case UInt8(ascii: "u"): decoded.append(contentsOf: Array(String(try unicodeEscape()).utf8))
        default:
            throw failure(
                "\(shown(byte)) after \\ is no escape; allowed are \" \\ / b f n r t and u with four digits",
                at: index - 1)
        }
    }

    mutating func unicodeEscape() throws(JSONError) -> Unicode.Scalar {
        let start = index
        let high = try hexQuad()
        if let scalar = Unicode.Scalar(high) { return scalar }
        guard high < 0xDC00, current == UInt8(ascii: "\\"), index + 1 < bytes.count,
            bytes[index + 1] == UInt8(ascii: "u")
        else { throw halfPair(at: start) }
        index += 2
        let low = try hexQuad()
        guard (0xDC00..<0xE000).contains(low),
            let scalar = Unicode.Scalar(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
        else { throw halfPair(at: start) }
        return scalar
    }

    mutating func hexQuad() throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = current, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw failure("\\u needs four hexadecimal digits, got \(shown(current))")
            }
            value = value << 4 | UInt32(digit)
            index += 1
        }
        return value
    }

    mutating func digits() -> Int {
        let start = index
        while let byte = current, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { index += 1 }
        return index - start
    }

    mutating func number() throws(JSONError) -> Double {
        let start = index
        if current == UInt8(ascii: "-") { index += 1 }
        let first = current
        let whole = digits()
        guard whole > 0, whole == 1 || first != UInt8(ascii: "0") else {
            throw failure("a number has digits, and no 0 before other digits", at: start)
        }
        var isInteger = true
        if current == UInt8(ascii: ".") {
            isInteger = false
            index += 1
            guard digits() > 0 else { throw failure("a number needs digits after its point", at: start) }
        }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            isInteger = false
            index += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { index += 1 }
            guard digits() > 0 else { throw failure("a number needs digits in its exponent", at: start) }
        }
        if isInteger, index - start <= 16 {
            var value = 0
            let isNegative = bytes[start] == UInt8(ascii: "-")
            for position in (isNegative ? start + 1 : start)..<index {
                value = value * 10 + Int(bytes[position] - UInt8(ascii: "0"))
            }
            return isNegative ? -Double(value) : Double(value)
        }
        let text = String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<index]), as: UTF8.self)
        guard let value = Double(text), value.isFinite else {
            throw failure("a number beyond what a double can hold, about 1.8e308", at: start)
        }
        return value
    }
}

extension JSONObject {
    /// Makes an object from parsed members; a repeated key keeps its first place and its last value.
    ///
    /// - Complexity: O(members).
    package init(lastWins pairs: [(String, JSON)]) {
        self.init()
        if pairs.count <= 8 {
            for (key, value) in pairs { self[key] = value }
            return
        }
        var last: [ExactText: JSON] = [:]
        last.reserveCapacity(pairs.count)
        for (key, value) in pairs { last[ExactText(key)] = value }
        for (key, _) in pairs {
            if let value = last.removeValue(forKey: ExactText(key)) { append(unique: key, value) }
        }
    }
}
