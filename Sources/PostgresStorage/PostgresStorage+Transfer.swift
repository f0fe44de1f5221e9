package import Storage

/// Export and import of a database.
extension PostgresStorage {
    /// Writes everything in a database as lines of JSON, as it is at one moment; a server may be using it meanwhile.
    ///
    /// It blocks the calling thread.
    ///
    /// - Parameters:
    ///   - address: The database.
    ///   - write: Called with each line in order, without its line break.
    /// - Throws: ``StorageError``, and what `write` throws.
    package static func export(_ address: PostgresAddress, _ write: (String) throws -> Void) throws {
        var isOpening = true
        do {
            let connection = try PostgresConnection(address, within: .seconds(10))
            try setUp(connection)
            try PostgresSession(connection, .snapshot).run { session in
                try PostgresSchema.check(session)
                isOpening = false
                try TransferExport(session: session).run(write)
            }
        } catch let error as TransferExport.WriteFailure {
            throw error.error
        } catch {
            throw StorageError(error, address, isOpening: isOpening)
        }
    }

    package func importLines(
        _ lines: [Substring], file: String, replacing: Bool
    ) async throws(StorageError) -> (accounts: Int, entities: Int) {
        // On the connection that has the lock: no server may use the database meanwhile.
        try await perform(.write, on: saves) { connection in
            .done(
                try PostgresSession(connection, .longTransaction).run { session in
                    guard let count = try TransferImport.run(lines, file: file, replacing: replacing, session) else {
                        throw PostgresFailure(.notEmpty)
                    }
                    if replacing { try PostgresSchema.disclaim(session) }
                    return count
                })
        }
    }
}
