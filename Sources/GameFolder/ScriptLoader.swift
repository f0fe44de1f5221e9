import World

/// Reads the scripts of a game folder and assembles their schema.
struct ScriptLoader {
    let tree: FolderTree
    let previous: GameDefinition?
    private(set) var problems: [GameFolderProblem] = []
    private var files: [ScriptFile] = []
    /// Scripts that were left out.
    private(set) var unusable: [GameScript] = []

    init(tree: FolderTree, previous: GameDefinition?) {
        self.tree = tree
        self.previous = previous
    }

    /// Every usable script, by ascending path.
    var scripts: [GameScript] { files.map(\.script) }

    /// The components and event groups that the usable scripts declare.
    var schema: Schema {
        var components: [ComponentDefinition] = []
        var groups: [String: EventGroupDefinition] = [:]
        for file in files {
            switch file.declaration {
            case .none: break
            case .component(let component): components.append(component)
            case .event(let group, let event):
                groups[group, default: EventGroupDefinition(name: group, events: [])].events.append(event)
            case .timeout(let group, let order, let lifeRadius, let share):
                groups[group, default: EventGroupDefinition(name: group, events: [])].order = order
                groups[group]?.share = share
                groups[group]?.hasTimeoutFormula = true
                groups[group]?.lifeRadius = lifeRadius
            }
        }
        // The broken file may contain `--@share none`. Until it is mended, no client gets the queue.
        for case .timeout(let group) in unusable.map(\.role) where groups[group]?.hasTimeoutFormula == false {
            groups[group]?.share = .none
        }
        for name in groups.keys { groups[name]?.events.sort { $0.name < $1.name } }
        return Schema(components: components, groups: Array(groups.values))
    }

    mutating func load(
        _ places: [(path: String, role: GameScript.Role)], isBroken: (String) -> Bool
    ) {
        let places = withoutClashes(places)
        for place in places {
            if let file = read(place.path, place.role) ?? former(place.path) { files.append(file) }
        }
        for script in previous?.scripts ?? [] where isBroken(script.path) {
            if let file = former(script.path) { files.append(file) }
        }
        dropTimeoutsWithoutEvents(places)
        files.sort { $0.script.path < $1.script.path }
    }

    private mutating func read(_ path: String, _ role: GameScript.Role) -> ScriptFile? {
        do throws(GameFolderProblem) {
            let source = try tree.contents(path, as: "a script", maxBytes: GameScript.maxBytes)
            let file = ScriptFile.parse(role: role, path: path, source: source, problems: &problems)
            guard let file else {
                let isText = ScriptFile.encodingProblem(source, path: path) == nil
                unusable.append(GameScript(role: role, path: path, source: isText ? source : []))
                return nil
            }
            return file
        } catch {
            problems.append(error)
            return nil
        }
    }

    /// The previous definition's version of a file; `nil` without one.
    private func former(_ path: String) -> ScriptFile? {
        guard let previous, let script = previous.scripts.first(where: { $0.path == path }) else { return nil }
        switch script.role {
        case .lib, .spawn, .leave, .socket:
            return ScriptFile(script: script, declaration: .none)
        case .component(let name):
            return previous.schema.components.first { $0.name == name }.map {
                ScriptFile(script: script, declaration: .component($0))
            }
        case .event(let group, let name):
            let events = previous.schema.groups.first { $0.name == group }?.events ?? []
            return events.first { $0.name == name }.map {
                ScriptFile(script: script, declaration: .event(group: group, $0))
            }
        case .timeout(let group):
            return previous.schema.groups.first { $0.name == group }.map {
                ScriptFile(
                    script: script,
                    declaration: .timeout(
                        group: group, order: $0.order, lifeRadius: $0.lifeRadius, share: $0.share))
            }
        }
    }

    /// Leaves out files whose paths differ from another file's only in case.
    private mutating func withoutClashes(
        _ places: [(path: String, role: GameScript.Role)]
    ) -> [(path: String, role: GameScript.Role)] {
        let formerPaths = Set(previous?.scripts.map(\.path) ?? [])
        // Folders first: `events/Move/` beside `events/move/` is reported once, not once for each file in it.
        let folders = NameClashes(places.map { Self.folder($0.path) }, preferred: Set(formerPaths.map(Self.folder)))
        let paths = NameClashes(places.map(\.path), preferred: formerPaths)
        var reported: Set<String> = []
        return places.filter { path, _ in
            if let winner = folders.winner(over: Self.folder(path)) {
                if reported.insert(Self.folder(path)).inserted { clash(path, "folder \(winner)/") }
                return false
            }
            guard let winner = paths.winner(over: path) else { return true }
            clash(path, winner)
            return false
        }
    }

    private mutating func clash(_ path: String, _ winner: String) {
        problems.append(
            GameFolderProblem(
                file: path, line: 1,
                message: "declares the same as \(winner), as their names differ in case alone; rename or remove one"))
    }

    private static func folder(_ path: String) -> String {
        String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    }

    /// A group needs at least one event: a timeout formula alone is most likely in a misspelled folder.
    private mutating func dropTimeoutsWithoutEvents(_ places: [(path: String, role: GameScript.Role)]) {
        var groupsWithEvents: Set<String> = []
        for file in files {
            if case .event(let group, _) = file.declaration { groupsWithEvents.insert(group) }
        }
        var groupsWithEventFiles: Set<String> = []
        for place in places {
            if case .event(let group, _) = place.role { groupsWithEventFiles.insert(group) }
        }
        files.removeAll { file in
            guard case .timeout(let group, _, _, _) = file.declaration, !groupsWithEvents.contains(group),
                !BuiltInEvents.playerGroups.contains(group)
            else { return false }
            // If the group has event files that are broken, their own problems are enough.
            if !groupsWithEventFiles.contains(group) {
                problems.append(
                    GameFolderProblem(
                        file: file.script.path, line: 1,
                        message: "the group \(group) has no event; add one, for instance events/\(group)/index.lua"))
            }
            unusable.append(file.script)
            return true
        }
    }
}
