import GameFolder
import GameRules
import World

/// The facts about a whole game that the check of each script needs.
struct GameFacts {
    /// A global that libs define.
    struct LibGlobal {
        /// The lib that assigns it first.
        var file: String
        /// The names of its fields, when it is a table whose fields are all known; `nil` otherwise.
        var members: Set<String>?
    }

    /// Components by name.
    private(set) var components: [String: ComponentDefinition] = [:]
    /// Components whose own file has a mistake: only their names are known.
    private(set) var brokenComponents: Set<String> = []
    /// Events by group and name.
    private(set) var groups: [String: [String: EventDefinition]] = [:]
    /// Events whose own file has a mistake, as `group/event`.
    private(set) var brokenEvents: Set<String> = []
    /// The ids of the maps that exist.
    private(set) var mapIDs: Set<Int> = []

    /// Whether the game has files in `sockets/`, so that all scripts have `io`.
    private(set) var hasSocketScripts = false

    /// The globals that libs define, by name.
    private(set) var libGlobals: [String: LibGlobal] = [:]
    /// Globals to whose values libs may add fields.
    private(set) var libWrites: Set<String> = []
    /// Whether libs may define globals that the check can't see, for instance through `_G`.
    private(set) var areLibsDynamic = false
    /// The paths of the scripts outside `lib/` that assign a global, by the global's name.
    private(set) var scriptGlobals: [String: [String]] = [:]
    /// Every use of a global in libs and scripts, by file.
    private(set) var uses: [String: GlobalUses] = [:]

    /// - Parameters:
    ///   - survey: The survey of the game folder.
    ///   - uses: The uses of globals in each script that can be parsed, by its path.
    init(_ survey: GameFolderSurvey, uses: [String: GlobalUses]) {
        self.uses = uses
        let game = survey.definition.withBuiltInEvents
        for component in game.schema.components { components[component.name] = component }
        for group in game.schema.groups {
            for event in group.events { groups[group.name, default: [:]][event.name] = event }
        }
        for script in survey.unusable {
            switch script.role {
            case .component(let name): brokenComponents.insert(name)
            case .event(let group, let name):
                groups[group, default: [:]][name] = EventDefinition(name: name)
                brokenEvents.insert("\(group)/\(name)")
            default: break
            }
        }
        hasSocketScripts = (survey.definition.scripts + survey.unusable).contains { script in
            if case .socket = script.role { true } else { false }
        }
        mapIDs = Set(game.mapIDs)
        // The id of a map that can't be read is known from its file's name.
        for problem in survey.problems where problem.file.hasPrefix("maps/") {
            if let id = Int(problem.file.dropFirst("maps/".count).prefix(while: \.isNumber)) { mapIDs.insert(id) }
        }
        takeGlobals(survey.definition.scripts + survey.unusable)
    }

    private mutating func takeGlobals(_ scripts: [GameScript]) {
        for script in scripts.sorted(by: { $0.path < $1.path }) {
            let isLib = if case .lib = script.role { true } else { false }
            guard let uses = uses[script.path] else {
                if isLib { takeWords(of: script) }
                continue
            }
            if isLib {
                areLibsDynamic = areLibsDynamic || uses.isDynamic
                libWrites.formUnion(uses.written)
                for name in uses.assigned where libGlobals[name] == nil {
                    libGlobals[name] = LibGlobal(file: script.path)
                }
            } else {
                for name in uses.assigned { scriptGlobals[name, default: []].append(script.path) }
            }
        }
        let libs = uses.filter { $0.key.hasPrefix("lib/") }.values
        for name in libGlobals.keys {
            libGlobals[name]?.members = Self.members(libs.flatMap { $0.byName[name] ?? [] })
        }
    }

    /// Takes every word of a lib that can't be parsed as a global, because the lib may define it once it is corrected.
    private mutating func takeWords(of lib: GameScript) {
        if lib.source.isEmpty { areLibsDynamic = true }
        let words = lib.source.split { byte in
            !(UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) && byte != UInt8(ascii: "_")
                && !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
        for word in Set(words.map { String(decoding: $0, as: UTF8.self) }).subtracting(ScriptAPI.commonGlobals)
        where libGlobals[word] == nil {
            libGlobals[word] = LibGlobal(file: lib.path)
        }
    }

    /// The names of the fields of a global that is assigned one table constructor and otherwise used only as
    /// `name.field`; `nil` for other globals.
    private static func members(_ uses: [GlobalUses.Use]) -> Set<String>? {
        var members: Set<String>?
        for use in uses.sorted(by: { $0.kind == .write && $1.kind != .write }) {
            switch use.kind {
            case .write:
                guard members == nil, let keys = use.keys else { return nil }
                members = keys
            case .memberWrite(let name): members?.insert(name)
            case .member: break
            case .read, .function: return nil
            }
        }
        return members
    }

    /// Every global that all scripts of the game have from the server.
    var commonGlobals: Set<String> {
        hasSocketScripts ? ScriptAPI.commonGlobals.union(["io"]) : ScriptAPI.commonGlobals
    }

    /// The names of components that some entities may have.
    func componentNames(of kinds: EntityKindSet) -> [String] {
        components.values.filter { !$0.kinds.isDisjoint(with: kinds) }.map(\.name) + brokenComponents
    }

    /// Whether there is a component with this name, for any entity type.
    func isComponent(_ name: String) -> Bool { components[name] != nil || brokenComponents.contains(name) }
}
