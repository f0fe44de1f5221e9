package import JSONValues
import World

/// Reads messages of the compact encoding as `docs/msgpack.md` describes them; it shares no code with the encoder.
package struct CompactReader {
    package struct Failure: Error { var message: String }

    private enum Value {
        case none
        case bool(Bool)
        case whole(Int)
        case float(Double)
        case text(String)
        case array([Value])
        case map([(String, Value)])

        var json: JSON {
            switch self {
            case .none: .null
            case .bool(let value): .bool(value)
            case .whole(let value): .number(Double(value))
            case .float(let value): .number(value)
            case .text(let value): .string(value)
            case .array(let values): .array(values.map(\.json))
            case .map(let members): .object(object(members))
            }
        }

        private func object(_ members: [(String, Value)]) -> JSONObject {
            var object = JSONObject()
            for (key, value) in members { object[key] = value.json }
            return object
        }
    }

    private var texts: [String] = []
    private var shapes: [[Value]] = []
    private var decimals = 0
    private var bytes: [UInt8] = []
    private var offset = 0

    /// Makes a reader that knows no texts and no shapes.
    package init() {}

    /// Reads one message.
    package mutating func message(_ bytes: [UInt8]) throws -> JSON {
        (self.bytes, offset) = (bytes, 0)
        let first = try value()
        if case .map = first { return first.json }
        let isSnapshot = try whole(first) == 1
        if isSnapshot { (texts, shapes) = ([], []) }
        try readEntries()
        if isSnapshot { decimals = try whole(value()) }
        var message: JSONObject = ["tick": .number(Double(try whole(value())))]
        let time = try value()
        var base = 0
        if case .whole(let units) = time {
            base = units
            message["time"] = .number(Double(units) / 10_000)
        } else {
            message["time"] = time.json
        }
        if isSnapshot { for kind in EntityKind.allCases { message[kind.name] = .array([]) } }
        try readRecords(base, &message)
        return .object(message)
    }

    private mutating func readEntries() throws {
        guard case .array(let entries) = try value() else { throw Failure(message: "no table") }
        for entry in entries {
            switch entry {
            case .text(let text): texts.append(text)
            case .array(let shape): shapes.append(shape)
            default: throw Failure(message: "an entry of the table is neither text nor array")
            }
        }
    }

    private mutating func readRecords(_ base: Int, _ message: inout JSONObject) throws {
        var (kind, shape) = (EntityKind.players, 0)
        while offset < bytes.count {
            switch try value() {
            case .map(let members):
                for (key, value) in members { message[key] = value.json }
            case .none:
                let kind = EntityKind.allCases[try whole(value())]
                add(try value().json, kind, to: &message)
            case .whole(let number) where number < 0:
                kind = EntityKind.allCases[-1 - number]
                shape = try whole(value())
            case .whole(let number):
                let id = number * 128 + (try whole(value()))
                var record: JSONObject = ["id": .number(Double(id)), "key": .string("\(kind.name)_\(id)")]
                var position = 0
                try readMembers(shapes[shape], &position, base, &record)
                add(.object(record), kind, to: &message)
            default: throw Failure(message: "no record")
            }
        }
    }

    private func add(_ record: JSON, _ kind: EntityKind, to message: inout JSONObject) {
        message[kind.name] = .array((message[kind.name]?.array ?? []) + [record])
    }

    private mutating func readMembers(
        _ shape: [Value], _ position: inout Int, _ base: Int, _ object: inout JSONObject
    ) throws {
        while position < shape.count {
            guard case .text(let name) = shape[position] else {
                position += 1
                return
            }
            let form = try whole(shape[position + 1])
            position += 2
            switch form {
            case 4:
                var inner = JSONObject()
                try readMembers(shape, &position, base, &inner)
                object[name] = .object(inner)
            default: object[name] = try member(form, base)
            }
        }
    }

    private mutating func member(_ form: Int, _ base: Int) throws -> JSON {
        let first = try value()
        guard case .whole(let number) = first else { return first.json }
        switch form {
        case 1: return .string(texts[number])
        case 2:
            let scale = (0..<decimals).reduce(1.0) { product, _ in product * 10 }
            return .number(Double(number * 128 + (try whole(value()))) / scale)
        case 3: return .number(Double(base + number) / 10_000)
        default: return first.json
        }
    }

    private func whole(_ value: Value) throws -> Int {
        guard case .whole(let number) = value else { throw Failure(message: "no whole number at \(offset)") }
        return number
    }

    // MARK: MessagePack

    private mutating func take(_ count: Int) throws -> ArraySlice<UInt8> {
        guard count <= bytes.count - offset else { throw Failure(message: "truncated") }
        defer { offset += count }
        return bytes[offset..<offset + count]
    }

    private mutating func unsigned(_ size: Int) throws -> UInt64 { try take(size).reduce(0) { $0 << 8 | UInt64($1) } }

    private mutating func value() throws -> Value {
        let head = Int(try unsigned(1))
        switch head {
        case ..<0x80: return .whole(head)
        case 0xE0...: return .whole(head - 256)
        case 0x80...0x8F: return try map(head - 0x80)
        case 0x90...0x9F: return try array(head - 0x90)
        case 0xA0...0xBF: return .text(String(decoding: try take(head - 0xA0), as: UTF8.self))
        case 0xC0: return .none
        case 0xC2, 0xC3: return .bool(head == 0xC3)
        case 0xCA: return .float(Double(Float(bitPattern: UInt32(try unsigned(4)))))
        case 0xCB: return .float(Double(bitPattern: try unsigned(8)))
        case 0xCC, 0xCD, 0xCE, 0xCF: return .whole(Int(try unsigned(1 << (head - 0xCC))))
        case 0xD0: return .whole(Int(Int8(truncatingIfNeeded: try unsigned(1))))
        case 0xD1: return .whole(Int(Int16(truncatingIfNeeded: try unsigned(2))))
        case 0xD2: return .whole(Int(Int32(truncatingIfNeeded: try unsigned(4))))
        case 0xD3: return .whole(Int(Int64(bitPattern: try unsigned(8))))
        case 0xD9, 0xDA, 0xDB:
            return .text(String(decoding: try take(Int(try unsigned(1 << (head - 0xD9)))), as: UTF8.self))
        case 0xDC, 0xDD: return try array(Int(try unsigned(head == 0xDC ? 2 : 4)))
        case 0xDE, 0xDF: return try map(Int(try unsigned(head == 0xDE ? 2 : 4)))
        default: throw Failure(message: "byte \(head)")
        }
    }

    private mutating func array(_ count: Int) throws -> Value {
        var values: [Value] = []
        for _ in 0..<count { values.append(try value()) }
        return .array(values)
    }

    private mutating func map(_ count: Int) throws -> Value {
        var members: [(String, Value)] = []
        for _ in 0..<count {
            guard case .text(let key) = try value() else { throw Failure(message: "a key is no text") }
            members.append((key, try value()))
        }
        return .map(members)
    }
}
