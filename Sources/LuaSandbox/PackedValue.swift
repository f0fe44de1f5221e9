internal import CLuaRuntime

/// The tags of the packed form in which tables cross the border.
///
/// | tag | meaning | payload (little-endian) |
/// |---|---|---|
/// | 0, 1, 2 | nil, false, true | |
/// | 3 | number | 8 bytes, IEEE 754 |
/// | 4 | string | UInt32 length, bytes |
/// | 5 | array | UInt32 count, that many values |
/// | 6 | object | UInt32 count, that many pairs of key (a number or a string) and value |
/// | 7 | reference | 16 bytes; to scripts, where it becomes a proxy, and back for ``HostClass/Options/movable`` |
public enum PackedTag: UInt8, Sendable {
    case `nil` = 0
    case `false` = 1
    case `true` = 2
    case number = 3
    case string = 4
    case array = 5
    case object = 6
    case reference = 7
}

/// Reads packed values one item at a time, without allocating.
public struct PackedReader {
    /// One item. After `array(n)` follow n values, after `object(n)` n pairs of key and value.
    public enum Item {
        case `nil`
        case bool(Bool)
        case number(Double)
        case string(UnsafeRawBufferPointer)
        case array(count: Int)
        case object(count: Int)
        /// An object of a class that is ``HostClass/Options/movable``.
        case reference(HostReference)
    }

    private let bytes: UnsafeRawBufferPointer
    private var offset = 0

    /// Creates a reader. The bytes must outlive it.
    public init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// Whether everything was read.
    public var isAtEnd: Bool { offset >= bytes.count }

    private mutating func load<T: BitwiseCopyable>(_ type: T.Type) -> T? {
        guard bytes.count - offset >= MemoryLayout<T>.size else { return nil }
        defer { offset += MemoryLayout<T>.size }
        return bytes.loadUnaligned(fromByteOffset: offset, as: type)
    }

    /// The next item, or nil at the end and where the bytes are not a packed value.
    public mutating func next() -> Item? {
        guard let byte = load(UInt8.self), let tag = PackedTag(rawValue: byte) else { return nil }
        switch tag {
        case .nil: return .nil
        case .false: return .bool(false)
        case .true: return .bool(true)
        case .number: return load(UInt64.self).map { .number(Double(bitPattern: UInt64(littleEndian: $0))) }
        case .string:
            guard let raw = load(UInt32.self) else { return nil }
            let length = Int(UInt32(littleEndian: raw))
            guard bytes.count - offset >= length else { return nil }
            defer { offset += length }
            return .string(UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + length]))
        case .array: return load(UInt32.self).map { .array(count: Int(UInt32(littleEndian: $0))) }
        case .object: return load(UInt32.self).map { .object(count: Int(UInt32(littleEndian: $0))) }
        case .reference: return load(plr_ref.self).map { .reference(HostReference($0)) }
        }
    }

    /// The next whole value; nil where the bytes are not a packed value or nest deeper than 64.
    public mutating func value() -> LuaValue? {
        value(depth: 0)
    }

    private mutating func value(depth: Int) -> LuaValue? {
        guard depth <= 64, let item = next() else { return nil }
        switch item {
        case .nil: return .nil
        case .bool(let value): return .bool(value)
        case .number(let value): return .number(value)
        case .string(let value): return .string(String(decoding: value, as: UTF8.self))
        case .reference(let value): return .reference(value)
        case .array(let count):
            var values: [LuaValue] = []
            values.reserveCapacity(min(count, bytes.count - offset))
            for _ in 0..<count {
                guard let value = value(depth: depth + 1) else { return nil }
                values.append(value)
            }
            return .array(values)
        case .object(let count):
            var fields: [LuaField] = []
            fields.reserveCapacity(min(count, bytes.count - offset))
            for _ in 0..<count {
                guard let key = self.next(), let value = value(depth: depth + 1) else { return nil }
                switch key {
                case .string(let name): fields.append(LuaField(String(decoding: name, as: UTF8.self), value))
                case .number(let number): fields.append(LuaField(key: .number(number), value: value))
                case .nil, .bool, .array, .object, .reference: return nil
                }
            }
            return .object(fields)
        }
    }
}

/// Writes packed values into a growing buffer that can be used again.
public struct PackedWriter {
    /// What was written so far.
    public private(set) var bytes: [UInt8] = []

    /// Creates an empty writer.
    public init() {}

    /// One value, packed.
    public static func pack(_ value: LuaValue) -> [UInt8] {
        var writer = PackedWriter()
        writer.append(value)
        return writer.bytes
    }

    /// Forgets what was written and keeps the memory.
    public mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
    }

    private mutating func append(tag: PackedTag) {
        bytes.append(tag.rawValue)
    }

    private mutating func append(integer: UInt32) {
        withUnsafeBytes(of: integer.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// Appends nil.
    public mutating func appendNil() { append(tag: .nil) }

    /// Appends a boolean.
    public mutating func append(_ value: Bool) { append(tag: value ? .true : .false) }

    /// Appends a number.
    public mutating func append(_ value: Double) {
        append(tag: .number)
        withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// Appends a string.
    public mutating func append(_ value: String) {
        append(tag: .string)
        append(integer: UInt32(value.utf8.count))
        bytes.append(contentsOf: value.utf8)
    }

    /// Appends a string of any bytes.
    public mutating func append(string value: UnsafeRawBufferPointer) {
        append(tag: .string)
        append(integer: UInt32(value.count))
        bytes.append(contentsOf: value)
    }

    /// Appends a reference, which becomes a proxy in Lua: for lists of entities.
    public mutating func append(_ value: HostReference) {
        append(tag: .reference)
        withUnsafeBytes(of: value.ref) { bytes.append(contentsOf: $0) }
    }

    /// Appends the head of an array; `count` values must follow.
    public mutating func beginArray(count: Int) {
        append(tag: .array)
        append(integer: UInt32(count))
    }

    /// Appends the head of an object; `count` pairs of key (string or number) and value must follow.
    public mutating func beginObject(count: Int) {
        append(tag: .object)
        append(integer: UInt32(count))
    }

    /// Appends a whole value; `other` becomes nil.
    public mutating func append(_ value: LuaValue) {
        switch value {
        case .nil, .other: appendNil()
        case .reference(let value): append(value)
        case .bool(let value): append(value)
        case .number(let value): append(value)
        case .string(let value): append(value)
        case .array(let values):
            beginArray(count: values.count)
            for value in values { append(value) }
        case .object(let fields):
            beginObject(count: fields.count)
            for field in fields {
                switch field.key {
                case .string(let key): append(key)
                case .number(let key): append(key)
                }
                append(field.value)
            }
        }
    }
}
