import Foundation
import GRDB
import JSONValues
import World

/// The statements of the `entities` table, and the conversion between its rows and records.
enum EntityRow {
    private static let columns =
        "kind, id, map_id, login, prefab, x, y, z, sort, side, action, created, spawn_id, components, events"

    private static let texts: Set<String> = ["login", "prefab", "side", "action", "components", "events"]

    private static let selected = columns.split(separator: ", ").map(String.init)
        .map { texts.contains($0) ? ExactSQLText.selected($0) : $0 }.joined(separator: ", ")

    /// Selects the columns that every version of the database has.
    static let select = "SELECT \(selected) FROM entities"

    /// As `select`, with the time of the save; for ``storedRecord(_:)``.
    static let selectStored = "SELECT \(selected), saved FROM entities"

    static let insert = "INSERT \(target)"

    static let upsert = "INSERT OR REPLACE \(target)"

    private static let parameters = columns.split(separator: ", ").map(String.init)
        .map { texts.contains($0) ? ExactSQLText.parameter : "?" }.joined(separator: ", ")

    private static let target = "INTO entities (\(columns), saved) VALUES (\(parameters), ?)"

    static let raiseHighest = """
        INSERT INTO highest_ids (kind, highest) VALUES (?, ?)
        ON CONFLICT (kind) DO UPDATE SET highest = max(highest, excluded.highest)
        """

    /// The arguments of `insert` and `upsert`; `saved` is the time of the save by the game's clock, which the event
    /// times also follow, if it is known.
    static func arguments(_ record: EntityRecord, saved: Double?) -> StatementArguments {
        [
            record.key.kind.name, record.key.id, record.mapID, ExactSQLText.optionalBytes(record.login),
            ExactSQLText.bytes(record.prefab), record.x, record.y, record.z, record.sort,
            ExactSQLText.bytes(record.side), ExactSQLText.bytes(record.action), record.created, record.spawnID,
            Data(JSON.object(components(record)).bytes), Data(JSON.object(events(record)).bytes), saved,
        ]
    }

    /// Reads a row of `selectStored`.
    @Sendable static func storedRecord(_ row: Row) throws -> StoredRecord {
        StoredRecord(record: try record(row), savedAt: row[15])
    }

    /// Reads a row of `select`.
    ///
    /// - Parameter row: The row.
    /// - Returns: The record.
    /// - Throws: `DatabaseError` with `SQLITE_CORRUPT` for a kind or JSON text that the server never writes.
    @Sendable static func record(_ row: Row) throws -> EntityRecord {
        let kindName: String = row[0]
        guard let kind = EntityKind(name: kindName) else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "entities.kind is \"\(kindName)\"")
        }
        let key = EntityKey(kind, row[1])
        return EntityRecord(
            key: key, login: ExactSQLText.optionalText(row, 3), mapID: row[2], prefab: ExactSQLText.text(row, 4),
            x: row[5], y: row[6], z: row[7], sort: row[8], side: ExactSQLText.text(row, 9),
            action: ExactSQLText.text(row, 10), created: row[11], spawnID: row[12],
            components: Dictionary(
                try object(row[13], "components", key).members.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 }),
            events: Dictionary(
                try object(row[14], "events", key).members.map { ($0.key, event($0.value)) },
                uniquingKeysWith: { $1 }))
    }

    private static func object(_ text: Data, _ column: String, _ key: EntityKey) throws -> JSONObject {
        do {
            if let object = try JSON(parsing: [UInt8](text), maxDepth: 256).object { return object }
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "entities.\(column) of \(key) is no JSON object")
        } catch let error as JSONError {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "entities.\(column) of \(key): \(error)")
        }
    }

    /// The components by ascending name.
    static func components(_ record: EntityRecord) -> JSONObject {
        var object = JSONObject()
        for (name, value) in record.components.sorted(by: { $0.key < $1.key }) { object.append(unique: name, value) }
        return object
    }

    /// The states of event groups by ascending name.
    static func events(_ record: EntityRecord) -> JSONObject {
        var object = JSONObject()
        for (name, event) in record.events.sorted(by: { $0.key < $1.key }) {
            var state: JSONObject = ["time": .number(event.time)]
            if let action = event.action { state["action"] = .string(action) }
            if let data = event.data { state["data"] = data }
            if let commandID = event.commandID { state["command_id"] = .number(commandID) }
            if event.isFromClient { state["from_client"] = .bool(true) }
            object.append(unique: name, .object(state))
        }
        return object
    }

    /// Reads the state of one group, as ``events(_:)`` writes it.
    static func event(_ value: JSON) -> EventRecord {
        let state = value.object ?? [:]
        return EventRecord(
            action: state["action"]?.string, data: state["data"], commandID: state["command_id"]?.number,
            time: state["time"]?.number ?? 0, isFromClient: state["from_client"]?.bool ?? false)
    }
}
