import GameFolder
import GameRules
import JSONValues
import World

/// What the editor completes: the script API, which is the same for all games, and the names of one game.
struct EditorNames {
    let game: GameDefinition

    /// `globals`, `members` by class, `libraries`, `environment` by kind of script, `annotations` by kind of script;
    /// `components`, `groups`, `types`, `prefabs`, `maps`.
    var json: JSON {
        let schema = game.schema
        return .object([
            "globals": .array(Self.globals), "members": Self.members, "libraries": Self.libraries,
            "environment": Self.environment, "annotations": Self.annotations,
            "components": .array(schema.components.sorted { $0.name < $1.name }.map(component)),
            "groups": .array(schema.groups.sorted { $0.name < $1.name }.map(group)),
            "types": .array(EntityKind.allCases.map { .string($0.name) }),
            "prefabs": .array(prefabs.map { .string($0) }),
            "maps": .array(game.mapIDs.map { .number(Double($0)) }),
        ])
    }

    // MARK: - The script API

    private static func item(_ name: String, _ type: String, _ about: String) -> JSON {
        .object(["name": .string(name), "type": .string(type), "about": .string(about)])
    }

    private static func item(_ member: APIMember) -> JSON {
        guard let function = member.function else { return item(member.name, member.type, member.about) }
        let parameters = function.parameters.map { $0.isOptional ? "\($0.name)?" : $0.name }
        return item(member.name, "(\(parameters.joined(separator: ", ")))", member.about)
    }

    private static var globals: [JSON] {
        let described = ScriptAPI.functions.map(\.name)
        let plain = ScriptAPI.standardGlobals.subtracting(described).sorted().map { item($0, "", "") }
        let libraries = ScriptAPI.libraries.keys.sorted().map { item($0, "library", "") }
        let worlds = [
            item("objects", ScriptAPI.objects.name, ScriptAPI.objects.about),
            item("map", ScriptAPI.map.name, ScriptAPI.map.about),
            item("io", ScriptAPI.io.name, ScriptAPI.io.about),
        ]
        return [ScriptAPI.functions.map { item($0) }, plain, libraries, worlds].flatMap(\.self)
    }

    private static var members: JSON {
        var members = JSONObject()
        for owner in ScriptAPI.classes + [ScriptAPI.event] {
            members[owner.name] = .array(owner.members.map { item($0) })
        }
        members["NewEntity"] = .array(ScriptAPI.newEntity.map { item($0) })
        return .object(members)
    }

    private static var libraries: JSON {
        var libraries = JSONObject()
        for (name, members) in ScriptAPI.libraries.sorted(by: { $0.key < $1.key }) {
            libraries[name] = .array(members.sorted().map { item($0, "", "") })
        }
        return .object(libraries)
    }

    private static var environment: JSON {
        var environment = JSONObject()
        for kind in ScriptAPI.ScriptKind.allCases {
            let globals = ScriptAPI.environmentGlobals.filter { $0.scripts.contains(kind) }
            environment[kind.rawValue] = .array(globals.map { item($0.name, $0.type, $0.about) })
        }
        return .object(environment)
    }

    private static var annotations: JSON {
        var annotations = JSONObject()
        for kind in ScriptAPI.ScriptKind.allCases {
            annotations[kind.rawValue] = .array(
                ScriptForm.annotations(of: kind).map { item($0.name, $0.value, $0.about) })
        }
        return .object(annotations)
    }

    // MARK: - The game

    private func about(_ role: GameScript.Role) -> String { game.script(role)?.about ?? "" }

    private func component(_ component: ComponentDefinition) -> JSON {
        Self.item(component.name, component.type.rawValue, about(.component(component.name)))
    }

    private func group(_ group: EventGroupDefinition) -> JSON {
        .object([
            "name": .string(group.name), "about": .string(about(.timeout(group: group.name))),
            "events": .array(
                group.events.map { event in
                    .object([
                        "name": .string(event.name),
                        "about": .string(about(.event(group: group.name, name: event.name))),
                        "parameters": .array(
                            event.parameters.map { Self.item($0.name, $0.type.rawValue, $0.about) }),
                    ])
                }),
        ])
    }

    /// The prefabs that hooks and objects of maps name.
    private var prefabs: [String] {
        var prefabs: Set<String> = []
        for script in game.scripts {
            switch script.role {
            case .spawn(_, .prefab(let name)), .leave(_, .prefab(let name)): prefabs.insert(name)
            default: break
            }
        }
        for map in game.maps {
            for spawn in map.spawns {
                if let name = spawn.properties["prefab"]?.string, !name.isEmpty { prefabs.insert(name) }
            }
        }
        return prefabs.sorted()
    }
}
