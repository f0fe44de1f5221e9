import CPostgreSQL
import Glibc
import Storage

/// A connection to a PostgreSQL database that never waits longer than it is told to.
///
/// libpq's blocking functions wait for ever on a line that swallows packets, so only those that don't block are used.
/// One thread at a time may use it, and is blocked meanwhile.
final class PostgresConnection {
    private static let oldestVersion: Int32 = 130_000

    private let handle: OpaquePointer
    private let address: PostgresAddress
    private let maxStatementBytes: Int

    /// Connects.
    ///
    /// - Parameters:
    ///   - address: The database and its user.
    ///   - limit: The longest wait for the server; the resolver of host names has its own limit.
    ///   - maxStatementBytes: How large a statement may be; PostgreSQL breaks a connection with a message of 1 GiB.
    /// - Throws: ``PostgresFailure``: the database can't be reached, or must not be used.
    init(
        _ address: PostgresAddress, within limit: Duration, maxStatementBytes: Int = 1_000_000_000
    ) throws(PostgresFailure) {
        self.address = address
        self.maxStatementBytes = maxStatementBytes
        var options = [
            // A peer that is gone is noticed within seconds, on both ends.
            "keepalives_idle": "5", "keepalives_interval": "2", "keepalives_count": "3", "tcp_user_timeout": "10000",
            "fallback_application_name": "perigee",
        ]
        options.merge(address.options) { $1 }
        options["client_encoding"] = "UTF8"
        let names = options.keys.sorted()
        guard let started = Self.start(names, names.map { options[$0] ?? "" }) else {
            throw PostgresFailure(kind: .disconnected, description: "there is not enough memory")
        }
        handle = started
        // The default prints notices on the standard error output.
        PQsetNoticeProcessor(handle, { _, _ in }, nil)
        try finishConnecting(until: .now + limit)
        guard PQsetnonblocking(handle, 1) == 0 else { throw lost() }
        let version = PQserverVersion(handle)
        guard version >= Self.oldestVersion else {
            throw unusable(.outdated("\(version / 10_000).\(version % 10_000)"))
        }
        let encoding = PQparameterStatus(handle, "server_encoding").map { String(cString: $0) } ?? "unknown"
        guard encoding == "UTF8" else { throw unusable(.encoding(encoding)) }
    }

    deinit { PQfinish(handle) }

    private static func start(_ names: [String], _ values: [String]) -> OpaquePointer? {
        // `strdup` makes C strings that stay valid during the call.
        let (keywords, texts) = (names.map { strdup($0) }, values.map { strdup($0) })
        defer { for text in keywords + texts { free(text) } }
        let ended: [UnsafePointer<CChar>?] = keywords.map { UnsafePointer($0) } + [nil]
        return PQconnectStartParams(ended, texts.map { UnsafePointer($0) } + [nil], 0)
    }

    private func finishConnecting(until deadline: ContinuousClock.Instant) throws(PostgresFailure) {
        guard PQstatus(handle) != CONNECTION_BAD else { throw lost() }
        // As if PQconnectPoll had returned it.
        var wanted = PGRES_POLLING_WRITING
        while true {
            try wait(wanted == PGRES_POLLING_READING ? POLLIN : POLLOUT, until: deadline)
            wanted = PQconnectPoll(handle)
            switch wanted {
            case PGRES_POLLING_OK: return
            case PGRES_POLLING_READING, PGRES_POLLING_WRITING: continue
            default: throw lost()
            }
        }
    }

    /// The number of the server's process for this connection.
    var serverProcess: Int { Int(PQbackendPID(handle)) }

    /// Whether a transaction is open, also one that failed.
    var isInTransaction: Bool {
        PQtransactionStatus(handle) == PQTRANS_INTRANS || PQtransactionStatus(handle) == PQTRANS_INERROR
    }

    // MARK: - Statements

    /// Carries out statements in one exchange with the server; without an open transaction they are one together.
    ///
    /// - Parameters:
    ///   - statements: The statements.
    ///   - limit: The longest time for all of them.
    /// - Returns: Their results, in order.
    /// - Throws: ``PipelineFailure`` with the first statement that failed. After ``PostgresFailure/breaksConnection``
    ///   the connection must not be used any more; the statements may have been carried out nevertheless.
    func run(_ statements: [PostgresStatement], within limit: Duration) throws(PipelineFailure) -> [PostgresResult] {
        let deadline = ContinuousClock.now + limit
        try checkSizes(statements)
        do {
            guard PQenterPipelineMode(handle) == 1 else { throw lost() }
            for statement in statements { try send(statement) }
            guard PQpipelineSync(handle) == 1 else { throw lost() }
            let results = try receive(statements.count, until: deadline)
            guard PQexitPipelineMode(handle) == 1 else { throw lost() }
            return try results.get()
        } catch let failure as PipelineFailure {
            throw failure
        } catch {
            throw PipelineFailure(index: 0, error: error)
        }
    }

    /// Carries out one statement; as ``run(_:within:)``, but it throws the failure itself.
    @discardableResult
    func run(_ statement: PostgresStatement, within limit: Duration) throws -> PostgresResult {
        do throws(PipelineFailure) {
            return try run([statement], within: limit)[0]
        } catch {
            throw error.error
        }
    }

