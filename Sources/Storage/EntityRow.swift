package import JSONValues
package import World

/// The table of entities, and the conversion between its rows and records.
package enum EntityRow {
    private static let firstColumns =
        "kind, id, map_id, login, prefab, x, y, z, sort, side, action, created, spawn_id, components, events"

    /// All columns, in the order of ``values(_:saved:_:)``.
    package static let columns = "\(firstColumns), saved, ping"

    /// Selects the columns that every version of the database has.
    static let selectFirst = "SELECT \(firstColumns) FROM entities"

    /// Selects all columns.
    package static let select = "SELECT \(columns) FROM entities"

    /// Raises the highest number of a kind that is used; its parameters are the kind's name and the number.
    package static let raiseHighest = """
        INSERT INTO highest_ids (kind, highest) VALUES ($1, $2)
        ON CONFLICT (kind) DO UPDATE SET highest = excluded.highest WHERE excluded.highest > highest_ids.highest
        """

    /// Writes a row; its parameters are ``values(_:saved:_:)``.
    static let insert = """
        INSERT INTO entities (\(columns))
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
        """

    /// The values of a record's columns.
    ///
    /// - Parameters:
    ///   - record: The record.
    ///   - saved: The time of the save by the game's clock, which the event times also follow, if it is known.
    ///   - dialect: The engine that gets them.
    /// - Returns: The values, in the order of ``columns``.
    static func values(_ record: EntityRecord, saved: Double?, _ dialect: SQLDialect) -> [SQLValue] {
        [
            dialect.value(record.key.kind), .integer(record.key.id), .integer(record.mapID), SQLValue(record.login),
            .text(record.prefab), SQLValue(record.x), SQLValue(record.y), .real(record.z), .real(record.sort),
            .text(record.side), .text(record.action), .real(record.created), SQLValue(record.spawnID),
            .text(JSON.object(components(record)).text), .text(JSON.object(events(record)).text), SQLValue(saved),
            SQLValue(record.ping),
        ]
    }

    /// Reads a row of ``select``.
    ///
    /// - Throws: ``SQLTypeMismatch`` for a kind or JSON text that the server never writes.
    @Sendable package static func storedRecord(_ row: SQLRow) throws -> StoredRecord {
        StoredRecord(record: try record(row), savedAt: try row.optionalReal(15))
    }

    /// Reads a row of ``select`` or ``selectFirst``.
    ///
    /// - Throws: ``SQLTypeMismatch`` for a kind or JSON text that the server never writes.
    @Sendable package static func record(_ row: SQLRow) throws -> EntityRecord {
        let key = EntityKey(try kind(row[0]), try row.integer(1))
        return EntityRecord(
            key: key, login: try row.optionalText(3), mapID: try row.integer(2), prefab: try row.text(4),
            x: try row.optionalReal(5), y: try row.optionalReal(6), z: try row.real(7), sort: try row.real(8),
            side: try row.text(9), action: try row.text(10), created: try row.real(11),
            spawnID: try row.optionalInteger(12), ping: row.count > 16 ? try row.optionalReal(16) : nil,
            components: Dictionary(
                try object(row.text(13), "components", key).members.map { ($0.key, $0.value) },
                uniquingKeysWith: { $1 }),
            events: Dictionary(
                try object(row.text(14), "events", key).members.map { ($0.key, event($0.value)) },
                uniquingKeysWith: { $1 }))
    }

    private static func kind(_ value: SQLValue) throws(SQLTypeMismatch) -> EntityKind {
        switch value {
        case .text(let name): if let kind = EntityKind(name: name) { return kind }
        case .integer(let number):
            if let kind = UInt8(exactly: number).flatMap(EntityKind.init(rawValue:)) { return kind }
        default: break
        }
        throw SQLTypeMismatch(description: "entities.kind is \(value)")
    }

    private static func object(_ text: String, _ column: String, _ key: EntityKey) throws(SQLTypeMismatch) -> JSONObject
    {
        do throws(JSONError) {
            if let object = try JSON(parsing: [UInt8](text.utf8), maxDepth: 256).object { return object }
        } catch {
            throw SQLTypeMismatch(description: "entities.\(column) of \(key): \(error)")
        }
        throw SQLTypeMismatch(description: "entities.\(column) of \(key) is not a JSON object")
    }

    /// The components by ascending name.
    package static func components(_ record: EntityRecord) -> JSONObject {
        var object = JSONObject()
        for (name, value) in record.components.sorted(by: { $0.key < $1.key }) { object.append(unique: name, value) }
        return object
    }

    /// The states of event groups by ascending name.
    package static func events(_ record: EntityRecord) -> JSONObject {
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
