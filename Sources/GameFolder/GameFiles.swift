import Foundation
import GameRules
import TiledMaps
import World

/// The files that a game definition was made of, by their paths within the game folder: what it takes to make the same
/// definition elsewhere. Made once and shared by the definitions that have it.
package final class GameFiles: Sendable, Equatable {
    /// `game.yaml`, scripts, maps, the tilesets beside them and the world they lie in, as they were used: of a file
    /// that is broken, the former version.
    package let contents: [String: [UInt8]]

    /// Makes a set of files.
    package init(_ contents: [String: [UInt8]]) { self.contents = contents }

    /// Collects the files of a definition that was read just now.
    ///
    /// Scripts are in the definition itself; the other files are read again, and one that changed since, or is broken,
    /// is taken from the files of the definition before. Reads files and blocks; call it on no event loop.
    ///
    /// - Parameters:
    ///   - definition: What ``GameFolder/load(directory:previous:)`` gave.
    ///   - previous: The files of the definition that was given to it as the previous one.
    package convenience init(of definition: GameDefinition, previous: GameFiles?) {
        var contents: [String: [UInt8]] = [:]
        func read(_ path: String, _ maxBytes: Int) -> [UInt8]? {
            FolderTree.read(path, in: definition.directory, maxBytes: maxBytes)
        }
        if let bytes = read("game.yaml", GameConfiguration.maxBytes) {
            let isUsed = Self.configuration(bytes, of: definition) == definition.configuration
            contents["game.yaml"] = isUsed ? bytes : previous?.contents["game.yaml"] ?? bytes
        }
        for script in definition.scripts { contents[script.path] = script.source }
        for (path, hash) in definition.mapSources.values.flatMap(\.files) + definition.worldSources {
            let bytes = read(path, TiledMap.maxBytes)
            let isUsed = bytes.map { GameScript.hash($0) == hash } ?? false
            contents[path] = isUsed ? bytes : previous?.contents[path] ?? bytes
        }
        self.init(contents)
    }

    /// What a `game.yaml` says in a game with these maps; `nil` when it is broken.
    private static func configuration(_ bytes: [UInt8], of definition: GameDefinition) -> GameConfiguration? {
        var problems: [GameFolderProblem] = []
        guard var parsed = try? GameConfiguration.parse(bytes, file: "game.yaml", problems: &problems).configuration,
            problems.isEmpty
        else { return nil }
        if let start = parsed.startMap, !definition.maps.contains(where: { $0.id == start }) { parsed.startMap = nil }
        return parsed
    }

    package static func == (left: GameFiles, right: GameFiles) -> Bool {
        left === right || left.contents == right.contents
    }

    /// Puts the files into a folder.
    ///
    /// - Parameter directory: The folder; made if it is missing.
    /// - Throws: What the file system says.
    package func write(to directory: String) throws {
        let folder = URL(fileURLWithPath: directory)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (path, bytes) in contents {
            // They may come from somebody else's recording: no path leads out of the folder.
            guard !path.hasPrefix("/"), !path.split(separator: "/").contains("..") else { continue }
            let file = folder.appendingPathComponent(path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(bytes).write(to: file)
        }
    }
}

extension GameFolder {
    /// Makes a definition of files, by way of a folder that is gone afterwards.
    ///
    /// - Parameter files: The files.
    /// - Returns: The definition with its files, and the problems by ascending file.
    /// - Throws: What the file system says, and ``GameFolderError``.
    package static func load(files: GameFiles) throws -> (GameDefinition, [GameFolderProblem]) {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("perigee-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try files.write(to: folder.path)
        var (definition, problems) = try load(directory: folder.path)
        definition.files = files
        return (definition, problems)
    }
}