    private func checkSizes(_ statements: [PostgresStatement]) throws(PipelineFailure) {
        guard let index = statements.firstIndex(where: { $0.byteCount > maxStatementBytes }) else { return }
        let text = "a statement has \(statements[index].byteCount) bytes, and the database takes \(maxStatementBytes)"
        throw PipelineFailure(index: index, error: PostgresFailure(kind: .tooLarge, description: text))
    }

    /// Sends a statement, of which ``checkSizes(_:)`` has made sure that each length has place in 32 bits.
    private func send(_ statement: PostgresStatement) throws(PostgresFailure) {
        let parameters = statement.parameters
        var all: [UInt8] = []
        all.reserveCapacity(parameters.reduce(1) { $0 + ($1.bytes?.count ?? 0) })
        for parameter in parameters { all += parameter.bytes ?? [] }
        // A value of no bytes must not be a null pointer, which is NULL.
        all.append(0)
        let isSent = all.withUnsafeBytes { bytes in
            var offset = 0
            let values = parameters.map { parameter -> UnsafePointer<CChar>? in
                guard let count = parameter.bytes?.count else { return nil }
                defer { offset += count }
                return bytes.baseAddress.map { ($0 + offset).assumingMemoryBound(to: CChar.self) }
            }
            return PQsendQueryParams(
                handle, statement.sql, Int32(parameters.count), parameters.map(\.type), values,
                parameters.map { Int32($0.bytes?.count ?? 0) }, parameters.map { _ in 1 }, 1)
        }
        guard isSent == 1 else { throw lost() }
    }

    /// Reads the results of a pipeline to its end, also after a failed statement.
    private func receive(
        _ count: Int, until deadline: ContinuousClock.Instant
    ) throws(PostgresFailure) -> Result<[PostgresResult], PipelineFailure> {
        var results: [PostgresResult] = []
        var failure: PipelineFailure?
        while true {
            // One null stands after the results of each statement.
            guard let result = try next(until: deadline) else {
                guard PQstatus(handle) == CONNECTION_OK else { throw lost() }
                continue
            }
            defer { PQclear(result) }
            switch PQresultStatus(result) {
            case PGRES_PIPELINE_SYNC:
                if failure == nil, results.count != count {
                    throw lost("it answered \(results.count) of \(count) times")
                }
                return failure.map { .failure($0) } ?? .success(results)
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK:
                do throws(SQLTypeMismatch) { results.append(try PostgresResult(result)) } catch {
                    failure = failure ?? PipelineFailure(index: results.count, error: error)
                }
            case PGRES_PIPELINE_ABORTED: continue
            default:
                let refused = refusal(result)
                if refused.breaksConnection { throw refused }
                failure = failure ?? PipelineFailure(index: results.count, error: refused)
            }
        }
    }

    /// Waits for the next result; `nil` where libpq has none.
    private func next(until deadline: ContinuousClock.Instant) throws(PostgresFailure) -> OpaquePointer? {
        while true {
            let unsent = PQflush(handle)
            guard unsent >= 0 else { throw lost() }
            if PQisBusy(handle) == 0 { return PQgetResult(handle) }
            try wait(unsent > 0 ? POLLIN | POLLOUT : POLLIN, until: deadline)
            guard PQconsumeInput(handle) == 1 else { throw lost() }
        }
    }

    private func wait(_ events: Int32, until deadline: ContinuousClock.Instant) throws(PostgresFailure) {
        while true {
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero else {
                throw PostgresFailure(kind: .timedOut, description: "it does not answer")
            }
            var item = pollfd(fd: PQsocket(handle), events: Int16(events), revents: 0)
            // Rounded up, so that the last millisecond is no busy loop.
            let milliseconds = Int32(clamping: Int64(left / .milliseconds(1)) + 1)
            let ready = poll(&item, 1, milliseconds)
            if ready > 0 { return }
            guard ready == 0 || errno == EINTR else { throw lost(String(cString: strerror(errno))) }
        }
    }

    // MARK: - Errors

    private func lost(_ reason: String? = nil) -> PostgresFailure {
        let said = reason ?? PQerrorMessage(handle).map { String(cString: $0) } ?? ""
        return PostgresFailure(kind: .disconnected, description: oneLine(said))
    }

    private func unusable(_ problem: SharedStoreProblem) -> PostgresFailure {
        PostgresFailure(kind: .unusable(problem), description: problem.description(of: address.description))
    }

    private func refusal(_ result: OpaquePointer) -> PostgresFailure {
        func field(_ code: Unicode.Scalar) -> String? {
            PQresultErrorField(result, Int32(code.value)).map { String(cString: $0) }
        }
        // The letters of PG_DIAG_SQLSTATE, PG_DIAG_MESSAGE_PRIMARY and PG_DIAG_CONSTRAINT_NAME.
        guard let state = field("C") else { return lost() }
        return PostgresFailure(
            kind: .refused(state: state, constraint: field("n")),
            description: oneLine(field("M") ?? "SQLSTATE \(state)"))
    }

    private func oneLine(_ text: String) -> String {
        let line = address.redacted(text).split(whereSeparator: \.isNewline)
            .map { $0.drop { $0 == " " || $0 == "\t" } }.joined(separator: "; ")
        return line.isEmpty ? "the connection broke" : String(line.prefix(500))
    }
}

/// A statement that was sent together with others failed.
struct PipelineFailure: Error {
    /// The place of the statement, from 0; for a broken connection 0.
    var index: Int
    /// ``PostgresFailure`` or ``SQLTypeMismatch``.
    var error: any Error
}
