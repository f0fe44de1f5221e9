import JSONValues
import Storage
import World

/// A save of entities: one statement, which a process that stops in the middle can't leave open.
///
/// A record that the database can't store, for example because a name in it has the character NUL, must not keep the
/// others from being saved. When the database refuses the data of a statement, its records are saved in two halves, and
/// so on down to the one that is refused. Only then is a save not all or nothing.
struct PostgresSave {
    private let connection: PostgresConnection
    private var removed: [EntityKey]
    private var time: Double?
    /// The highest number of each kind among all records.
    private var highest: [EntityKind: Int] = [:]
    private let saved: Double?

    /// Prepares a save.
    ///
    /// - Parameters:
    ///   - connection: The connection that has the database's lock.
    ///   - removed: The keys to delete.
    ///   - time: The game's time, Unix seconds.
    init(_ connection: PostgresConnection, removed: [EntityKey], time: Double?) {
        self.connection = connection
        self.removed = removed
        self.time = time
        saved = time
    }

    /// Writes records, and deletes those that are removed.
    ///
    /// - Parameter records: The records.
    /// - Returns: The records that the database refused.
    /// - Throws: ``PostgresFailure``; then everything is to be saved again.
    mutating func write(_ records: [EntityRecord]) throws -> [RefusedRecord] {
        for record in records { highest[record.key.kind] = max(highest[record.key.kind] ?? 0, record.key.id) }
        return try writeHalving(Self.distinct(records, without: removed)[...])
    }

    private mutating func writeHalving(_ records: ArraySlice<EntityRecord>) throws -> [RefusedRecord] {
        do {
            let limit = Duration.seconds(5) + .microseconds(200 * records.count)
            try connection.run(statement(records), within: limit)
            // All this was written with the first records.
            (removed, time, highest) = ([], nil, [:])
            return []
        } catch let failure as PostgresFailure where failure.refusesData && !records.isEmpty {
            if let only = records.first, records.count == 1 {
                return [RefusedRecord(key: only.key, reason: failure.description)] + (try writeHalving([]))
            }
            let half = records.startIndex + records.count / 2
            return try writeHalving(records[..<half]) + writeHalving(records[half...])
        }
    }

    /// One statement can't write a row twice; the last record of a key counts, and its removal more.
    private static func distinct(_ records: [EntityRecord], without removed: [EntityKey]) -> [EntityRecord] {
        var seen = Set(removed)
        seen.reserveCapacity(seen.count + records.count)
        let isDistinct = records.allSatisfy { seen.insert($0.key).inserted }
        guard !isDistinct else { return records }
        seen = Set(removed)
        return records.reversed().filter { seen.insert($0.key).inserted }.reversed()
    }

    private static let sql = """
        WITH saved AS (
            INSERT INTO entities AS e (\(EntityRow.columns))
            SELECT r.kind, r.id, r.map_id, r.login, r.prefab, r.x, r.y, r.z, r.sort, r.side, r.action, r.created, r.spawn_id,
                r.components, r.events, $17::double precision, r.ping
            FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) AS r (kind, id, map_id,
                login, prefab, x, y, z, sort, side, action, created, spawn_id, components, events, ping)
            ON CONFLICT (kind, id) DO UPDATE SET map_id = excluded.map_id, login = excluded.login,
                prefab = excluded.prefab, x = excluded.x, y = excluded.y, z = excluded.z, sort = excluded.sort,
                side = excluded.side, action = excluded.action, created = excluded.created,
                spawn_id = excluded.spawn_id, components = excluded.components, events = excluded.events,
                saved = excluded.saved, ping = excluded.ping
        ), gone AS (
            DELETE FROM entities AS e USING unnest($18, $19) AS r (kind, id) WHERE e.kind = r.kind AND e.id = r.id
        ), numbers AS (
            INSERT INTO highest_ids AS h (kind, highest)
            SELECT r.kind, r.highest FROM unnest($20, $21) AS r (kind, highest)
            ON CONFLICT (kind) DO UPDATE SET highest = excluded.highest WHERE excluded.highest > h.highest
        )
        INSERT INTO game_clock (id, alive) SELECT 1, t.alive FROM unnest($22) AS t (alive)
        ON CONFLICT (id) DO UPDATE SET alive = excluded.alive
        """

    private func statement(_ records: ArraySlice<EntityRecord>) -> PostgresStatement {
        let numbers = highest.sorted { $0.key.rawValue < $1.key.rawValue }
        return PostgresStatement(
            Self.sql,
            [
                PostgresParameter(records.map { Int16($0.key.kind.rawValue) }),
                PostgresParameter(records.map { $0.key.id }), PostgresParameter(records.map { $0.mapID }),
                PostgresParameter(records.map(\.login)), PostgresParameter(records.map { $0.prefab }),
                PostgresParameter(records.map(\.x)), PostgresParameter(records.map(\.y)),
                PostgresParameter(records.map { $0.z }), PostgresParameter(records.map { $0.sort }),
                PostgresParameter(records.map { $0.side }), PostgresParameter(records.map { $0.action }),
                PostgresParameter(records.map { $0.created }), PostgresParameter(records.map(\.spawnID)),
                PostgresParameter(utf8: records.map { JSON.object(EntityRow.components($0)).bytes }),
                PostgresParameter(utf8: records.map { JSON.object(EntityRow.events($0)).bytes }),
                PostgresParameter(records.map(\.ping)), PostgresParameter(SQLValue(saved)),
                PostgresParameter(removed.map { Int16($0.kind.rawValue) }), PostgresParameter(removed.map(\.id)),
                PostgresParameter(numbers.map(\.key.name)), PostgresParameter(numbers.map(\.value)),
                PostgresParameter(time.map { [$0] } ?? []),
            ])
    }
}
