extension JSON {
    /// This value as compact JSON text.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    /// This value as compact JSON in UTF-8.
    public var bytes: [UInt8] {
        var out: [UInt8] = []
        write(into: &out)
        return out
    }

    /// Appends this value as compact JSON in UTF-8; a number that is not finite becomes `null`.
    ///
    /// - Parameter out: Receives the bytes.
    public func write(into out: inout [UInt8]) {
        switch self {
        case .null: out.append(contentsOf: "null".utf8)
        case .bool(let value): out.append(contentsOf: (value ? "true" : "false").utf8)
        case .number(let value): JSON.write(number: value, into: &out)
        case .string(let value): JSON.write(string: value, into: &out)
        case .array(let elements):
            out.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                element.write(into: &out)
            }
            out.append(UInt8(ascii: "]"))
        case .object(let object):
            out.append(UInt8(ascii: "{"))
            for (index, member) in object.members.enumerated() {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                JSON.write(string: member.key, into: &out)
                out.append(UInt8(ascii: ":"))
                member.value.write(into: &out)
            }
            out.append(UInt8(ascii: "}"))
        }
    }

    /// Appends a number in a form that reads back to the same double.
    ///
    /// A whole number from -2^63 to below 2^63 is written in all its digits, so that a reader with a type for whole
    /// numbers takes it for one. Larger ones have an exponent, as no such type holds them everywhere; all others have
    /// the shortest form.
    ///
    /// - Parameters:
    ///   - value: The number; one that is not finite becomes `null`.
    ///   - out: Receives the bytes.
    public static func write(number value: Double, into out: inout [UInt8]) {
        guard value.isFinite else { return out.append(contentsOf: "null".utf8) }
        if let whole = Int(exactly: value) {
            out.append(contentsOf: String(whole).utf8)
        } else {
            out.append(contentsOf: value.description.utf8)
        }
    }

    /// Appends a string with its quotes, escaping what JSON forbids.
    ///
    /// - Parameters:
    ///   - value: The text.
    ///   - out: Receives the bytes.
    public static func write(string value: String, into out: inout [UInt8]) {
        var value = value
        value.withUTF8 { write(utf8: $0, into: &out) }
    }

    /// Appends UTF-8 as a JSON string with its quotes.
    ///
    /// - Parameters:
    ///   - utf8: Valid UTF-8.
    ///   - out: Receives the bytes.
    public static func write(utf8: UnsafeBufferPointer<UInt8>, into out: inout [UInt8]) {
        out.append(UInt8(ascii: "\""))
        var clean = 0
        for (index, byte) in utf8.enumerated()
        where byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
            out.append(contentsOf: utf8[clean..<index])
            clean = index + 1
            out.append(UInt8(ascii: "\\"))
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): out.append(byte)
            case 0x0A: out.append(UInt8(ascii: "n"))
            case 0x0D: out.append(UInt8(ascii: "r"))
            case 0x09: out.append(UInt8(ascii: "t"))
            default:
                let digits = Array("0123456789abcdef".utf8)
                out.append(contentsOf: "u00".utf8)
                out.append(digits[Int(byte >> 4)])
                out.append(digits[Int(byte & 15)])
            }
        }
        out.append(contentsOf: utf8[clean...])
        out.append(UInt8(ascii: "\""))
    }
}
