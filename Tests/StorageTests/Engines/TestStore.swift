import Foundation
import PostgresStorage
import Testing

@testable import Storage

/// The engines over which the one suite of the store runs.
enum Engine: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case sqlite, postgres

    var testDescription: String { rawValue }
}

/// An empty store of an engine, in a place of its own.
final class TestStore {
    let engine: Engine
    let storage: any GameStorage & SQLStore
    private let folder: TemporaryFolder
    private let address: PostgresAddress?

    init(_ engine: Engine) async throws {
        self.engine = engine
        folder = try TemporaryFolder()
        switch engine {
        case .sqlite:
            address = nil
            storage = try SQLiteStorage(path: folder.database)
        case .postgres:
            let address = try TestPostgres.emptyAddress()
            self.address = address
            storage = try await PostgresStorage.open(address)
        }
    }

    /// Closes the store and opens it again, as a restart of the server does.
    func reopened() async throws -> any GameStorage & SQLStore {
        try await storage.close()
        if let address { return try await PostgresStorage.open(address) }
        return try SQLiteStorage(path: folder.database)
    }

    /// Removes the files of the store; to be called at the end of a test.
    func remove() { try? FileManager.default.removeItem(atPath: folder.path) }

    /// How many rows a table has.
    func count(_ table: String) async throws -> Int {
        try await storage.reading { try $0.first("SELECT count(*) FROM \(table)")?.integer(0) ?? -1 }
    }

    /// In how many rows of all tables a text occurs.
    func occurrences(_ text: String) async throws -> Int {
        let isSQLite = engine == .sqlite
        return try await storage.reading { session in
            let tables = try session.rows(
                isSQLite
                    ? "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_stat%'"
                    : "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema()")
            return try tables.reduce(0) { count, table in
                let name = try table.text(0)
                let rows = try session.rows(isSQLite ? "SELECT * FROM \(name)" : "SELECT t::text FROM \(name) AS t")
                return count + rows.count { "\($0)".contains(text) }
            }
        }
    }

    /// The error of a store that has a game already.
    var notEmpty: StorageError {
        address.map { .sharedStore($0.description, .notEmpty) } ?? .notEmpty(path: folder.database)
    }

    /// The lines of an export.
    func exported() throws -> [String] {
        var lines: [String] = []
        if let address {
            try PostgresStorage.export(address) { lines.append($0) }
        } else {
            try SQLiteStorage.export(folder.database) { lines.append($0) }
        }
        return lines
    }
}
