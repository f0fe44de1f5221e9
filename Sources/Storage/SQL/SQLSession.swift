package import World

/// A connection to a store within one transaction. It is used by one function on one thread, which it blocks.
///
/// Rules about accounts, operators and players are written once over this protocol, in SQL that SQLite and PostgreSQL 13
/// to 17 both know; ``SQLDialect`` has what they name differently.
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

/// What the engines name in different ways.
package enum SQLDialect: Sendable {
    case sqlite
    case postgres

    /// The function that returns where in its first argument its second one begins, from 1; 0 when it is not there.
    package var place: String {
        switch self {
        case .sqlite: "instr"
        case .postgres: "strpos"
        }
    }

    /// An expression by which `entities` are sorted by the names of their kinds.
    package var kindOrder: String {
        switch self {
        case .sqlite: return "kind"
        case .postgres:
            let sorted = EntityKind.allCases.sorted { $0.name < $1.name }
            let cases = sorted.enumerated().map { "WHEN \($0.element.rawValue) THEN \($0.offset)" }
            return "CASE kind \(cases.joined(separator: " ")) END"
        }
    }

    /// The value of a kind in the table `entities`.
    package func value(_ kind: EntityKind) -> SQLValue {
        switch self {
        case .sqlite: .text(kind.name)
        case .postgres: .integer(Int(kind.rawValue))
        }
    }
}

/// A store whose rules are written once over ``SQLSession``.
///
/// It has all functions of ``Storage`` but those about entities, and all of ``OperatorStorage``, ``PlayerStorage`` and
/// ``FileVersionStorage``.
package protocol SQLStore: Sendable {
    /// Reads in one transaction, or without one where `body` has only one statement to run.
    ///
    /// - Parameter body: Called once, or again on a new connection when the first one broke.
    /// - Returns: What `body` returns.
    /// - Throws: ``StorageError``.
    func reading<T: Sendable>(
        _ body: @escaping @Sendable (any SQLSession) throws -> T
    ) async throws(StorageError) -> T

    /// Writes in one transaction, which is undone when `body` throws. It is done although the task is cancelled.
    ///
    /// - Parameter body: Called once, or again when the transaction was undone and nothing of it stayed.
    /// - Returns: What `body` returns.
    /// - Throws: ``StorageError``.
    @discardableResult
    func writing<T: Sendable>(
        _ body: @escaping @Sendable (any SQLSession) throws -> T
    ) async throws(StorageError) -> T

    /// Notes an account that was made or read.
    func remember(_ account: Account)

    /// Forgets an account that was erased.
    func forget(account id: Int)

    /// Notes the highest number of a kind that was read.
    func remember(_ kind: EntityKind, highest: Int)
}

extension SQLStore {
    /// Does nothing; for stores that can't be lost while they are in use.
    package func remember(_ account: Account) {}

    /// Does nothing; for stores that can't be lost while they are in use.
    package func forget(account id: Int) {}

    /// Does nothing; for stores that can't be lost while they are in use.
    package func remember(_ kind: EntityKind, highest: Int) {}
}

/// Everything that a server needs of a store.
package protocol GameStorage: Storage, OperatorStorage, PlayerStorage, FileVersionStorage {
    /// Puts the lines that an export wrote into the store, all or nothing.
    ///
    /// - Parameters:
    ///   - lines: The lines, without their line breaks.
    ///   - file: The file that they come from, for messages.
    ///   - replacing: Whether everything in the store is deleted first; else it must have no accounts, entities
    ///     and bans.
    /// - Returns: How many accounts and entities were imported.
    /// - Throws: ``StorageError``, among them ``StorageError/malformed(file:line:reason:)``.
    func importLines(
        _ lines: [Substring], file: String, replacing: Bool
    ) async throws(StorageError) -> (accounts: Int, entities: Int)

    /// Closes the store; later calls fail.
    ///
    /// - Throws: ``StorageError`` when something is left that a next start has to mend.
    func close() async throws(StorageError)
}
