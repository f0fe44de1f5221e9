import Foundation
import GameRules
import TiledMaps
import World

/// The files that a game definition was made of, by their paths within the game folder: enough to make the same
/// definition elsewhere. Definitions share one instance.
package final class GameFiles: Sendable, Equatable {
    /// `game.yaml`, scripts, maps, their tilesets and templates, and the Tiled world, in the version that the
    /// definition uses: for a broken file, its previous version.
    package let contents: [String: [UInt8]]

    /// Makes a set of files.
    package init(_ contents: [String: [UInt8]]) { self.contents = contents }

    /// Collects the files of a definition that was read just now.
    ///
    /// Scripts are in the definition itself; the other files are read again, and one that has changed since, or is
    /// broken, is copied from `previous`. Reads files and blocks the thread; don't call it on an event loop.
    ///
    /// - Parameters:
    ///   - definition: The result of ``GameFolder/load(directory:previous:)``.
    ///   - previous: The files of the definition that was passed to `load` as the previous one.
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
        // An empty file is no map, so the map is closed where the definition is made again. The file itself may have
        // been mended since.
        for case let path? in definition.closedMaps.map(\.path) { contents[path] = [] }
        self.init(contents)
    }

    /// The configuration in a `game.yaml`, as ``GameFolder`` reads it for this definition's maps; `nil` when the file
    /// is broken.
    private static func configuration(_ bytes: [UInt8], of definition: GameDefinition) -> GameConfiguration? {
        var problems: [GameFolderProblem] = []
        guard let parsed = try? GameConfiguration.parse(bytes, file: "game.yaml", problems: &problems),
            parsed.isUsable
        else { return nil }
        var configuration = parsed.configuration
        if let start = configuration.startMap, !definition.mapIDs.contains(start) { configuration.startMap = nil }
        return configuration
    }

    package static func == (left: GameFiles, right: GameFiles) -> Bool {
        left === right || left.contents == right.contents
    }

    /// Writes the files into a folder.
    ///
    /// - Parameter directory: The folder; created if it does not exist.
    /// - Throws: An error of the file system.
    package func write(to directory: String) throws {
        let folder = URL(fileURLWithPath: directory)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (path, bytes) in contents {
            // The paths may come from a foreign recording: skip every path that leads out of the folder, and every
            // path of a folder, which can't be written as a file.
            guard !path.hasPrefix("/"), !path.hasSuffix("/"), !path.split(separator: "/").contains("..") else {
                continue
            }
            let file = folder.appendingPathComponent(path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(bytes).write(to: file)
        }
    }
}

extension GameFolder {
    /// Makes a definition from files, which are written into a temporary folder for it.
    ///
    /// - Parameter files: The files.
    /// - Returns: The definition with its files, and the problems by ascending file.
    /// - Throws: An error of the file system, or ``GameFolderError``.
    package static func load(files: GameFiles) throws -> (GameDefinition, [GameFolderProblem]) {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("perigee-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try files.write(to: folder.path)
        var (definition, problems) = try load(directory: folder.path)
        definition.files = files
        return (definition, problems)
    }
}
