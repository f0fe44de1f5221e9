import JSONValues

/// Reads JSON text that this server wrote, without spaces, and translates it to MessagePack.
///
/// It never reads beyond the text, also when the text is not what it should be.
struct JSONCursor {
    /// A number as its digits say, or as a double when there are too many digits or an exponent.
    enum Number {
        case decimal(mantissa: Int, decimals: Int)
        case double(Double)
    }

    private let text: UnsafeBufferPointer<UInt8>
    /// The position of the next byte.
    private(set) var offset = 0

    init(_ text: UnsafeBufferPointer<UInt8>) { self.text = text }

    /// The next byte; 0 at the end.
    var next: UInt8 { offset < text.count ? text[offset] : 0 }

    /// Moves to a position.
    mutating func move(to offset: Int) { self.offset = offset }

    /// A part of the text.
    subscript(range: Range<Int>) -> UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(rebasing: text[range]) }

    /// Passes a byte, if it is the next one.
    mutating func pass(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        offset += 1
        return true
    }

    /// Passes what stands before a member of an object: a comma or the opening brace.
    ///
    /// - Returns: Whether a member follows.
    mutating func passSeparator() -> Bool {
        if next == UInt8(ascii: ",") || next == UInt8(ascii: "{") { offset += 1 }
        return next == UInt8(ascii: "\"")
    }

    /// Passes a member's name and its colon.
    ///
    /// - Returns: Where the name is; its names are never written with escapes.
    mutating func name() -> Range<Int> {
        guard let range = plainString() else { return offset..<offset }
        _ = pass(UInt8(ascii: ":"))
        return range
    }

    /// Passes a string without escapes.
    ///
    /// - Returns: The part between the quotes; `nil`, and nothing is passed, for a string with escapes or no string.
    mutating func plainString() -> Range<Int>? {
        guard next == UInt8(ascii: "\"") else { return nil }
        var end = offset + 1
        while end < text.count, text[end] != UInt8(ascii: "\"") {
            if text[end] == UInt8(ascii: "\\") { return nil }
            end += 1
        }
        guard end < text.count else { return nil }
        defer { offset = end + 1 }
        return offset + 1..<end
    }

    /// Whether a part of the text is this.
    func matches(_ range: Range<Int>, _ other: StaticString) -> Bool {
        range.count == other.utf8CodeUnitCount && other.withUTF8Buffer { $0.elementsEqual(text[range]) }
    }

    /// Passes a value of any type.
    mutating func skipValue() {
        var depth = 0
        repeat {
            switch next {
            case UInt8(ascii: "\""): skipString()
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                offset += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                offset += 1
            case UInt8(ascii: ","), UInt8(ascii: ":"): offset += 1
            case 0: return
            default: skipWord()
            }
        } while depth > 0 && offset < text.count
    }

    private mutating func skipString() {
        offset += 1
        while offset < text.count, text[offset] != UInt8(ascii: "\"") {
            offset += text[offset] == UInt8(ascii: "\\") ? 2 : 1
        }
        offset = min(offset + 1, text.count)
    }

    /// Passes a number or `true`, `false` or `null`.
    private mutating func skipWord() {
        let start = offset
        while offset < text.count, Self.isOfWord(text[offset]) { offset += 1 }
        // So that no text can stop the reading for ever.
        if offset == start { offset = min(offset + 1, text.count) }
    }

    private static func isOfWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "E"),
            UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    /// Passes a number; `nil` for another word, which is passed too.
    mutating func number() -> Number? {
        let start = offset
        skipWord()
        var (mantissa, decimals, digits, isFraction) = (0, 0, 0, false)
        let isNegative = start < offset && text[start] == UInt8(ascii: "-")
        for byte in text[start + (isNegative ? 1 : 0)..<offset] {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                digits += 1
                if isFraction { decimals += 1 }
                guard digits <= 18 else { return double(start..<offset) }
                mantissa = mantissa * 10 + Int(byte - UInt8(ascii: "0"))
            case UInt8(ascii: ".") where !isFraction: isFraction = true
            default: return double(start..<offset)
            }
        }
        guard digits > 0 else { return nil }
        // With more digits, the quotient of the two numbers would not be the nearest double.
        if decimals > 0, mantissa > 9_007_199_254_740_991 { return double(start..<offset) }
        return .decimal(mantissa: isNegative ? -mantissa : mantissa, decimals: decimals)
    }

    private func double(_ range: Range<Int>) -> Number? {
        let word = String(decoding: text[range], as: UTF8.self)
        if let whole = Int(word) { return .decimal(mantissa: whole, decimals: 0) }
        return Double(word).map { .double($0) }
    }

    /// Passes a value and writes it as MessagePack.
    mutating func translate(to out: ByteWriter) {
        switch next {
        case UInt8(ascii: "\""): translateString(to: out)
        case UInt8(ascii: "{"): translateMembers(to: out, isMap: true, end: UInt8(ascii: "}"))
        case UInt8(ascii: "["): translateMembers(to: out, isMap: false, end: UInt8(ascii: "]"))
        case UInt8(ascii: "t"): word(0xC3, to: out)
        case UInt8(ascii: "f"): word(0xC2, to: out)
        case UInt8(ascii: "n"): word(ByteWriter.packedNil, to: out)
        default:
            switch number() {
            case .decimal(let mantissa, 0): out.write(packed: mantissa)
            case .decimal(let mantissa, let decimals):
                out.write(packedFloat: Double(mantissa) / .tenTo(decimals))
            case .double(let value): out.write(packedFloat: value)
            case nil: out.write(ByteWriter.packedNil)
            }
        }
    }

    private mutating func word(_ byte: UInt8, to out: ByteWriter) {
        skipWord()
        out.write(byte)
    }

    private mutating func translateMembers(to out: ByteWriter, isMap: Bool, end: UInt8) {
        let start = out.count
        out.write(0 as UInt8)
        offset += 1
        var count = 0
        while offset < text.count, !pass(end) {
            if isMap {
                translateString(to: out)
                _ = pass(UInt8(ascii: ":"))
            }
            translate(to: out)
            count += 1
            _ = pass(UInt8(ascii: ","))
        }
        out.complete(packedAt: start, elements: count, isMap: isMap)
    }

    private mutating func translateString(to out: ByteWriter) {
        if let range = plainString() { return out.write(packedText: self[range]) }
        let start = offset
        skipValue()
        let string = (try? JSON(parsing: Array(text[start..<offset])))?.string ?? ""
        Array(string.utf8).withUnsafeBufferPointer { out.write(packedText: $0) }
    }
}
