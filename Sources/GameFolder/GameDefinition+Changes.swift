import GameRules
import World

/// What differs from the previous definition of the game, in words for logs.
extension GameDefinition {
    /// A file that was added, changed or removed.
    package struct FileChange: Sendable, Equatable {
        /// The path within the game folder.
        package var path: String
        /// Its version now; `nil` when it was removed.
        package var version: String?
        /// Whether the file did not exist before.
        package var isNew: Bool

        /// `reloaded maps/4-forest.tmj 3f2a5b6c7d8e`, `loaded …`, `removed …`
        package var description: String {
            guard let version else { return "removed \(path)" }
            return "\(isNew ? "loaded" : "reloaded") \(path) \(version)"
        }
    }

    /// The files of a map that differ from those of an older definition: the map file, its tilesets and its templates.
    ///
    /// - Parameters:
    ///   - id: The map.
    ///   - old: The older definition.
    /// - Returns: The changes by ascending path; empty when neither definition has a file for the map.
    package func mapFileChanges(of id: Int, since old: GameDefinition) -> [FileChange] {
        Self.changes(from: old.mapSources[id]?.files ?? [:], to: mapSources[id]?.files ?? [:])
    }

    /// The Tiled worlds that differ from those of an older definition.
    ///
    /// - Parameter old: The older definition.
    /// - Returns: The changes by ascending path.
    package func worldFileChanges(since old: GameDefinition) -> [FileChange] {
        Self.changes(from: old.worldSources, to: worldSources)
    }

    private static func changes(from before: [String: UInt64], to now: [String: UInt64]) -> [FileChange] {
        Set(before.keys).union(now.keys).sorted().compactMap { path in
            guard before[path] != now[path] else { return nil }
            return FileChange(path: path, version: now[path].map(GameScript.version), isNew: before[path] == nil)
        }
    }

    /// How `game.yaml` changed.
    ///
    /// - Parameter old: The older definition.
    /// - Returns: The file and a text for each key whose value differs; `nil` when neither text nor values differ.
    package func configurationChange(since old: GameDefinition) -> (file: FileChange, keys: [String])? {
        guard configurationVersion != old.configurationVersion || configuration != old.configuration else { return nil }
        let file = FileChange(
            path: "game.yaml", version: configurationVersion, isNew: old.configurationVersion == nil)
        return (file, configuration.changes(since: old.configuration))
    }
}
