/// A connection to a store within one transaction. It is used by one function on one thread, which it blocks.
///
/// Rules about accounts, operators and players are written once over this protocol, in SQL that SQLite and PostgreSQL
/// 13 to 17 both know; ``SQLDialect`` has what they name differently.
package protocol SQLSession {
    /// What the engine names in its own way.
    var dialect: SQLDialect { get }

    /// Carries out a statement that returns rows.
    ///
    /// - Parameters:
    ///   - sql: The statement; its parameters are `$1`, `$2` and so on.
    ///   - arguments: The values of the parameters, in order.
    /// - Returns: All its rows.
    /// - Throws: The engine's error.
    func rows(_ sql: String, _ arguments: [SQLValue]) throws -> [SQLRow]

    /// As ``rows(_:_:)``, for results that are too large for the memory.
    ///
    /// - Parameters:
    ///   - sql: The statement, without parameters.
    ///   - body: Called with each row; it must not use the session.
    /// - Throws: The engine's error, and what `body` throws.
    func forEachRow(_ sql: String, _ body: (SQLRow) throws -> Void) throws

    /// Carries out a statement.
    ///
    /// - Parameters:
    ///   - sql: The statement; its parameters are `$1`, `$2` and so on.
    ///   - arguments: The values of the parameters, in order.
    /// - Returns: How many rows it made, changed or deleted.
    /// - Throws: The engine's error.
    @discardableResult
    func run(_ sql: String, _ arguments: [SQLValue]) throws -> Int

    /// Carries out many statements in their order, where the engine can without waiting for each answer.
    ///
    /// - Parameter statements: The statements; what they return is dropped.
    /// - Throws: ``SQLBatchError``, which names the first statement that failed. Then the transaction must end.
    func runAll(_ statements: [SQLStatement]) throws

    /// Makes sure that rows of the tables `accounts` and `bans` that are made from now on get higher numbers than the
    /// rows that were made with a number.
    ///
    /// - Throws: The engine's error.
    func raiseNumbers() throws
}

/// A statement of ``SQLSession/runAll(_:)`` failed.
package struct SQLBatchError: Error {
    /// The place of the statement, from 0.
    package var index: Int
    /// Whether a row of its key exists already, or a row to which it refers does not.
    package var isConflict: Bool
    /// The engine's error.
    package var error: any Error

    /// Describes the failure.
    ///
    /// - Parameters:
    ///   - index: The place of the statement, from 0.
    ///   - isConflict: Whether it violates a constraint of the tables.
    ///   - error: The engine's error.
    package init(index: Int, isConflict: Bool, error: any Error) {
        self.index = index
        self.isConflict = isConflict
        self.error = error
    }
}

extension SQLSession {
    /// The first row of a statement's result, or `nil`.
    package func first(_ sql: String, _ arguments: [SQLValue] = []) throws -> SQLRow? {
        try rows(sql, arguments).first
    }

    /// All rows of a statement without parameters.
    package func rows(_ sql: String) throws -> [SQLRow] { try rows(sql, []) }

    /// Whether a statement returns a row.
    package func hasRow(_ sql: String, _ arguments: [SQLValue] = []) throws -> Bool {
        try first(sql, arguments) != nil
    }

    /// Carries out an `INSERT` into a table whose rows get numbers.
    ///
    /// - Parameters:
    ///   - sql: The statement, without `RETURNING`.
    ///   - arguments: The values of its parameters.
    /// - Returns: The number of the new row.
    /// - Throws: The engine's error.
    func insert(_ sql: String, _ arguments: [SQLValue]) throws -> Int {
        guard let row = try first(sql + " RETURNING id", arguments) else {
            throw SQLTypeMismatch(description: "an INSERT returned no number")
        }
        return try row.integer(0)
    }
}
