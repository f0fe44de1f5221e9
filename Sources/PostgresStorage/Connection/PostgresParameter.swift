import Storage

/// A parameter of a statement in PostgreSQL's binary form; numbers are big-endian.
struct PostgresParameter {
    /// PostgreSQL's numbers of types.
    enum ObjectID {
        static let bool: UInt32 = 16
        static let bytes: UInt32 = 17
        static let int8: UInt32 = 20
        static let int2: UInt32 = 21
        static let int4: UInt32 = 23
        static let text: UInt32 = 25
        static let float8: UInt32 = 701
        static let int2Array: UInt32 = 1005
        static let textArray: UInt32 = 1009
        static let int8Array: UInt32 = 1016
        static let float8Array: UInt32 = 1022
        static let varchar: UInt32 = 1043
        static let void: UInt32 = 2278
    }

    /// The number of the type; 0 leaves it to the server.
    let type: UInt32
    /// The value; `nil` for NULL.
    let bytes: [UInt8]?

    private init(_ type: UInt32, _ bytes: [UInt8]?) {
        self.type = type
        self.bytes = bytes
    }

    /// A value of a statement.
    ///
    /// In a text, U+FFFD stands for the character NUL, which PostgreSQL's texts can't have: so what people write, such
    /// as a reason, is kept. Entities are written as arrays, in which nothing is replaced.
    init(_ value: SQLValue) {
        switch value {
        case .null: self.init(0, nil)
        case .integer(let value): self.init(ObjectID.int8, Self.bigEndian(Int64(value)))
        case .real(let value): self.init(ObjectID.float8, Self.bigEndian(value.bitPattern))
        case .text(let value):
            let text = value.utf8.contains(0) ? value.replacing("\0", with: "\u{FFFD}") : value
            self.init(ObjectID.text, Array(text.utf8))
        case .bytes(let value): self.init(ObjectID.bytes, value)
        }
    }

    /// An array of `smallint`.
    init(_ values: [Int16]) {
        self.init(ObjectID.int2Array, Self.array(ObjectID.int2, values.map { Optional($0) }, 2) { $1.append($0) })
    }

    /// An array of `bigint`.
    init(_ values: [Int?]) {
        let numbers = values.map { $0.map(Int64.init) }
        self.init(ObjectID.int8Array, Self.array(ObjectID.int8, numbers, 8) { $1.append($0) })
    }

    /// An array of `double precision`.
    init(_ values: [Double?]) {
        let patterns = values.map { $0?.bitPattern }
        self.init(ObjectID.float8Array, Self.array(ObjectID.float8, patterns, 8) { $1.append($0) })
    }

    /// An array of `text`.
    init(_ values: [String?]) {
        self.init(ObjectID.textArray, Self.array(ObjectID.text, values, 24) { $1.append($0) })
    }

    /// An array of `text`, of texts in UTF-8.
    init(utf8 values: [[UInt8]]) {
        self.init(ObjectID.textArray, Self.array(ObjectID.text, values.map { Optional($0) }, 256) { $1.append($0) })
    }

    private static func bigEndian(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }

    /// The binary form of an array of one dimension: the number of dimensions, whether it has NULLs, the type of the
    /// elements, their count, the number of the first one; then each element with its length before it, -1 for NULL.
    private static func array<Element>(
        _ type: UInt32, _ values: [Element?], _ sizeHint: Int, _ append: (Element, inout Bytes) -> Void
    ) -> [UInt8] {
        var bytes = Bytes(capacity: 20 + values.count * (sizeHint + 4))
        bytes.put(Int32(1))
        bytes.put(Int32(values.contains { $0 == nil } ? 1 : 0))
        bytes.put(type)
        bytes.put(length: values.count)
        bytes.put(Int32(1))
        for value in values {
            guard let value else {
                bytes.put(Int32(-1))
                continue
            }
            append(value, &bytes)
        }
        return bytes.all
    }

    /// Bytes of an array; `append` writes an element with its length.
    private struct Bytes {
        private(set) var all: [UInt8] = []

        init(capacity: Int) { all.reserveCapacity(capacity) }

        mutating func put(_ value: some FixedWidthInteger) {
            withUnsafeBytes(of: value.bigEndian) { all.append(contentsOf: $0) }
        }

        /// Writes a length. One that has no place in 32 bits makes a parameter so large that it is never sent.
        mutating func put(length: Int) { put(Int32(clamping: length)) }

        mutating func append(_ value: some FixedWidthInteger) {
            put(length: value.bitWidth / 8)
            put(value)
        }

        mutating func append(_ value: String) {
            put(length: value.utf8.count)
            all.append(contentsOf: value.utf8)
        }

        mutating func append(_ value: [UInt8]) {
            put(length: value.count)
            all.append(contentsOf: value)
        }
    }
}

/// A statement with its parameters, which stand in it as `$1`, `$2` and so on.
struct PostgresStatement {
    var sql: String
    var parameters: [PostgresParameter] = []

    init(_ sql: String, _ parameters: [PostgresParameter] = []) {
        self.sql = sql
        self.parameters = parameters
    }

    /// The expressions that change settings of a connection.
    static func setting(_ settings: [String: String]) -> String {
        settings.map { "set_config('\($0.key)', '\($0.value)', false)" }.joined(separator: ", ")
    }

    /// How many bytes it takes to send it, about.
    var byteCount: Int { parameters.reduce(sql.utf8.count) { $0 + ($1.bytes?.count ?? 0) + 8 } }

    init(_ statement: SQLStatement) {
        self.init(statement.sql, statement.arguments.map(PostgresParameter.init))
    }
}
