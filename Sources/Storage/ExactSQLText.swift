import Foundation
import GRDB

/// Texts in the database, byte for byte.
///
/// SQLite and GRDB pass a text as a C string, which ends at the first NUL. So texts are given to SQLite as blobs, which
/// have a length, and read as blobs. In the tables they are still of the type TEXT.
enum ExactSQLText {
    /// The parameter of a statement for a text that ``bytes(_:)`` gave.
    static let parameter = "CAST(? AS TEXT)"

    /// A text as the argument for ``parameter``.
    static func bytes(_ text: String) -> Data { Data(text.utf8) }

    /// As ``bytes(_:)``; `nil` becomes NULL.
    static func optionalBytes(_ text: String?) -> Data? { text.map { Data($0.utf8) } }

    /// The expression that selects a column of type TEXT for ``text(_:_:)``.
    static func selected(_ column: String) -> String { "CAST(\(column) AS BLOB) AS \(column)" }

    /// The text of a selected column.
    static func text(_ row: Row, _ index: Int) -> String { optionalText(row, index) ?? "" }

    /// The text of a selected column; `nil` for NULL.
    static func optionalText(_ row: Row, _ index: Int) -> String? {
        let bytes: Data? = row[index]
        return bytes.map { String(decoding: $0, as: UTF8.self) }
    }
}
