import JSONValues
import World

/// One line of an exported store: what `perigee export` writes and `perigee import` reads.
///
/// | line | holds |
/// |---|---|
/// | `{"perigee":"export","version":1}` | the first line |
/// | `{"alive":1700000000.5}` | when the game ran last, Unix time |
/// | `{"account":{…}}` | `id`, `login`, `password_hash`, `created` |
/// | `{"entity":{…}}` | every column of an entity, `components` and `events` as they are on the wire |
/// | `{"highest":{"kind":"enemys","id":7}}` | the highest number that entities of a kind ever had |
/// | `{"ban":{…}}` | `id`, `player_id`, `addresses`, `reason`, `made_by`, `created`, `expires` |
/// | `{"mute":{…}}` | `player_id`, `reason`, `made_by`, `created`, `expires` |
///
/// In a ban, `player_id` or `addresses` may be absent; `expires` is absent for what does not end. Bans and mutes came
/// later; a file without any is the same as before.
enum TransferLine: Equatable {
    /// The version of the layout above; a changed layout gets the next number.
    static let version = 1

    case head
    case alive(Double)
    case account(Account)
    case entity(EntityRecord)
    case highest(EntityKind, Int)
    case ban(Ban)
    case mute(Mute)

    /// Why a line can't be imported.
    struct Mistake: Error, CustomStringConvertible {
        var description: String

        init(_ description: String) { self.description = description }
    }

    // MARK: Writing

    var json: JSON {
        switch self {
        case .head: .object(["perigee": .string("export"), "version": .number(Double(Self.version))])
        case .alive(let time): .object(["alive": .number(time)])
        case .account(let account):
            .object([
                "account": .object([
                    "id": .number(Double(account.id)), "login": .string(account.login),
                    "password_hash": .string(account.passwordHash), "created": .number(account.created),
                ])
            ])
        case .entity(let record): .object(["entity": .object(Self.object(record))])
        case .highest(let kind, let id):
            .object(["highest": .object(["kind": .string(kind.name), "id": .number(Double(id))])])
        case .ban(let ban): .object(["ban": .object(Self.object(ban))])
        case .mute(let mute): .object(["mute": .object(Self.object(mute))])
        }
    }

    private static func object(_ ban: Ban) -> JSONObject {
        var object: JSONObject = ["id": .number(Double(ban.id))]
        if let id = ban.playerID { object["player_id"] = .number(Double(id)) }
        if let addresses = ban.addresses { object["addresses"] = .string(addresses) }
        object["reason"] = .string(ban.reason)
        object["made_by"] = .string(ban.madeBy)
        object["created"] = .number(ban.created)
        if let expires = ban.expires { object["expires"] = .number(expires) }
        return object
    }

    private static func object(_ mute: Mute) -> JSONObject {
        var object: JSONObject = [
            "player_id": .number(Double(mute.playerID)), "reason": .string(mute.reason),
            "made_by": .string(mute.madeBy), "created": .number(mute.created),
        ]
        if let expires = mute.expires { object["expires"] = .number(expires) }
        return object
    }

    /// The members of an entity's line.
    static func object(_ record: EntityRecord) -> JSONObject {
        var object: JSONObject = [
            "kind": .string(record.key.kind.name), "id": .number(Double(record.key.id)),
            "map_id": .number(Double(record.mapID)),
        ]
        if let login = record.login { object["login"] = .string(login) }
        object["prefab"] = .string(record.prefab)
        if let x = record.x { object["x"] = .number(x) }
        if let y = record.y { object["y"] = .number(y) }
        object["z"] = .number(record.z)
        object["sort"] = .number(record.sort)
        object["side"] = .string(record.side)
        object["action"] = .string(record.action)
        object["created"] = .number(record.created)
        if let spawnID = record.spawnID { object["spawn_id"] = .number(Double(spawnID)) }
        if let ping = record.ping { object["ping"] = .number(ping) }
        object["components"] = .object(EntityRow.components(record))
        object["events"] = .object(EntityRow.events(record))
        return object
    }

    // MARK: Reading

    /// Reads a line.
    ///
    /// - Parameter text: The line, without its end.
    /// - Throws: ``Mistake``, which says what is wrong and what is allowed.
    init(_ text: some StringProtocol) throws(Mistake) {
        let parsed: JSON
        do throws(JSONError) { parsed = try JSON(parsing: Array(text.utf8), maxDepth: 256) } catch {
            throw Mistake("not JSON: \(error)")
        }
        guard let members = parsed.object?.members, let first = members.first else {
            throw Mistake("a line is an object such as {\"entity\":{…}}, not \(parsed.typeName)")
        }
        switch (first.key, first.value) {
        case ("perigee", .string("export")):
            guard let version = parsed.object?["version"]?.number else { throw Mistake("the version is missing") }
            guard version == Double(Self.version) else {
                throw Mistake(
                    "the export has version \(JSON.number(version).text), and this perigee reads \(Self.version); import it with the version that wrote it, or a newer one"
                )
            }
            self = .head
        case ("alive", .number(let time)): self = .alive(time)
        case ("account", .object(let object)):
            var fields = Fields("the account", object)
            let account = Account(
                id: try fields.whole("id", from: 1), login: try fields.text("login"),
                passwordHash: try fields.text("password_hash"), created: try fields.number("created"))
            try fields.checkRest()
            self = .account(account)
        case ("entity", .object(let object)): self = .entity(try Self.record(object))
        case ("highest", .object(let object)):
            var fields = Fields("highest", object)
            self = .highest(try fields.kind("kind"), try fields.whole("id", from: 0))
            try fields.checkRest()
        case ("ban", .object(let object)): self = .ban(try Self.ban(object))
        case ("mute", .object(let object)): self = .mute(try Self.mute(object))
        case ("perigee", _): throw Mistake("perigee must be \"export\"")
        case ("alive", _): throw Mistake("alive must be a number, not \(first.value.typeName)")
        case ("account", _), ("entity", _), ("highest", _), ("ban", _), ("mute", _):
            throw Mistake("\(first.key) must be an object, not \(first.value.typeName)")
        default:
            throw Mistake(
                "a line can't begin with \"\(first.key.prefix(40))\"; it must begin with perigee, alive, account, entity, highest, ban or mute"
            )
        }
    }

