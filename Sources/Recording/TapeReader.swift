import JSONValues

/// Reads what ``TapeWriter`` wrote. The bytes come from a file, so every value is checked.
struct TapeReader {
    private let bytes: ArraySlice<UInt8>
    private var index: Int
    /// Where the chunk with these bytes begins in its file, for messages.
    private let chunk: Int

    /// Makes a reader.
    ///
    /// - Parameters:
    ///   - bytes: A chunk's content.
    ///   - chunk: Where the chunk begins in its file.
    init(_ bytes: [UInt8], chunkAt chunk: Int = 0) {
        self.bytes = bytes[...]
        self.chunk = chunk
        index = 0
    }

    /// How deep arrays and objects may nest; values in a map nest less deep.
    private static let maxDepth = 100

    var isAtEnd: Bool { index == bytes.endIndex }

    /// The next byte, without reading past it; must not be called at the end.
    func peek() -> UInt8 { bytes[index] }

    /// An error with its place.
    ///
    /// - Parameters:
    ///   - what: What is wrong and what is allowed.
    ///   - back: How many bytes before the next one the wrong value begins.
    /// - Returns: The error.
    func malformed(_ what: String, back: Int = 0) -> RecordingError {
        .malformed("\(what); byte \(index - back) of the part that begins at byte \(chunk) of the file")
    }

    /// Refuses the byte that was just read.
    func unknown(_ byte: UInt8, _ what: String) -> RecordingError {
        malformed("\(byte) is not \(what)", back: 1)
    }

    mutating func byte() throws(RecordingError) -> UInt8 {
        guard index < bytes.endIndex else { throw malformed("a value ends too early") }
        defer { index += 1 }
        return bytes[index]
    }

    mutating func flag() throws(RecordingError) -> Bool {
        switch try byte() {
        case 0: false
        case 1: true
        case let other: throw unknown(other, "0 or 1, which say no and yes")
        }
    }

    mutating func unsigned() throws(RecordingError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), through: 63, by: 7) {
            let next = try byte()
            value |= UInt64(next & 127) << shift
            if next < 128 { return value }
        }
        throw malformed("a whole number takes more than 10 bytes", back: 10)
    }

    /// A number of elements, each of which takes at least one byte.
    mutating func count() throws(RecordingError) -> Int {
        let value = try unsigned()
        guard value <= UInt64(bytes.endIndex - index) else {
            throw malformed("\(value) elements or bytes should follow, but only \(bytes.endIndex - index) bytes do")
        }
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
        guard depth <= Self.maxDepth else { throw malformed("a value nests more than \(Self.maxDepth) levels deep") }
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
        case let other: throw unknown(other, "a type of JSON value, 0 to 6")
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
