import JSONValues

/// Translates records from JSON text to their compact form, so that what a record has is decided in one place,
/// ``RecordWriter``.
final class RecordPacker {
    /// How a member's value is written; the raw value stands in the shape.
    private enum Form: Int {
        /// Any MessagePack value.
        case plain = 0
        /// The number of a text in the table, or a text, or nil.
        case text = 1
        /// Two whole numbers a, b for (128 a + b) / 10^decimals, or one float.
        case coordinate = 2
        /// A whole number of 1/10,000 s after the message's time, or a float: Unix time in seconds.
        case time = 3
        /// The members that follow in the shape, up to nil.
        case object = 4
    }

    private enum Level { case record, components, events, group }

    /// How many decimals coordinates in pairs have.
    var decimals = 2
    /// The time of the message, Unix time in 1/10,000 s.
    var time = 0
    private let table: CompactTable
    private let shape = ByteWriter(capacity: 512)
    private var shapeCount = 0
    private var values: [(offset: Int, form: Form)] = []
    private var id = -1

    init(table: CompactTable) { self.table = table }

    /// Passes a record and writes it: its id and its values; or as a plain map.
    ///
    /// - Parameters:
    ///   - cursor: Stands at the record's JSON text.
    ///   - out: Gets the bytes.
    /// - Returns: The number of the record's shape; `nil` for a plain map.
    func pack(_ cursor: inout JSONCursor, to out: ByteWriter) -> Int? {
        var start = cursor
        shape.truncate(to: 0)
        values.removeAll(keepingCapacity: true)
        (shapeCount, id) = (0, -1)
        collect(&cursor, .record)
        guard id >= 0, let number = table.number(ofShape: shape.bytes, count: shapeCount) else {
            start.translate(to: out)
            return nil
        }
        out.write(packed: id >> 7)
        out.write(packed: id & 127)
        for (offset, form) in values {
            start.move(to: offset)
            write(&start, form, to: out)
        }
        return number
    }

    /// Reads the members of an object: their names and forms make the shape.
    private func collect(_ cursor: inout JSONCursor, _ level: Level) {
        _ = cursor.pass(UInt8(ascii: "{"))
        while cursor.next != 0, !cursor.pass(UInt8(ascii: "}")) {
            let name = cursor.name()
            if level == .record, cursor.matches(name, "id") {
                if case .decimal(let value, 0) = cursor.number() { id = value }
            } else if level == .record, cursor.matches(name, "key") {
                cursor.skipValue()
            } else {
                let form = Self.form(of: name, cursor, level)
                shape.write(packedText: cursor[name])
                shape.write(packed: form.rawValue)
                shapeCount += 2
                if form == .object {
                    collect(&cursor, level == .events ? .group : cursor.matches(name, "events") ? .events : .components)
                    shape.write(ByteWriter.packedNil)
                    shapeCount += 1
                } else {
                    values.append((cursor.offset, form))
                    cursor.skipValue()
                }
            }
            _ = cursor.pass(UInt8(ascii: ","))
        }
    }

    private static func form(of name: Range<Int>, _ cursor: JSONCursor, _ level: Level) -> Form {
        switch level {
        case .components: .plain
        case .events: .object
        case .group: cursor.matches(name, "action") ? .text : cursor.matches(name, "time") ? .time : .plain
        case .record: form(ofField: name, cursor)
        }
    }

    private static let coordinates: [StaticString] = ["x", "y", "z"]
    private static let texts: [StaticString] = ["action", "side", "prefab", "type", "reason"]
    private static let objects: [StaticString] = ["components", "component_patches", "events"]

    private static func form(ofField name: Range<Int>, _ cursor: JSONCursor) -> Form {
        if coordinates.contains(where: { cursor.matches(name, $0) }) { return .coordinate }
        if texts.contains(where: { cursor.matches(name, $0) }) { return .text }
        return objects.contains(where: { cursor.matches(name, $0) }) ? .object : .plain
    }

    private func write(_ cursor: inout JSONCursor, _ form: Form, to out: ByteWriter) {
        switch form {
        case .plain, .object: cursor.translate(to: out)
        case .text:
            var string = cursor
            if let range = string.plainString(), let number = table.number(ofText: cursor[range]) {
                out.write(packed: number)
            } else {
                cursor.translate(to: out)
            }
        case .coordinate:
            let number = cursor.number()
            if let scaled = number?.scaled(decimals) {
                out.write(packed: scaled >> 7)
                out.write(packed: scaled & 127)
            } else {
                out.write(packedFloat: number?.double ?? .nan)
            }
        case .time:
            let number = cursor.number()
            if let scaled = number?.scaled(4) {
                out.write(packed: scaled - time)
            } else {
                out.write(packedFloat: number?.double ?? .nan)
            }
        }
    }
}

extension JSONCursor.Number {
    /// The nearest double.
    var double: Double {
        switch self {
        case .decimal(let mantissa, let decimals): Double(mantissa) / .tenTo(decimals)
        case .double(let value): value
        }
    }

    /// The number times 10 to the power of `decimals`, if that is whole and below 2^53: only then dividing it again
    /// gives the same double.
    func scaled(_ wanted: Int) -> Int? {
        guard case .decimal(let mantissa, let decimals) = self, decimals <= wanted else { return nil }
        let (scaled, overflows) = mantissa.multipliedReportingOverflow(by: Int(Double.tenTo(wanted - decimals)))
        return !overflows && scaled.magnitude < 1 << 53 ? scaled : nil
    }
}
