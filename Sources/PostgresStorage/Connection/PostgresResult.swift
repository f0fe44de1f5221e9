import CPostgreSQL
import Glibc
import Storage

/// What a statement returned, in PostgreSQL's binary form.
struct PostgresResult {
    let rows: [SQLRow]
    /// How many rows were returned, made, changed or deleted.
    let count: Int

    /// Reads a result of libpq.
    ///
    /// - Parameter result: The result; the caller frees it.
    /// - Throws: ``SQLTypeMismatch`` for a column of another type than the server's statements select.
    init(_ result: OpaquePointer) throws(SQLTypeMismatch) {
        let columns = PQnfields(result)
        var rows: [SQLRow] = []
        rows.reserveCapacity(Int(PQntuples(result)))
        for row in 0..<PQntuples(result) {
            var values: [SQLValue] = []
            values.reserveCapacity(Int(columns))
            for column in 0..<columns { values.append(try Self.value(result, row, column)) }
            rows.append(SQLRow(values))
        }
        self.rows = rows
        let affected = PQcmdTuples(result).flatMap { Int(String(cString: $0)) }
        count = affected ?? rows.count
    }

    private static func value(
        _ result: OpaquePointer, _ row: Int32, _ column: Int32
    ) throws(SQLTypeMismatch) -> SQLValue {
        guard PQgetisnull(result, row, column) == 0, let start = PQgetvalue(result, row, column) else { return .null }
        let bytes = UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(result, row, column)))
        typealias ObjectID = PostgresParameter.ObjectID
        let type = PQftype(result, column)
        switch (type, bytes.count) {
        case (ObjectID.bool, 1): return .integer(Int(bytes[0]))
        case (ObjectID.int2, 2): return .integer(Int(Int16(bigEndian: bytes.loadUnaligned(as: Int16.self))))
        case (ObjectID.int4, 4): return .integer(Int(Int32(bigEndian: bytes.loadUnaligned(as: Int32.self))))
        case (ObjectID.int8, 8): return .integer(Int(Int64(bigEndian: bytes.loadUnaligned(as: Int64.self))))
        case (ObjectID.float8, 8):
            return .real(Double(bitPattern: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self))))
        case (ObjectID.text, _), (ObjectID.varchar, _): return .text(String(decoding: bytes, as: UTF8.self))
        case (ObjectID.bytes, _): return .bytes([UInt8](bytes))
        case (ObjectID.void, _): return .null
        default: throw SQLTypeMismatch(description: "column \(column + 1) of a result has the type number \(type)")
        }
    }
}
