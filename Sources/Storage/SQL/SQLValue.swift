/// A parameter of an SQL statement, or a value in a row of its result.
package enum SQLValue: Sendable, Equatable {
    case null
    case integer(Int)
    case real(Double)
    /// A text, which may contain the character NUL as far as the engine can store it.
    case text(String)
    case bytes([UInt8])

    /// An integer, or NULL for `nil`.
    package init(_ value: Int?) { self = value.map(SQLValue.integer) ?? .null }

    /// A number, or NULL for `nil`.
    package init(_ value: Double?) { self = value.map(SQLValue.real) ?? .null }

    /// A text, or NULL for `nil`.
    package init(_ value: String?) { self = value.map(SQLValue.text) ?? .null }

    /// Bytes, or NULL for `nil`.
    package init(_ value: [UInt8]?) { self = value.map(SQLValue.bytes) ?? .null }
}

/// A statement with its parameters, which stand in it as `$1`, `$2` and so on.
package struct SQLStatement: Sendable {
    /// The text, in SQL that SQLite and PostgreSQL 13 to 17 both know.
    package var sql: String
    /// The values of the parameters, in order.
    package var arguments: [SQLValue]

    /// Makes a statement.
    ///
    /// - Parameters:
    ///   - sql: The text.
    ///   - arguments: The values of the parameters, in order.
    package init(_ sql: String, _ arguments: [SQLValue] = []) {
        self.sql = sql
        self.arguments = arguments
    }
}

/// A value of a row has another type than the server writes there.
package struct SQLTypeMismatch: Error, CustomStringConvertible {
    /// Which value it is, what it should be, and what it is.
    package var description: String

    /// Makes an error.
    ///
    /// - Parameter description: Which value it is, what it should be, and what it is.
    package init(description: String) { self.description = description }
}

/// A row of a statement's result; its values are read by their place, from 0.
package struct SQLRow: Sendable, Equatable {
    private let values: [SQLValue]

    /// Makes a row.
    ///
    /// - Parameter values: Its values by ascending place.
    package init(_ values: [SQLValue]) { self.values = values }

    /// How many values it has.
    package var count: Int { values.count }

    /// The value at a place.
    package subscript(_ place: Int) -> SQLValue { values[place] }

    /// The integer at a place.
    ///
    /// - Throws: ``SQLTypeMismatch``, also for NULL.
    package func integer(_ place: Int) throws(SQLTypeMismatch) -> Int {
        guard case .integer(let value) = values[place] else { throw mismatch(place, "an integer") }
        return value
    }

    /// The integer at a place; `nil` for NULL.
    ///
    /// - Throws: ``SQLTypeMismatch``.
    package func optionalInteger(_ place: Int) throws(SQLTypeMismatch) -> Int? {
        values[place] == .null ? nil : try integer(place)
    }

    /// The number at a place.
    ///
    /// - Throws: ``SQLTypeMismatch``, also for NULL.
    package func real(_ place: Int) throws(SQLTypeMismatch) -> Double {
        switch values[place] {
        case .real(let value): return value
        case .integer(let value): return Double(value)
        default: throw mismatch(place, "a number")
        }
    }

    /// The number at a place; `nil` for NULL.
    ///
    /// - Throws: ``SQLTypeMismatch``.
    package func optionalReal(_ place: Int) throws(SQLTypeMismatch) -> Double? {
        values[place] == .null ? nil : try real(place)
    }

    /// The text at a place.
    ///
    /// - Throws: ``SQLTypeMismatch``, also for NULL.
    package func text(_ place: Int) throws(SQLTypeMismatch) -> String {
        guard case .text(let value) = values[place] else { throw mismatch(place, "a text") }
        return value
    }

    /// The text at a place; `nil` for NULL.
    ///
    /// - Throws: ``SQLTypeMismatch``.
    package func optionalText(_ place: Int) throws(SQLTypeMismatch) -> String? {
        values[place] == .null ? nil : try text(place)
    }

    /// The bytes at a place.
    ///
    /// - Throws: ``SQLTypeMismatch``, also for NULL.
    package func bytes(_ place: Int) throws(SQLTypeMismatch) -> [UInt8] {
        guard case .bytes(let value) = values[place] else { throw mismatch(place, "bytes") }
        return value
    }

    /// The bytes at a place; `nil` for NULL.
    ///
    /// - Throws: ``SQLTypeMismatch``.
    package func optionalBytes(_ place: Int) throws(SQLTypeMismatch) -> [UInt8]? {
        values[place] == .null ? nil : try bytes(place)
    }

    private func mismatch(_ place: Int, _ wanted: String) -> SQLTypeMismatch {
        let found =
            switch values[place] {
            case .null: "NULL"
            case .integer: "an integer"
            case .real: "a number"
            case .text: "a text"
            case .bytes: "bytes"
            }
        return SQLTypeMismatch(description: "value \(place + 1) of a row must be \(wanted), and is \(found)")
    }
}
