import Foundation
import GameFolder
import World

/// What the objects of Tiled maps set: fields and components of the entities that they make.
struct SpawnCheck {
    private(set) var diagnostics: Set<Diagnostic> = []
    private let facts: GameFacts
    private let directory: String

    init(_ game: GameDefinition, _ facts: GameFacts) {
        self.facts = facts
        directory = game.directory
        for map in game.maps {
            for spawn in map.spawns where spawn.kind != .players {
                for (name, value) in spawn.properties.members {
                    guard let message = problem(name, value, spawn.kind) else { continue }
                    let object = spawn.name.isEmpty ? "object \(spawn.id)" : "object \(spawn.id) (\(spawn.name))"
                    let file = "maps/\(map.id)-\(map.name).tmj"
                    diagnostics.insert(
                        Diagnostic(
                            file: file, position: place(of: name, in: file), severity: .error,
                            message: "\(object): \(message)"))
                }
            }
        }
    }

    private func problem(_ name: String, _ value: JSON, _ kind: EntityKind) -> String? {
        if let component = facts.components[name] {
            if !component.kinds.contains(kind) {
                return "\(kind.name) have no component '\(name)'; it is declared for \(component.kinds.text)"
            }
            switch (component.type, value) {
            case (_, .null), (.number, .number), (.string, .string), (.json, .array), (.json, .object): return nil
            default: return "component \(name) must be a \(component.type.rawValue), not a \(value.typeName)"
            }
        }
        if facts.brokenComponents.contains(name) { return nil }
        guard let field = ScriptAPI.newEntity.first(where: { $0.name == name && $0.name != "components" }) else {
            let names = ScriptAPI.newEntity.map(\.name) + facts.componentNames(of: EntityKindSet(kind))
            return "there is no field or component '\(name)'\(Spelling.hint(name, among: names))"
        }
        switch (field.type, value) {
        case ("number", .number), ("string", .string): return nil
        default: return "\(name) must be a \(field.type), not a \(value.typeName)"
        }
    }

    /// Where a property's name stands, if only one place can be meant.
    private func place(of property: String, in file: String) -> SourcePosition {
        let start = SourcePosition(line: 1, column: 1)
        guard let data = FileManager.default.contents(atPath: "\(directory)/\(file)") else { return start }
        var found: SourcePosition?
        for (number, line) in String(decoding: data, as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: false
        ).enumerated() {
            guard let range = line.firstRange(of: "\"\(property)\"") else { continue }
            if found != nil { return start }
            let column = line.unicodeScalars.distance(from: line.startIndex, to: range.lowerBound) + 1
            found = SourcePosition(line: number + 1, column: column)
        }
        return found ?? start
    }
}
