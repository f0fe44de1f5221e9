import GameRules
import World

/// Writes the definitions of what a game's own tests have besides what scripts have (`docs/lua/testing.md`). An editor
/// can't tell tests from scripts: it offers these names in every file.
enum TestStubs {
    /// The functions `test` and `expect`.
    static let functions: [APIMember] = [
        .function("test", ["name: string", "body: function"], "Tests only. A test; it gets a map of its own."),
        .function(
            "expect", ["value: any"], returns: ["Expectation"],
            "Tests only. What must hold of a value follows: `expect(anna.x).is(15)`."),
    ]

    /// The global `world`.
    static let world = ScriptAPI.Class(
        name: "TestWorld", article: "the world", about: "Tests only. The test's map, its clock and its players.",
        members: [
            .field("now", "number", "The map's clock, Unix time in seconds."),
            .field("log", "LogEntry[]", "What is in the map's log."),
            .field("errors", "LogEntry[]", "The errors in the map's log that nobody expected yet."),
            .field("moved", "MovedEntity[]", "The entities that went to another map."),
            .field("seed", "integer", "The seed of all random numbers."),
            .function(
                "map", ["id: integer?", "options?: table"],
                "Chooses the map: before the tests of a file for all of them, or first thing in one. nil is the start map. Options: `entities = false` leaves out those of its file, `seed` chooses the seed."
            ),
            .function(
                "spawn", ["type: EntityType", "data?: NewEntity"], returns: ["Entity"],
                "Adds an entity at once and runs its spawn hooks."),
            .function(
                "join", ["login: string", "data?: NewEntity"], returns: ["Entity.players"],
                "A player enters with a client that keeps what it is sent."),
            .function("leave", ["player: Entity|string"], "Closes the client's connection."),
            .function(
                "mute", ["player: Entity|string", "seconds?: number"],
                "Mutes a player as an operator does, for ever without a number; 0 ends it."),
            .function(
                "command", ["player: Entity|string", "event: string", "parameters?: table"],
                returns: ["boolean", "string?", "integer?"],
                "Sends a command as the client would. Returns true, or false, the text of the refusal and its code."),
            .function(
                "connect", ["options?: {login: string?, auth: table?, address: string?}"],
                returns: ["string?", "string?"],
                "A client of Socket.IO connects, a guest without a login. Returns the socket's id, or nil and why it was refused."
            ),
            .function(
                "emit", ["socket: string", "event: string", "...: any"], "Sends an event as the socket's client would."),
            .function(
                "request", ["socket: string", "event: string", "...: any"], returns: ["any"],
                "As emit, and asks for an answer. Returns its values, up to four; nothing when there is none."),
            .function(
                "emitted", ["socket: string", "event?: string"], returns: ["EmittedEvent[]"],
                "The events that the socket's client got, all or those of a name; the newest last."),
            .function(
                "connected", ["socket: string"], returns: ["boolean"], "Whether the socket is connected."),
            .function(
                "disconnect", ["socket: string", "reason?: string"], "The socket's client closes its connection."),
            .function("advance", ["seconds: number"], "Lets time pass, in whole ticks, one at least."),
            .function("tick", ["count?: integer"], "Runs ticks, 1 without a number."),
            .function("entity", ["key: string"], returns: ["Entity?"], "The entity, or nil."),
            .function("entities", ["type?: EntityType"], returns: ["Entity[]"], "All entities, or those of a type."),
            .function(
                "received", ["player: Entity|string", "since?: number"], returns: ["table[]"],
                "What the player's client was sent, at or after a time of `world.now`; the newest last."),
            .function(
                "walkable", ["x: number", "y: number"], returns: ["boolean"], "Whether one can stand there."),
            .function(
                "expectError", ["text: string"], returns: ["string"],
                "The map's error log must have an error with this text or pattern, which then does not fail the test."),
        ])

    /// The class of the value that `expect` returns.
    static let expectation = ScriptAPI.Class(
        name: "Expectation", article: "an expectation",
        about: "What must hold of a value; the first that does not ends the test.",
        members: [
            .field("never", "Expectation", "Negates the check that follows."),
            .function("is", ["wanted: any"], "Equal; tables in all their parts."),
            .function("isNot", ["unwanted: any"], "Not equal."),
            .function("has", ["fields: table"], "A table that has these fields, and may have others."),
            .function(
                "contains", ["wanted: any"],
                "A text with this text in it, or a table with this element, or one with its fields."),
            .function(
                "near", ["wanted: number", "tolerance?: number"],
                "A number not further away than the tolerance, or 0.001."),
            .function("isAbove", ["limit: number"], "A number above this."),
            .function("isBelow", ["limit: number"], "A number below this."),
            .function("isAtLeast", ["limit: number"], "A number not below this."),
            .function("isAtMost", ["limit: number"], "A number not above this."),
            .function("exists", [], "Not nil, and no entity that was removed."),
            .function("isNil", [], "Nil."),
            .function("matches", ["pattern: string"], "A text with a match of this Lua pattern."),
            .function("raises", ["text?: string"], "A function that fails, with this text or pattern in the message."),
        ])

    private static let logEntry: [APIMember] = [
        .field("level", "\"log\"|\"error\"", ""), .field("text", "string", ""), .field("script", "string?", ""),
        .field("line", "integer?", ""), .field("kind", "string?", ""), .field("entity", "string?", ""),
        .field("time", "number", ""),
    ]

    private static let movedEntity: [APIMember] = [
        .field("key", "string", ""), .field("login", "string?", ""), .field("map_id", "integer", ""),
        .field("x", "number?", ""), .field("y", "number?", ""), .field("components", "Components", ""),
    ]

    private static let emittedEvent: [APIMember] = [
        .field("name", "string", ""), .field("args", "any[]", ""), .field("data", "any", ""),
        .field("time", "number", ""),
    ]

    static func text() -> String {
        var writer = StubWriter("What a game's own tests can use beside that; scripts can't.")
        for (name, about, members) in [
            ("LogEntry", "A line of the map's log.", logEntry),
            ("MovedEntity", "The entities that went to another map.", movedEntity),
            ("EmittedEvent", "An event that a client of Socket.IO got; `data` is its first argument.", emittedEvent),
        ] {
            writer.beginClass(name, about: about)
            for member in members { writer.field(member.name, member.type, member.about) }
        }
        write(expectation, as: "Expectation", declaration: "local Expectation = {}", &writer)
        write(world, as: "world", declaration: "world = {}", &writer)
        for function in functions { writer.function(function, of: nil) }
        return writer.text
    }

    private static func write(
        _ owner: ScriptAPI.Class, as name: String, declaration: String, _ writer: inout StubWriter
    ) {
        writer.beginClass(owner.name, about: owner.about)
        for member in owner.members where member.function == nil {
            writer.field(member.name, member.type, member.about)
        }
        writer.line(declaration)
        for member in owner.members { writer.function(member, of: name) }
    }
}