    private static func ban(_ object: JSONObject) throws(Mistake) -> Ban {
        var fields = Fields("the ban", object)
        let ban = Ban(
            id: try fields.whole("id", from: 1),
            playerID: try fields.optional("player_id") { (fields: inout Fields) throws(Mistake) in
                try fields.whole("player_id", from: 1)
            },
            addresses: try fields.optional("addresses") { (fields: inout Fields) throws(Mistake) in
                try fields.text("addresses")
            },
            reason: try fields.text("reason"), madeBy: try fields.text("made_by"),
            created: try fields.number("created"), expires: try fields.expiry())
        try fields.checkRest()
        guard ban.playerID != nil || ban.addresses != nil else {
            throw Mistake("a ban needs player_id or addresses")
        }
        return ban
    }

    private static func mute(_ object: JSONObject) throws(Mistake) -> Mute {
        var fields = Fields("the mute", object)
        let mute = Mute(
            playerID: try fields.whole("player_id", from: 1), reason: try fields.text("reason"),
            madeBy: try fields.text("made_by"), created: try fields.number("created"), expires: try fields.expiry())
        try fields.checkRest()
        return mute
    }

    private static func record(_ object: JSONObject) throws(Mistake) -> EntityRecord {
        var fields = Fields("the entity", object)
        let key = EntityKey(try fields.kind("kind"), try fields.whole("id", from: 1))
        var record = EntityRecord(key: key, mapID: try fields.whole("map_id", from: 1))
        record.login = try fields.optional("login") { (fields: inout Fields) throws(Mistake) in try fields.text("login")
        }
        record.prefab = try fields.text("prefab")
        record.x = try fields.optional("x") { (fields: inout Fields) throws(Mistake) in try fields.number("x") }
        record.y = try fields.optional("y") { (fields: inout Fields) throws(Mistake) in try fields.number("y") }
        record.z = try fields.number("z")
        record.sort = try fields.number("sort")
        record.side = try fields.text("side")
        record.action = try fields.text("action")
        record.created = try fields.number("created")
        record.spawnID = try fields.optional("spawn_id") { (fields: inout Fields) throws(Mistake) in
            try fields.whole("spawn_id", from: 0)
        }
        record.ping = try fields.optional("ping") { (fields: inout Fields) throws(Mistake) in try fields.number("ping")
        }
        for (name, value) in try fields.object("components").members { record.components[name] = value }
        for (name, value) in try fields.object("events").members {
            guard let state = value.object, state["time"]?.number != nil else {
                throw Mistake("the event group \(name) must be an object with a time")
            }
            record.events[name] = EntityRow.event(value)
        }
        try fields.checkRest()
        return record
    }
}

/// The members of an object that are still to be read; reading a member removes it.
private struct Fields {
    private let what: String
    private var object: JSONObject

    init(_ what: String, _ object: JSONObject) {
        self.what = what
        self.object = object
    }

    private mutating func removeField(_ name: String) throws(TransferLine.Mistake) -> JSON {
        guard let value = object[name] else { throw .init("\(what) has no \(name)") }
        object[name] = nil
        return value
    }

    mutating func text(_ name: String) throws(TransferLine.Mistake) -> String {
        let value = try removeField(name)
        guard let text = value.string else { throw .init("\(name) must be text, not \(value.typeName)") }
        guard !text.utf8.contains(0) else { throw .init("\(name) can't contain the character NUL (\\u0000)") }
        return text
    }

    mutating func number(_ name: String) throws(TransferLine.Mistake) -> Double {
        let value = try removeField(name)
        guard let number = value.number else { throw .init("\(name) must be a number, not \(value.typeName)") }
        return number
    }

    mutating func whole(_ name: String, from least: Int) throws(TransferLine.Mistake) -> Int {
        let number = try number(name)
        guard let whole = Int(exactly: number), whole >= least else {
            throw .init("\(name) is \(JSON.number(number).text); it must be a whole number from \(least)")
        }
        return whole
    }

    mutating func kind(_ name: String) throws(TransferLine.Mistake) -> EntityKind {
        let text = try text(name)
        guard let kind = EntityKind(name: text) else {
            let known = EntityKind.allCases.map(\.name).joined(separator: ", ")
            throw .init("\(name) is \"\(text.prefix(40))\"; it must be one of \(known)")
        }
        return kind
    }

    mutating func object(_ name: String) throws(TransferLine.Mistake) -> JSONObject {
        let value = try removeField(name)
        guard let object = value.object else { throw .init("\(name) must be an object, not \(value.typeName)") }
        return object
    }

    mutating func optional<Value>(
        _ name: String, _ read: (inout Fields) throws(TransferLine.Mistake) -> Value
    ) throws(TransferLine.Mistake) -> Value? {
        object[name] == nil ? nil : try read(&self)
    }

    mutating func expiry() throws(TransferLine.Mistake) -> Double? {
        try optional("expires") { (fields: inout Fields) throws(TransferLine.Mistake) in try fields.number("expires") }
    }

    func checkRest() throws(TransferLine.Mistake) {
        guard let name = object.keys.first else { return }
        throw .init("\(what) has no field \"\(name.prefix(40))\"")
    }
}
