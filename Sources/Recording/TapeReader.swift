import JSONValues

/// Reads what ``TapeWriter`` wrote. The bytes come from a file, so every value is checked.
struct TapeReader {
    private let bytes: ArraySlice<UInt8>
    private var index: Int

    init(_ bytes: [UInt8]) {
        self.bytes = bytes[...]
        index = 0
    }

    /// How deep arrays and objects may nest; values in a map nest less deep.
    private static let maxDepth = 100

    var isAtEnd: Bool { index == bytes.endIndex }

    /// The next byte, without reading past it; must not be called at the end.
    func peek() -> UInt8 { bytes[index] }

    private static func malformed() -> RecordingError { .malformed("a value ends too early or can't be") }

    mutating func byte() throws(RecordingError) -> UInt8 {
        guard index < bytes.endIndex else { throw Self.malformed() }
        defer { index += 1 }
        return bytes[index]
    }

    mutating func flag() throws(RecordingError) -> Bool { try byte() != 0 }

    mutating func unsigned() throws(RecordingError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), through: 63, by: 7) {
            let next = try byte()
            value |= UInt64(next & 127) << shift
            if next < 128 { return value }
        }
        throw Self.malformed()
    }

    /// A number of elements, each of which takes at least one byte.
    mutating func count() throws(RecordingError) -> Int {
        let value = try unsigned()
        guard value <= UInt64(bytes.endIndex - index) else { throw Self.malformed() }
        return Int(value)
    }

    mutating func integer() throws(RecordingError) -> Int {
        let value = Int64(bitPattern: try unsigned())
        return Int((value >> 1 & .max) ^ -(value & 1))
    }

    mutating func fixed64() throws(RecordingError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 8) { value |= UInt64(try byte()) << shift }
        return value
    }

    mutating func fixed32() throws(RecordingError) -> UInt32 {
        var value: UInt32 = 0
        for shift in stride(from: UInt32(0), to: 32, by: 8) { value |= UInt32(try byte()) << shift }
        return value
    }

    mutating func double() throws(RecordingError) -> Double { Double(bitPattern: try fixed64()) }

    mutating func data() throws(RecordingError) -> [UInt8] {
        let count = try count()
        defer { index += count }
        return Array(bytes[index..<index + count])
    }

    mutating func text() throws(RecordingError) -> String { String(decoding: try data(), as: UTF8.self) }

    mutating func optional<Value>(
        _ body: (inout TapeReader) throws(RecordingError) -> Value
    ) throws(RecordingError) -> Value? {
        try flag() ? try body(&self) : nil
    }

    mutating func json(depth: Int = 0) throws(RecordingError) -> JSON {
        guard depth <= Self.maxDepth else { throw Self.malformed() }
        switch try byte() {
        case 0: return .null
        case 1: return .bool(false)
        case 2: return .bool(true)
        case 3: return .number(try double())
        case 4: return .string(try text())
        case 5:
            var elements: [JSON] = []
            for _ in 0..<(try count()) { elements.append(try json(depth: depth + 1)) }
            return .array(elements)
        case 6: return .object(try object(depth: depth + 1))
        default: throw Self.malformed()
        }
    }

    mutating func object(depth: Int = 0) throws(RecordingError) -> JSONObject {
        var object = JSONObject()
        for _ in 0..<(try count()) {
            let name = try text()
            object.append(unique: name, try json(depth: depth))
        }
        return object
    }
}
