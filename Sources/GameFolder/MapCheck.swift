import GameRules
import JSONValues
import World

/// Checks the properties of maps' objects against the components that the scripts declare.
struct MapCheck {
    private let components: [String: ComponentDefinition]
    /// Components whose file exists but has a mistake: objects that set them get no problem of their own.
    private let brokenComponents: Set<String>
    private(set) var problems: [GameFolderProblem] = []

    /// Why a property does not fit.
    private struct PropertyMistake: Error {
        let message: String

        init(_ message: String) { self.message = message }
    }

    /// - Parameters:
    ///   - schema: The schema that the usable scripts declare.
    ///   - roles: The roles of all script files, usable or not.
    init(schema: Schema, roles: [GameScript.Role]) {
        components = Dictionary(uniqueKeysWithValues: schema.components.map { ($0.name, $0) })
        var broken: Set<String> = []
        for case .component(let name) in roles where components[name] == nil { broken.insert(name) }
        brokenComponents = broken
    }

    /// The entity's fields that an object may set as properties; its position and class are set without them.
    private static let textFields: Set<String> = ["action", "prefab", "side"]
    private static let numberFields: Set<String> = ["sort", "z"]

    /// Checks the objects of a map; each property that does not fit is left out and added to ``problems``.
    ///
    /// - Parameters:
    ///   - map: The map.
    ///   - spawns: The map's objects as the file has them.
    ///   - file: The map's file.
    /// - Returns: The map with the properties that fit; values of json components that were written as text are parsed.
    mutating func checked(_ map: MapGeometry, spawns: [MapGeometry.SpawnPoint], file: String) -> MapGeometry {
        var map = map
        map.spawns = spawns.map { spawn in
            var spawn = spawn
            let label = spawn.name.isEmpty ? "object \(spawn.id)" : "object \(spawn.id) \"\(spawn.name)\""
            if spawn.kind == .players {
                if !map.hasWalkableTile(in: spawn) {
                    complain(file, "\(label): players can't appear here, as nobody can walk on its tiles; move it")
                }
                return spawn
            }
            var properties = JSONObject()
            for (name, value) in spawn.properties.members {
                do throws(PropertyMistake) {
                    if let value = try checked(value, name, of: spawn.kind) { properties[name] = value }
                } catch {
                    complain(file, "\(label): \(error.message)")
                }
            }
            spawn.properties = properties
            return spawn
        }
        if map.starts.contains(true), map.startTiles.isEmpty {
            complain(file, "players can't appear on the tiles with spawn, as nobody can walk on any of them; free some")
        }
        if !map.blocked.contains(false) { complain(file, "nobody can walk on any tile of this map; free some") }
        return map
    }

    private mutating func complain(_ file: String, _ message: String) {
        problems.append(GameFolderProblem(file: file, message: message))
    }

    /// - Returns: The value to set; `nil` to leave the property out without a problem.
    private func checked(_ value: JSON, _ name: String, of kind: EntityKind) throws(PropertyMistake) -> JSON? {
        func wrong(_ expected: String) -> PropertyMistake {
            let text = value.text
            return PropertyMistake(
                "the property \(name) is \(text.count > 40 ? value.typeName : text); it must be \(expected)")
        }
        guard let component = components[name] else {
            if brokenComponents.contains(name) { return nil }
            if name == "action", value == .string("remove") {
                throw PropertyMistake("the action can't be \"remove\", as clients take it for the object's removal")
            }
            switch value {
            case .string(let text) where Self.textFields.contains(name):
                do { try World.checkName(text, name) } catch { throw PropertyMistake("the property \(name): \(error)") }
                return value
            case .number where Self.numberFields.contains(name): return value
            default: break
            }
            if Self.textFields.contains(name) { throw wrong("text (type string in Tiled)") }
            if Self.numberFields.contains(name) { throw wrong("a number (type int or float in Tiled)") }
            let known = Self.textFields.union(Self.numberFields).union(components.keys).sorted()
            throw PropertyMistake(
                "the property \(name) is no field that an object sets (action, prefab, side, sort, z) and no component"
                    + Suggestion.hint(for: name, among: known))
        }
        guard component.kinds.contains(kind) else {
            throw PropertyMistake("the component \(name) is not for \(kind.name); its file says so with --@entities")
        }
        switch (component.type, value) {
        case (.number, .number), (.string, .string), (.boolean, .bool), (.json, .array), (.json, .object): return value
        case (.number, _): throw wrong("a number (type int or float in Tiled), as the component \(name)")
        case (.string, _): throw wrong("text (type string in Tiled), as the component \(name)")
        case (.boolean, _): throw wrong("true or false (type bool in Tiled), as the component \(name)")
        case (.json, .string(let text)):
            do throws(JSONError) {
                let parsed = try JSON(parsing: text)
                switch parsed {
                case .array, .object: return parsed
                default: break
                }
            } catch {
                throw wrong("an array or an object, as the component \(name) (\(error))")
            }
            throw wrong("an array or an object, as the component \(name)")
        case (.json, _):
            throw wrong("JSON text or a class (types string and class in Tiled), as the component \(name)")
        }
    }
}

extension MapGeometry {
    /// Whether an object covers a tile of the map that can be walked on.
    fileprivate func hasWalkableTile(in spawn: SpawnPoint) -> Bool {
        // Reading a map clips its objects, so all of these tiles are on the map.
        for y in stride(from: spawn.y, to: spawn.y + spawn.height, by: 1) {
            for x in stride(from: spawn.x, to: spawn.x + spawn.width, by: 1) where isWalkable(x: x, y: y) {
                return true
            }
        }
        return false
    }
}
