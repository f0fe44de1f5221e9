import JSONValues

/// What a host tells about itself in the list of servers [T9].
struct ServerEntry: Sendable, Equatable {
    /// The most characters of the name.
    static let maxNameCharacters = 64
    /// The most characters of the map's name, and of the mode's.
    static let maxTextCharacters = 32
    /// The most players that an entry may name.
    static let maxPlayers = 65_535

    /// The server's name, as people see it.
    let name: String
    /// The port at which it takes players.
    let port: Int
    /// The map that is played; may be empty.
    let map: String
    /// The kind of game; may be empty.
    let mode: String
    /// The players that are there.
    let players: Int
    /// The most players.
    let max: Int

    /// Reads the members of an entry.
    ///
    /// - Parameter members: `name`, `port`, `map`, `mode`, `players`, `max`; `map` and `mode` may be missing.
    /// - Throws: ``SignalError`` with code `bad_message`, which names the member and what is allowed.
    init(_ members: JSONObject) throws(SignalError) {
        let reader = SignalReader(members)
        name = try Self.text("name", members["name"], most: Self.maxNameCharacters)
        guard name.unicodeScalars.contains(where: { !$0.properties.isWhitespace }) else {
            throw .badMessage("name must have a visible character")
        }
        port = try reader.port()
        map = try Self.text("map", members["map"] ?? .string(""), most: Self.maxTextCharacters)
        mode = try Self.text("mode", members["mode"] ?? .string(""), most: Self.maxTextCharacters)
        max = try reader.whole("max", 1...Self.maxPlayers)
        players = try reader.whole("players", 0...max)
    }

    /// A text without characters that would hide, reorder or break what a page shows around it.
    private static func text(_ name: String, _ value: JSON?, most: Int) throws(SignalError) -> String {
        guard let text = value?.string, text.utf8.count <= 4 * most, text.count <= most, !text.contains("\t"),
            text.visible == text
        else {
            throw .badMessage("\(name) must be a text of at most \(most) characters, without control characters")
        }
        return text
    }

    /// The members, in the order of the documentation.
    func json(key: String, address: String?) -> JSON {
        var members: JSONObject = ["name": .string(name), "key": .string(key)]
        if let address { members["address"] = .string(address) }
        members["port"] = .number(Double(port))
        members["map"] = .string(map)
        members["mode"] = .string(mode)
        members["players"] = .number(Double(players))
        members["max"] = .number(Double(max))
        return .object(members)
    }
}
