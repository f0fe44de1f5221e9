/// A process of the database's server, which has one connection.
///
/// Its number alone is not enough to end it: the system gives the numbers of ended processes to others.
struct PostgresProcess: Equatable, Sendable {
    /// Its number in the server's system.
    var number: Int
    /// When it began, Unix time in microseconds by the server's clock.
    var start: Int

    /// The expression for ``start``, of a row of `pg_stat_activity`.
    static let start = "(extract(epoch FROM backend_start) * 1000000)::bigint"
}
