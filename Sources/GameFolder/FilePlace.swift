import GameRules
import World

/// What a file of the game folder is for, decided by its path.
enum FilePlace: Equatable {
    /// `game.yaml`
    case configuration
    /// A Lua file in one of the places for scripts.
    case script(GameScript.Role)
    /// `maps/ID-NAME.tmj`
    case map(id: Int, name: String)
    /// `maps/NAME.world`, which declares how maps lie beside each other.
    case world
    /// A file that the server does not read, such as a picture or a note.
    case other
    /// A file that is meant for the server, but has no effect at this place or under this name. The value is the
    /// message for its author.
    case mistaken(String)

    /// - Parameters:
    ///   - path: The path within the game folder, with `/`.
    ///   - files: The paths of all files in the folder, ascending.
    init(path: String, among files: [String]) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let file = parts[parts.count - 1]
        if parts == ["game.yaml"] {
            self = .configuration
        } else if parts.count == 1, Self.almostConfiguration.contains(file.lowercased()) {
            self = .mistaken("the configuration is read from game.yaml; rename the file")
        } else if parts.count > 1, parts[0] == "maps" {
            self = Self.map(path: path, inside: Array(parts.dropFirst()), among: files)
        } else if file.hasSuffix(".lua") {
            self = Self.script(parts, stem: String(file.dropLast(4)))
        } else if file.hasSuffix(".tmj") {
            self = .mistaken("maps are read from maps/ID-NAME.tmj only; move the file there")
        } else if parts.count > 1, Self.scriptFolders.contains(parts[0]), !Self.isNote(file) {
            self = .mistaken("not a Lua file; script files end in .lua")
        } else {
            self = .other
        }
    }

    static let scriptFolders: Set<String> = ["lib", "components", "events", "spawn", "leave", "sockets"]
    private static let almostConfiguration: Set<String> = ["game.yaml", "game.yml", "game.json", "game.yaml.txt"]

    private static let scriptPlaces = "lib/, components/, events/GROUP/, spawn/, leave/ and sockets/"

    private static func isNote(_ file: String) -> Bool { file.hasSuffix(".md") || file.hasSuffix(".txt") }

    private static func script(_ parts: [String], stem: String) -> FilePlace {
        switch (parts[0], parts.count) {
        case ("lib", 2):
            return named(stem, .lib(stem), keywordsAllowed: true)
        case ("components", 2):
            return named(stem, .component(stem))
        case ("events", 3):
            if let message = Names.problem(with: parts[1], as: "event group") { return .mistaken(message) }
            if stem == "timeout" { return .script(.timeout(group: parts[1])) }
            if parts[1] == "load" {
                return .mistaken("the group load is the server's own; choose another name for the group's folder")
            }
            return named(stem, .event(group: parts[1], name: stem), keywordsAllowed: true)
        case ("events", 2):
            return .mistaken(
                "an event stands in the folder of its group; move the file to events/\(stem)/index.lua or events/GROUP/\(stem).lua"
            )
        case ("spawn", 2), ("spawn", 3): return hook(parts, stem: stem) { .spawn(kind: $0, $1) }
        case ("leave", 2), ("leave", 3): return hook(parts, stem: stem) { .leave(kind: $0, $1) }
        case ("sockets", 2):
            if let message = SocketEvents.problem(withFile: stem) { return .mistaken(message) }
            return named(stem, .socket(stem), keywordsAllowed: true)
        case ("lib", _), ("components", _), ("sockets", _):
            return .mistaken("no folders inside \(parts[0])/; move the file to \(parts[0])/\(stem).lua")
        case ("events", _):
            return .mistaken("too deep; an event's file is events/GROUP/NAME.lua")
        case ("spawn", _):
            return .mistaken(
                "too deep; a spawn hook's file is spawn/TYPE.lua, spawn/TYPE/PREFAB.lua or spawn/TYPE/ID.lua")
        case ("leave", _):
            return .mistaken(
                "too deep; a leave hook's file is leave/TYPE.lua, leave/TYPE/PREFAB.lua or leave/TYPE/ID.lua")
        default:
            let hint = parts.count > 1 ? Suggestion.nearest(to: parts[0], among: scriptFolders.sorted()) : nil
            return .mistaken(
                "no script is read from here; scripts stand in \(scriptPlaces)"
                    + (hint.map { "; did you mean \($0)/?" } ?? ""))
        }
    }

    /// A spawn or leave hook, by the folders of its path.
    private static func hook(
        _ parts: [String], stem: String, _ role: (EntityKind, GameScript.HookTarget) -> GameScript.Role
    ) -> FilePlace {
        let kindName = parts.count == 2 ? stem : parts[1]
        guard let kind = EntityKind(name: kindName) else {
            return .mistaken(
                "\"\(kindName)\" is no entity type; allowed are \(Names.kinds)"
                    + Suggestion.hint(for: kindName, among: EntityKind.allCases.map(\.name)))
        }
        if parts.count == 2 { return .script(role(kind, .all)) }
        guard stem.first?.isNumber == true else {
            return named(stem, role(kind, .prefab(stem)), keywordsAllowed: true)
        }
        guard let id = Int(stem), id >= 1, String(id) == stem else {
            return .mistaken(
                "\"\(stem)\" is no entity's id; \(parts[0])/\(kindName)/7.lua is for the entity with the id 7, and the "
                    + "name of a prefab begins with a letter or _")
        }
        return .script(role(kind, .id(id)))
    }

    private static func named(_ name: String, _ role: GameScript.Role, keywordsAllowed: Bool = false) -> FilePlace {
        let thing =
            switch role {
            case .lib: "lib"
            case .component: "component"
            case .event, .timeout: "event"
            case .spawn, .leave: "prefab"
            case .socket: "socket event"
            }
        if let message = Names.problem(with: name, as: thing, keywordsAllowed: keywordsAllowed) {
            return .mistaken(message)
        }
        return .script(role)
    }

    private static func map(path: String, inside parts: [String], among files: [String]) -> FilePlace {
        let file = parts[parts.count - 1]
        if file.hasSuffix(".tmx") {
            // A .tmx file beside its export is the source of the map, so it is no mistake.
            let export = String(path.dropLast(4)) + ".tmj"
            if files.contains(export) { return .other }
            return .mistaken(
                "maps are read as JSON; export it in Tiled (File > Export As, JSON map files) to \(export), or run: tiled --export-map json \(path) \(export)"
            )
        }
        if parts.count == 1, file.hasSuffix(".json"), file.first?.isNumber == true {
            return .mistaken("a map's file ends in .tmj; rename it to \(path.dropLast(5)).tmj")
        }
        if file.hasSuffix(".lua") {
            return .mistaken(
                "no script is read from maps/; scripts stand in \(scriptPlaces)")
        }
        if file.hasSuffix(".world") {
            return parts.count == 1
                ? .world : .mistaken("no folders inside maps/; move the file to maps/\(file), and its maps too")
        }
        guard file.hasSuffix(".tmj") else { return .other }
        guard parts.count == 1 else { return .mistaken("no folders inside maps/; move the file to maps/\(file)") }
        let stem = file.dropLast(4)
        let digits = stem.prefix { $0.isASCII && $0.isNumber }
        let name = stem.dropFirst(digits.count).dropFirst()
        guard let id = Int(digits), (1...Int(Int32.max)).contains(id), !name.isEmpty,
            stem.dropFirst(digits.count).first == "-"
        else {
            return .mistaken(
                "a map's file is named ID-NAME.tmj with an ID from 1 to \(Int32.max), for instance maps/4-forest.tmj")
        }
        return .map(id: id, name: String(name))
    }
}
