import JSONValues
package import Storage
import Synchronization
package import World

extension PostgresStorage {
    package func player(id: Int) async throws(StorageError) -> StoredRecord? {
        try await reading { session in
            try session.first(
                "\(EntityRow.select) WHERE kind = $1 AND id = $2", [session.dialect.value(.players), .integer(id)]
            ).map(EntityRow.storedRecord)
        }
    }

    package func entities(mapID: Int) async throws(StorageError) -> [EntityRecord] {
        try await reading(.snapshot) { session in
            var records: [EntityRecord] = []
            let others = "WHERE map_id = \(mapID) AND kind <> \(EntityKind.players.rawValue)"
            try session.forEachRow("\(EntityRow.select) \(others) ORDER BY \(session.dialect.kindOrder), id") { row in
                records.append(try EntityRow.record(row))
            }
            return records
        }
    }

    @discardableResult
    package func save(
        _ records: [EntityRecord], removed: [EntityKey], at time: Double?
    ) async throws(StorageError) -> SaveOutcome {
        guard !records.isEmpty || !removed.isEmpty || time != nil else { return SaveOutcome() }
        return try await perform(.write, on: saves) { connection in
            do {
                let refused = try self.saveBound.withLock { bound in
                    try PostgresSave.write(records, removed: removed, at: time, over: connection, &bound)
                }
                return .done(SaveOutcome(refused: refused))
            } catch let failure as PostgresFailure where failure.isWorthAnotherConnection {
                // What may have been saved is saved again: that changes nothing.
                return .broken(failure)
            }
        }
    }
}
