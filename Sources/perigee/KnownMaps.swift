import Foundation
import GameFolder
import Logging
import Synchronization

/// The maps with which the game ran last, kept in the data folder: at a start it shows which map files are away.
///
/// Without it a map whose file is away while the server starts would be taken for one that the game never had, and its
/// players would begin again elsewhere.
final class KnownMaps: Sendable {
    /// What the file holds.
    private struct Content: Codable, Equatable {
        /// The game folder, as an absolute path: another game has maps of its own.
        var game: String
        /// The file of each map by the map's number.
        var maps: [String: String]
    }

    private let path: String
    private let game: String
    private let logger: Logger
    private let saved: Mutex<Content?>

    /// Reads the maps of the last run; a file that is missing or broken holds none.
    ///
    /// - Parameters:
    ///   - dataDirectory: The data folder.
    ///   - gameDirectory: The game folder.
    ///   - logger: Told when the file can't be written.
    init(dataDirectory: String, gameDirectory: String, logger: Logger) {
        path = "\(dataDirectory)/maps.json"
        game = Self.name(of: gameDirectory, in: FileManager.default.currentDirectoryPath)
        self.logger = logger
        let content = (try? Data(contentsOf: URL(fileURLWithPath: path))).flatMap {
            try? JSONDecoder().decode(Content.self, from: $0)
        }
        saved = Mutex(content)
    }

    /// The absolute path of a folder in its shortest spelling: `lua`, `lua/` and `./lua` are one game.
    ///
    /// Links are not followed: a link to a release is one game, whatever release it is. So `..` stays too, which behind
    /// a link leads elsewhere than its text says.
    static func name(of directory: String, in current: String) -> String {
        let path = directory.hasPrefix("/") ? directory : "\(current)/\(directory)"
        return "/" + path.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    }

    /// The file of each map by the map's number; empty when another game ran last.
    var maps: [Int: String] {
        guard let content = saved.withLock({ $0 }), content.game == game else { return [:] }
        var maps: [Int: String] = [:]
        for (id, file) in content.maps { if let id = Int(id) { maps[id] = file } }
        return maps
    }

    /// Writes the maps of a game down, if they changed.
    func save(_ definition: GameDefinition) {
        let maps = definition.mapPaths.map { ("\($0.key)", $0.value) }
        let content = Content(game: game, maps: Dictionary(uniqueKeysWithValues: maps))
        saved.withLock { saved in
            guard saved != content else { return }
            do {
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
                try encoder.encode(content).write(to: URL(fileURLWithPath: path), options: .atomic)
                saved = content
            } catch {
                logger.warning(
                    "can't note the game's maps; one whose file is away at the next start will not be missed",
                    metadata: ["file": "\(path)", "error": "\(error)"])
            }
        }
    }
}
