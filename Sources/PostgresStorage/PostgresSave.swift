import Storage
import World

/// A save of entities: one statement, or several when it is larger than a statement may be; a process that stops in the
/// middle can't leave a statement open.
///
/// A save that ends between two of its statements must lose nothing, and nothing may get ahead of the rest:
/// - The first statement raises the highest numbers for all records, so that no number is given out twice.
/// - Keys are deleted after all records were written: what replaces a deleted entity is there before.
/// - The last statement writes the game's time. Before it, the time is that of the last save: if the game starts anew
///   from there, events come later, instead of being overdue.
///
/// Only such a save is not all or nothing, and one with a record that the database can't store, for example because a
/// name in it has the character NUL. That record must not keep the others from being saved: when the database refuses
/// the data of a statement, its records are saved in two halves, and so on down to the one that is refused.
struct PostgresSave {
    private let connection: PostgresConnection
    private let time: Double?
    /// The records that no statement has taken yet.
    private var records: ArraySlice<EntityRecord>
    /// The keys that are not deleted yet.
    private var removed: ArraySlice<EntityKey>
    /// The highest number of each kind among all records, until it is written.
    private var highest: [EntityKind: Int] = [:]
    private var refused: [RefusedRecord] = []
    private var isFirst = true
    /// Whether the last statement was carried out.
    private var isDone = false

    /// Writes records, and deletes others.
    ///
    /// - Parameters:
    ///   - records: The records.
    ///   - removed: The keys to delete.
    ///   - time: The game's time, Unix seconds.
    ///   - connection: The connection that has the database's lock.
    ///   - bound: How large a statement may be; it follows how long the statements take.
    /// - Returns: The records that the database can't store.
    /// - Throws: ``PostgresFailure``; then everything is to be saved again.
    static func write(
        _ records: [EntityRecord], removed: [EntityKey], at time: Double?, over connection: PostgresConnection,
        _ bound: inout PostgresSaveBound
    ) throws -> [RefusedRecord] {
        var save = PostgresSave(records, removed: removed, at: time, over: connection)
        while !save.isDone {
            let rows = save.nextRows(bound)
            try save.send(rows[...], isEnd: save.records.isEmpty, &bound)
        }
        bound.saveEnded()
        return save.refused
    }

    private init(
        _ records: [EntityRecord], removed: [EntityKey], at time: Double?, over connection: PostgresConnection
    ) {
        self.connection = connection
        self.time = time
        self.removed = removed[...]
        // If it takes several statements, most maps are in one of them: what happened between two entities of such a
        // map is saved at once.
        self.records = Self.distinct(records, without: removed).sorted { $0.mapID < $1.mapID }[...]
        for record in records { highest[record.key.kind] = max(highest[record.key.kind] ?? 0, record.key.id) }
    }

    /// Takes as many records as a statement may write, at least one.
    private mutating func nextRows(_ bound: PostgresSaveBound) -> [EncodedEntity] {
        var (rows, bytes): ([EncodedEntity], Int) = ([], 0)
        while rows.count < bound.now.rows, let record = records.first {
            let row = EncodedEntity(record)
            if row.byteCount > bound.largestRecord {
                let reason = "it has \(row.byteCount) bytes, and the store takes \(bound.largestRecord) of an entity"
                refused.append(RefusedRecord(key: record.key, reason: reason))
            } else {
                bytes += row.byteCount
                if bytes > bound.now.bytes, !rows.isEmpty { break }
                rows.append(row)
            }
            records.removeFirst()
        }
        return rows
    }

    /// Carries out one statement, or several if the database refuses the data of a row.
    ///
    /// - Parameters:
    ///   - rows: The records that it writes.
    ///   - isEnd: Whether no records come after them, so that it may delete.
    ///   - bound: How large it may be.
    /// - Throws: ``PostgresFailure``.
    private mutating func send(_ rows: ArraySlice<EncodedEntity>, isEnd: Bool, _ bound: inout PostgresSaveBound) throws
    {
        let keys = isEnd ? removed.prefix(max(bound.now.rows - rows.count, 0)) : []
        let isLast = isEnd && keys.count == removed.count
        let size = PostgresSaveBound.Size(
            rows: rows.count + keys.count, bytes: rows.reduce(0) { $0 + $1.byteCount })
        let start = ContinuousClock.now
        do {
            try connection.run(statement(rows, keys, isLast ? time : nil), within: bound.limit(size))
        } catch let failure as PostgresFailure where Self.refuses(failure, rows, keys) {
            if let only = rows.first, rows.count == 1 {
                refused.append(RefusedRecord(key: only.record.key, reason: failure.description))
            } else {
                let half = rows.startIndex + rows.count / 2
                try send(rows[..<half], isEnd: false, &bound)
                try send(rows[half...], isEnd: isEnd, &bound)
            }
            return
        } catch {
            if (error as? PostgresFailure)?.asksForLess == true { bound.wasTooMuch(size, isFirst: isFirst) }
            throw error
        }
        bound.took(start.duration(to: .now), size)
        isFirst = false
        highest = [:]
        removed = removed.dropFirst(keys.count)
        isDone = isLast
    }

    /// Whether a failure is one of the data of the rows, or of a single row that needs more memory than the database
    /// has.
    private static func refuses(
        _ failure: PostgresFailure, _ rows: ArraySlice<EncodedEntity>, _ keys: ArraySlice<EntityKey>
    ) -> Bool {
        if failure.refusesData { return !rows.isEmpty }
        return failure.lacksMemory && rows.count == 1 && keys.isEmpty
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

    private func statement(
        _ rows: ArraySlice<EncodedEntity>, _ gone: ArraySlice<EntityKey>, _ alive: Double?
    ) -> PostgresStatement {
        let numbers = highest.sorted { $0.key.rawValue < $1.key.rawValue }
        return PostgresStatement(
            Self.sql,
            [
                PostgresParameter(rows.map { Int16($0.record.key.kind.rawValue) }),
                PostgresParameter(rows.map { $0.record.key.id }), PostgresParameter(rows.map { $0.record.mapID }),
                PostgresParameter(rows.map(\.record.login)), PostgresParameter(rows.map { $0.record.prefab }),
                PostgresParameter(rows.map(\.record.x)), PostgresParameter(rows.map(\.record.y)),
                PostgresParameter(rows.map { $0.record.z }), PostgresParameter(rows.map { $0.record.sort }),
                PostgresParameter(rows.map { $0.record.side }), PostgresParameter(rows.map { $0.record.action }),
                PostgresParameter(rows.map { $0.record.created }), PostgresParameter(rows.map(\.record.spawnID)),
                PostgresParameter(utf8: rows.map(\.components)), PostgresParameter(utf8: rows.map(\.events)),
                PostgresParameter(rows.map(\.record.ping)), PostgresParameter(SQLValue(time)),
                PostgresParameter(gone.map { Int16($0.kind.rawValue) }), PostgresParameter(gone.map(\.id)),
                PostgresParameter(numbers.map(\.key.name)), PostgresParameter(numbers.map(\.value)),
                PostgresParameter(alive.map { [$0] } ?? []),
            ])
    }
}
