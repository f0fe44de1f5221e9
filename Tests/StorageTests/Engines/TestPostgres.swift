import Foundation
import Synchronization

@testable import PostgresStorage

/// A PostgreSQL that runs while the tests run; `scripts/postgres` starts it with the first test that needs it.
enum TestPostgres {
    struct Missing: Error, CustomStringConvertible {
        var description = "scripts/postgres did not start; run it by hand, it says why"
    }

    private static let server: Result<String, Missing> = start()
    private static let games = Mutex(0)

    /// The address of a database without any table; another one each time.
    static func emptyAddress() throws -> PostgresAddress { try PostgresAddress(emptyURL()) }

    /// As ``emptyAddress()``, as a URL: an empty schema of the one database.
    static func emptyURL() throws -> String {
        let number = games.withLock { number in
            number += 1
            return number
        }
        let url = try server.get()
        let admin = try PostgresConnection(PostgresAddress(url), within: .seconds(10))
        try admin.run(PostgresStatement("CREATE SCHEMA game\(number)"), within: .seconds(30))
        return url + "?options=-csearch_path%3Dgame\(number)&application_name=perigee-game\(number)"
    }

    /// Runs a statement as another client.
    @discardableResult
    static func run(_ sql: String, in address: PostgresAddress) throws -> PostgresResult {
        try PostgresConnection(address, within: .seconds(10)).run(PostgresStatement(sql), within: .seconds(30))
    }

    /// Waits until a statement of another client returns a row.
    static func wait(for sql: String, in address: PostgresAddress) async throws {
        let connection = try PostgresConnection(address, within: .seconds(10))
        while try connection.run(PostgresStatement(sql), within: .seconds(30)).rows.isEmpty { await Task.yield() }
    }

    private static func start() -> Result<String, Missing> {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let (input, output) = (Pipe(), Pipe())
        let process = Process()
        process.executableURL = root.appendingPathComponent("scripts/postgres")
        process.arguments = ["--until-eof"]
        process.standardInput = input
        process.standardOutput = output
        guard (try? process.run()) != nil else { return .failure(Missing()) }
        var line = Data()
        while !line.contains(UInt8(ascii: "\n")) {
            let part = output.fileHandleForReading.availableData
            if part.isEmpty { return .failure(Missing()) }
            line.append(part)
        }
        // The script ends when the last writer of its input is gone, which is the end of this process.
        _ = Unmanaged.passRetained(input)
        return .success(String(decoding: line, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))
    }
}
