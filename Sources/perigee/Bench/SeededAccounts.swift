import Bench
import Foundation
import Gateway
import PostgresStorage
import Storage

/// Accounts for a benchmark's own server, made before it starts.
///
/// Checking a password takes 80 ms on purpose, which would be nearly all that a benchmark measures. So the database
/// gets the accounts together with a session each, and players come in as they do after a restart of the server.
enum SeededAccounts {
    private static let sessionSeconds = 86_400.0

    /// Makes the database.
    ///
    /// - Parameters:
    ///   - count: How many accounts; their ids are 1, 2 and so on.
    ///   - data: The data folder; made if it is missing.
    ///   - store: The shared store, empty or with the game of an earlier bench; `nil` for a database in the folder.
    ///   - place: Where a player stands, by its number from 0; `nil` for the game's start area.
    /// - Returns: The secrets of the accounts' sessions.
    /// - Throws: An error of the file system or the database.
    static func make(
        _ count: Int, data: URL, store: PostgresAddress? = nil, place: (Int) -> BenchPlace?
    ) async throws -> [String] {
        try DataFolder.prepare(data.path)
        let now = Date().timeIntervalSince1970
        let mark = UUID().uuidString
        var lines: [Substring] = [BenchStore.head]
        for index in 0..<count {
            let (id, login) = (index + 1, "bench\(index + 1)")
            lines.append(
                """
                {"account":{"id":\(id),"login":"\(login)","password_hash":"-","created":\(now)}}
                """)
            guard let place = place(index) else { continue }
            lines.append(
                """
                {"entity":{"kind":"players","id":\(id),"map_id":\(place.mapID),"login":"\(login)",\
                "prefab":"","x":\(place.x),"y":\(place.y),"z":0,"sort":0,"side":"down","action":"","created":\(now),\
                "components":{},"events":{}}}
                """)
        }
        let storage: any GameStorage
        if let store {
            storage = try await BenchStore.emptied(store)
        } else {
            storage = try SQLiteStorage(path: data.appendingPathComponent("perigee.sqlite").path)
        }
        _ = try await storage.importLines(lines, file: "the accounts of the bench", replacing: store == nil)
        let sessions = (0..<count).map { "\(mark)-\($0 + 1)" }
        for (index, session) in sessions.enumerated() {
            try await storage.createHTTPSession(
                HTTPSession(hash: Sodium.hash(session.utf8), playerID: index + 1, expires: now + sessionSeconds))
        }
        try await storage.close()
        return sessions
    }
}
