import Storage

/// A transaction of a PostgreSQL database, or single statements without one.
///
/// The statement that begins a transaction is sent together with the first one in it, which saves a wait.
final class PostgresSession: SQLSession {
    /// How statements belong together.
    enum Mode {
        /// Each statement stands for itself.
        case single
        /// A transaction that sees the database as it is at its beginning, and changes nothing.
        case snapshot
        /// A transaction that has the outcome that it would have if no other ran beside it.
        case transaction
        /// A transaction of many statements, which may take minutes.
        case longTransaction

        fileprivate var begin: [PostgresStatement] {
            switch self {
            case .single: []
            case .snapshot: [PostgresStatement("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"), Self.mayPause]
            case .transaction: [PostgresStatement("BEGIN ISOLATION LEVEL SERIALIZABLE")]
            case .longTransaction:
                [PostgresStatement("BEGIN"), PostgresStatement("SET LOCAL statement_timeout = 0"), Self.mayPause]
            }
        }

        /// Lets the transaction wait for whoever reads an export.
        private static var mayPause: PostgresStatement {
            PostgresStatement("SET LOCAL idle_in_transaction_session_timeout = '1h'")
        }

        /// The longest time for one exchange with the server.
        fileprivate var limit: Duration {
            switch self {
            case .single, .transaction: .seconds(5)
            case .snapshot: .seconds(60)
            case .longTransaction: .seconds(600)
            }
        }
    }

    private let connection: PostgresConnection
    private let limit: Duration
    /// What begins the transaction, until it was sent.
    private var unsent: [PostgresStatement]
    /// Whether the end of a transaction was sent. If there is no answer, nobody knows whether it took place.
    private(set) var isCommitting = false

    init(_ connection: PostgresConnection, _ mode: Mode) {
        self.connection = connection
        limit = mode.limit
        unsent = mode.begin
    }

    /// Runs statements in their transaction, and ends it.
    ///
    /// - Parameter body: Uses the session.
    /// - Returns: What `body` returns.
    /// - Throws: What `body` throws, after undoing the transaction, and ``PostgresFailure``.
    func run<T>(_ body: (any SQLSession) throws -> T) throws -> T {
        do {
            let value = try body(self)
            if connection.isInTransaction {
                isCommitting = true
                try connection.run(PostgresStatement("COMMIT"), within: limit)
            }
            return value
        } catch {
            if (error as? PostgresFailure)?.breaksConnection != true, connection.isInTransaction {
                try connection.run(PostgresStatement("ROLLBACK"), within: limit)
            }
            throw error
        }
    }

    var dialect: SQLDialect { .postgres }

    func rows(_ sql: String, _ arguments: [SQLValue]) throws -> [SQLRow] { try exchange(sql, arguments).rows }

    func run(_ sql: String, _ arguments: [SQLValue]) throws -> Int { try exchange(sql, arguments).count }

    private func exchange(_ sql: String, _ arguments: [SQLValue]) throws -> PostgresResult {
        do {
            let results = try exchange([PostgresStatement(SQLStatement(sql, arguments))])
            return results[results.count - 1]
        } catch let failure as PipelineFailure {
            throw failure.error
        }
    }

    private func exchange(_ statements: [PostgresStatement]) throws -> [PostgresResult] {
        let first = unsent
        unsent = []
        do throws(PipelineFailure) {
            return try connection.run(first + statements, within: limit)
        } catch {
            // Then nothing was sent, and what follows must not run outside of the transaction.
            if (error.error as? PostgresFailure)?.kind == .tooLarge { unsent = first }
            throw PipelineFailure(index: max(error.index - first.count, 0), error: error.error)
        }
    }

    func runAll(_ statements: [SQLStatement]) throws {
        do {
            _ = try exchange(statements.map(PostgresStatement.init))
        } catch let failure as PipelineFailure {
            if (failure.error as? PostgresFailure)?.breaksConnection == true { throw failure.error }
            let isConflict = (failure.error as? PostgresFailure)?.violatesConstraint == true
            throw SQLBatchError(index: failure.index, isConflict: isConflict, error: failure.error)
        }
    }

    /// Reads rows in portions; only within a transaction.
    func forEachRow(_ sql: String, _ body: (SQLRow) throws -> Void) throws {
        _ = try exchange("DECLARE perigee_rows NO SCROLL CURSOR FOR \(sql)", [])
        while true {
            let rows = try exchange("FETCH FORWARD 500 FROM perigee_rows", []).rows
            if rows.isEmpty { break }
            for row in rows { try body(row) }
        }
        _ = try exchange("CLOSE perigee_rows", [])
    }

    func raiseNumbers() throws {
        for table in ["accounts", "bans"] {
            _ = try exchange(
                """
                SELECT setval(pg_get_serial_sequence('\(table)', 'id'), max(id)) FROM \(table)
                HAVING max(id) > (
                    SELECT coalesce(max(last_value), 0) FROM pg_sequences
                    WHERE format('%I.%I', schemaname, sequencename) = pg_get_serial_sequence('\(table)', 'id'))
                """, [])
        }
    }
}
