import World

/// The events that every game has and may override [M3.1, M4.7, M8.6 Env 2]: a file of the game folder with the same
/// role replaces the built-in one.
package enum BuiltInEvents {
    /// The event groups that a player gets when it enters a map.
    package static let playerGroups = ["save", "disconnect"]

    /// The prefix of a built-in script's path, as error messages show it.
    static let folder = "built-in/"

    private static let sources: [(role: GameScript.Role, source: String)] = [
        (
            .event(group: "save", name: "index"),
            """
            --@about Stores the entity, again and again.
            object.save()
            object.events.add("save")
            """
        ),
        (
            .timeout(group: "save"),
            """
            --@about Seconds between two saves.
            return 30
            """
        ),
        (
            .event(group: "disconnect", name: "index"),
            """
            --@about Ends the session of a player who has sent no command for as long as the group's timeout.
            local seconds = object.events.disconnect.timeout()
            object.send({ error = "you sent no command for " .. seconds .. " s", code = "idle", ["return"] = false })
            object.remove()
            """
        ),
        (
            .timeout(group: "disconnect"),
            """
            --@about Seconds without a command after which a player is disconnected.
            return 300
            """
        ),
    ]

    /// The built-in scripts that a game does not override.
    ///
    /// - Parameter roles: The roles of the game's own scripts.
    /// - Returns: The built-in scripts with other roles, and what they declare.
    static func missing(among roles: Set<GameScript.Role>) -> [ScriptFile] {
        sources.compactMap { role, source in
            guard !roles.contains(role) else { return nil }
            let path =
                switch role {
                case .event(let group, let name): "\(folder)events/\(group)/\(name).lua"
                case .timeout(let group): "\(folder)events/\(group)/timeout.lua"
                default: folder
                }
            // The built-in scripts have no mistakes: a test loads them.
            var problems: [GameFolderProblem] = []
            return ScriptFile.parse(role: role, path: path, source: Array(source.utf8), problems: &problems)
        }
    }
}

extension GameScript {
    /// Whether the script is built into the server, not a file of the game folder.
    package var isBuiltIn: Bool { path.hasPrefix(BuiltInEvents.folder) }
}

extension GameDefinition {
    /// The same definition with the built-in events that the game does not override.
    package var withBuiltInEvents: GameDefinition {
        var complete = self
        for file in BuiltInEvents.missing(among: Set(scripts.map(\.role))) {
            complete.scripts.append(file.script)
            switch file.declaration {
            case .event(let name, let event): complete.schema.change(group: name) { $0.events.append(event) }
            case .timeout(let name, _, _, _): complete.schema.change(group: name) { $0.hasTimeoutFormula = true }
            case .none, .component: break
            }
        }
        complete.scripts.sort { $0.path < $1.path }
        complete.schema = Schema(components: complete.schema.components, groups: complete.schema.groups)
        return complete
    }
}

extension Schema {
    /// Changes the group with this name; adds an empty one first if the schema has none.
    fileprivate mutating func change(group name: String, _ change: (inout EventGroupDefinition) -> Void) {
        let index = groups.firstIndex { $0.name == name } ?? groups.count
        if index == groups.count { groups.append(EventGroupDefinition(name: name, events: [])) }
        change(&groups[index])
        groups[index].events.sort { $0.name < $1.name }
    }
}
