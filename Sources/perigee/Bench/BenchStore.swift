import Bench
import PostgresStorage
import Storage

/// The PostgreSQL database of a benchmark.
enum BenchStore {
    /// The first line of an export; alone it is an empty game.
    static let head: Substring = #"{"perigee":"export","version":1}"#

    /// Opens a database and removes what an earlier benchmark left in it. Any other game stays as it is.
    ///
    /// - Parameter address: The database.
    /// - Returns: The store, which is empty.
    /// - Throws: ``StorageError``, also for a database that holds another game.
    static func emptied(_ address: PostgresAddress) async throws -> PostgresStorage {
        let storage = try await PostgresStorage.open(address)
        let isOfBench = try await storage.game() == BenchGame.name
        _ = try await storage.importLines([head], file: "the bench", replacing: isOfBench)
        // Claimed, so that the next benchmark may empty it when this one is interrupted.
        await storage.close()
        return try await PostgresStorage.open(address, game: BenchGame.name)
    }
}
