import GameFolder
import GameRules
import World

/// Writes the definitions of everything that the scripts of all games have.
enum APIStubs {
    /// The name of the class for entities of one type.
    static func entityClass(_ kind: EntityKind) -> String { "Entity.\(kind.name)" }

    static func text() -> String {
        var writer = StubWriter("What scripts of every game can use.")
        writer.gap()
        writer.line("---@alias Side \(MapSide.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: "|"))")
        writer.line("---@alias EntityType \(EntityKind.allCases.map { "\"\($0.name)\"" }.joined(separator: "|"))")
        writer.line("---@alias LeaveReason \(LeaveReason.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: "|"))")
        entity(&writer)
        eventGroup(&writer)
        newEntity(&writer)
        objects(&writer)
        map(&writer)
        sockets(&writer)
        runningEvent(&writer)
        environment(&writer)
        for function in ScriptAPI.functions where !ScriptAPI.standardGlobals.contains(function.name) {
            writer.function(function, of: nil)
        }
        libraries(&writer)
        return writer.text
    }

    private static func fields(of owner: ScriptAPI.Class, _ writer: inout StubWriter) {
        for member in owner.members where member.function == nil {
            writer.field(member.name, member.type, member.isWritable ? member.about : "Read only. \(member.about)")
        }
    }

    private static func functions(
        of owner: ScriptAPI.Class, as name: String, _ writer: inout StubWriter, overloads: [String: [String]] = [:]
    ) {
        for member in owner.members { writer.function(member, of: name, overloads: overloads[member.name] ?? []) }
    }

    private static func entity(_ writer: inout StubWriter) {
        writer.beginClass("Entity", about: ScriptAPI.entity.about)
        fields(of: ScriptAPI.entity, &writer)
        writer.line("local Entity = {}")
        functions(of: ScriptAPI.entity, as: "Entity", &writer)
        for kind in EntityKind.allCases {
            writer.beginClass("\(entityClass(kind)): Entity", about: "An entity of type \(kind.name).")
            writer.field("components", "Components.\(kind.name)", "The values of its components.")
            if kind == .players { writer.field("login", "string", "Read only. The player's login.") }
        }
    }

    private static func eventGroup(_ writer: inout StubWriter) {
        writer.beginClass("EventGroup", about: ScriptAPI.eventGroup.about)
        fields(of: ScriptAPI.eventGroup, &writer)
        writer.line("local EventGroup = {}")
        functions(of: ScriptAPI.eventGroup, as: "EventGroup", &writer)
    }

    private static func newEntity(_ writer: inout StubWriter) {
        writer.beginClass("NewEntity", about: "What objects.add makes an entity of.")
        for field in ScriptAPI.newEntity where field.name != "components" {
            writer.field(field.name, field.type + "?", field.about)
        }
        writer.field("components", "Components?", "Values of its components; others take their defaults.")
    }

    private static func objects(_ writer: inout StubWriter) {
        writer.beginClass("Objects", about: ScriptAPI.objects.about)
        writer.line("---@field [string] Entity")
        writer.line("objects = {}")
        var overloads: [String: [String]] = [:]
        for kind in EntityKind.allCases {
            let name = entityClass(kind)
            overloads["near", default: []].append(
                "fun(x: number, y: number, radius: number, type: \"\(kind.name)\"): \(name)[]")
            if kind != .players {
                overloads["add", default: []].append("fun(type: \"\(kind.name)\", data: NewEntity): \(name)?")
            }
        }
        functions(of: ScriptAPI.objects, as: "objects", &writer, overloads: overloads)
    }

    private static func map(_ writer: inout StubWriter) {
        writer.beginClass("Map", about: ScriptAPI.map.about)
        fields(of: ScriptAPI.map, &writer)
        writer.line("map = {}")
        functions(of: ScriptAPI.map, as: "map", &writer)
    }

    /// Writes the classes of `socket` and `io`; the global `socket` is one of the environment's.
    private static func sockets(_ writer: inout StubWriter) {
        for owner in ScriptAPI.socketClasses where owner.name != ScriptAPI.io.name {
            writer.beginClass(owner.name, about: owner.about)
            if owner.name == ScriptAPI.sockets.name { writer.line("---@field [string] Socket") }
            fields(of: owner, &writer)
            guard !owner.members.isEmpty else { continue }
            writer.line("local \(owner.name) = {}")
            functions(of: owner, as: owner.name, &writer)
        }
        writer.beginClass(ScriptAPI.io.name, about: ScriptAPI.io.about)
        fields(of: ScriptAPI.io, &writer)
        writer.line("io = {}")
        functions(of: ScriptAPI.io, as: "io", &writer)
    }

    private static func runningEvent(_ writer: inout StubWriter) {
        writer.beginClass("RunningEvent", about: ScriptAPI.event.about)
        fields(of: ScriptAPI.event, &writer)
    }

    private static func environment(_ writer: inout StubWriter) {
        for global in ScriptAPI.environmentGlobals {
            writer.gap()
            writer.line("---\(global.about)")
            writer.line("---@type \(global.type)")
            writer.line("\(global.name) = nil")
        }
    }

    /// Writes the libraries of which scripts have only a part.
    private static func libraries(_ writer: inout StubWriter) {
        let signatures: [String: [APIMember]] = [
            "debug": [
                .function(
                    "traceback", ["message?: string", "level?: integer"], returns: ["string"], "The calls so far.")
            ],
            "os": [
                .function("clock", returns: ["number"], "CPU time in seconds."),
                .function(
                    "date", ["format?: string", "time?: integer"], returns: ["string|table"],
                    "A time as text, or as a table."),
                .function(
                    "difftime", ["later: integer", "earlier: integer"], returns: ["number"],
                    "Seconds between two times."),
                .function("time", ["table?: table"], returns: ["integer"], "Unix time in seconds; see microtime()."),
            ],
        ]
        for (library, functions) in signatures.sorted(by: { $0.key < $1.key }) {
            writer.gap()
            writer.line("\(library) = {}")
            for function in functions { writer.function(function, of: library) }
        }
    }
}
