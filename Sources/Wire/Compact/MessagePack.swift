package import JSONValues

/// MessagePack for whole messages that are plain values: what clients send, and what the server sends beside snapshots
/// and deltas.
package enum MessagePack {
    /// Why bytes are not a message.
    package struct Mistake: Error, Equatable {
        /// What is wrong.
        package var message: String
        /// The offset of the first byte that does not fit.
        package var offset: Int
    }

    /// Translates JSON text that this server wrote.
    ///
    /// - Parameter json: The text, without spaces.
    /// - Returns: The same value.
    package static func translate(json: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        let out = ByteWriter(capacity: json.count)
        var cursor = JSONCursor(json)
        cursor.translate(to: out)
        return Array(out.bytes)
    }

    /// Reads one value that fills all the bytes.
    ///
    /// Memory and time are bounded by the number of bytes: a length is believed only if so many bytes follow.
    ///
    /// - Parameters:
    ///   - bytes: The bytes, of any origin.
    ///   - maxDepth: How deep arrays and maps may nest.
    /// - Returns: The value, of what JSON has.
    /// - Throws: ``Mistake``.
    package static func read(_ bytes: [UInt8], maxDepth: Int) throws(Mistake) -> JSON {
        var reader = Reader(bytes: bytes, maxDepth: maxDepth)
        let value = try reader.value(depth: 0)
        guard reader.offset == bytes.count else { throw reader.mistake("more bytes follow the value") }
        return value
    }

    private struct Reader {
        let bytes: [UInt8]
        let maxDepth: Int
        var offset = 0

        func mistake(_ message: String, at offset: Int? = nil) -> Mistake {
            Mistake(message: message, offset: offset ?? self.offset)
        }

        mutating func value(depth: Int) throws(Mistake) -> JSON {
            let start = offset
            let head = UInt8(try unsigned(1))
            switch head {
            case 0x00...0x7F: return .number(Double(head))
            case 0xE0...0xFF: return .number(Double(Int8(bitPattern: head)))
            case 0x80...0x8F: return try map(Int(head & 15), depth: depth)
            case 0x90...0x9F: return try array(Int(head & 15), depth: depth)
            case 0xA0...0xBF: return .string(try text(Int(head & 31)))
            case 0xC0: return .null
            case 0xC2, 0xC3: return .bool(head == 0xC3)
            case 0xCA: return try number(Double(Float(bitPattern: UInt32(try unsigned(4)))), at: start)
            case 0xCB: return try number(Double(bitPattern: try unsigned(8)), at: start)
            case 0xCC...0xCF: return .number(Self.double(try unsigned(1 << Int(head - 0xCC))))
            case 0xD0...0xD3:
                let size = 1 << Int(head - 0xD0)
                let unused = UInt64(64 - 8 * size)
                return .number(Self.double(Int64(bitPattern: try unsigned(size) << unused) >> Int64(unused)))
            case 0xD9...0xDB: return .string(try text(try length(1 << Int(head - 0xD9))))
            case 0xDC, 0xDD: return try array(try length(head == 0xDC ? 2 : 4), depth: depth)
            case 0xDE, 0xDF: return try map(try length(head == 0xDE ? 2 : 4), depth: depth)
            default:
                throw mistake(
                    "a binary, an extension or a byte that is never used; send nil, booleans, numbers, texts, arrays "
                        + "and maps", at: start)
            }
        }

        private mutating func unsigned(_ size: Int) throws(Mistake) -> UInt64 {
            guard bytes.count - offset >= size else { throw mistake("the message ends within a value") }
            defer { offset += size }
            return bytes[offset..<offset + size].reduce(0) { $0 << 8 | UInt64($1) }
        }

        private mutating func length(_ size: Int) throws(Mistake) -> Int { Int(try unsigned(size)) }

        /// A whole number as a double. What rounds to ±2^53 from beyond it becomes the next double, so that a bound of
        /// 2^53 is kept exactly.
        private static func double(_ value: some FixedWidthInteger) -> Double {
            let double = Double(value)
            guard abs(double) == 9_007_199_254_740_992, value.magnitude != 9_007_199_254_740_992 else { return double }
            return double > 0 ? double.nextUp : double.nextDown
        }

        private func number(_ value: Double, at start: Int) throws(Mistake) -> JSON {
            guard value.isFinite else { throw mistake("a number that is not finite", at: start) }
            return .number(value)
        }

        private mutating func text(_ count: Int) throws(Mistake) -> String {
            guard bytes.count - offset >= count else { throw mistake("the message ends within a text") }
            guard let text = String(validating: bytes[offset..<offset + count], as: UTF8.self) else {
                throw mistake("a text that is not UTF-8")
            }
            offset += count
            return text
        }

        private func check(_ count: Int, size: Int, depth: Int) throws(Mistake) {
            guard depth < maxDepth else { throw mistake("nested deeper than \(maxDepth)") }
            guard count <= (bytes.count - offset) / size else { throw mistake("the message ends within a value") }
        }

        private mutating func array(_ count: Int, depth: Int) throws(Mistake) -> JSON {
            try check(count, size: 1, depth: depth)
            var elements: [JSON] = []
            // Not more: each level of a message could claim all its bytes.
            elements.reserveCapacity(min(count, 64))
            for _ in 0..<count { elements.append(try value(depth: depth + 1)) }
            return .array(elements)
        }

        private mutating func map(_ count: Int, depth: Int) throws(Mistake) -> JSON {
            try check(count, size: 2, depth: depth)
            var members: [(String, JSON)] = []
            members.reserveCapacity(min(count, 64))
            for _ in 0..<count {
                let start = offset
                guard case .string(let key) = try value(depth: maxDepth) else {
                    throw mistake("a map's key is no text", at: start)
                }
                members.append((key, try value(depth: depth + 1)))
            }
            return .object(JSONObject(lastWins: members))
        }
    }
}

extension Command {
    /// Reads a command from one MessagePack message; the rest as ``parse(_:maxDepth:)``.
    ///
    /// - Parameters:
    ///   - bytes: The message. The caller has checked its size.
    ///   - maxDepth: How deep it may nest.
    /// - Returns: The command.
    /// - Throws: ``CommandError`` with code `bad_json` or `bad_command`.
    package static func parse(messagePack bytes: [UInt8], maxDepth: Int = maxDepth) throws(CommandError) -> Command {
        let value: JSON
        do {
            value = try MessagePack.read(bytes, maxDepth: maxDepth)
        } catch {
            throw CommandError(
                .badJSON,
                "the message is not MessagePack: \(error.message) (byte \(error.offset)); send one map per message")
        }
        guard case .object(let object) = value else {
            throw CommandError(
                .badJSON, "the message is MessagePack, but \(value.typeName); send one map per message")
        }
        return try parse(object)
    }
}
