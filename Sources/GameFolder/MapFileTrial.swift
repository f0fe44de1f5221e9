import Foundation
import TiledMaps
package import World

/// What a game folder would be like with another file in `maps/`: the folder is read by the same loader, from a copy
/// that has the file. So a wrong file is found before it replaces anything.
package struct MapFileTrial: Sendable {
    /// The problems with the file, and those that the folder does not have now, by ascending file.
    package let problems: [GameFolderProblem]
    /// What the author of the map may want to know, and what keeps nobody from playing.
    package let notes: [GameFolderProblem]
    /// The map that the file is, if it is one and has no mistake.
    package let map: MapGeometry?

    /// Reads the folder with a file replaced, added or removed.
    ///
    /// Reads and writes files and blocks the thread; don't call it on an event loop.
    ///
    /// - Parameters:
    ///   - name: The file's name in `maps/`, without folders.
    ///   - content: The bytes of the file; `nil` removes it.
    ///   - directory: The game folder.
    /// - Throws: ``GameFolderError`` when the folder can't be read, or an error of the file system.
    package init(_ name: String, _ content: [UInt8]?, in directory: String) throws {
        let path = "maps/\(name)"
        let tree = try FolderTree(directory: directory)
        let before = try GameFolder.load(directory: directory).1
        let place = FileManager.default.temporaryDirectory.appendingPathComponent("perigee-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: place) }
        try Self.copy(tree, to: place, without: path)
        if let content {
            let file = place.appendingPathComponent(path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(content).write(to: file)
        }
        let (definition, problems) = try GameFolder.load(directory: place.path)
        var found = problems.filter { $0.file == path || !before.contains($0) }
        if let content, found.isEmpty, let problem = Self.problem(with: name, content, in: place.path) {
            found.append(problem)
        }
        self.problems = found
        notes = definition.mapNotes.filter { $0.file == path }
        map = definition.mapPaths.first { $0.value == path }.flatMap { id, _ in
            definition.maps.first { $0.id == id }
        }
    }

    /// Copies what a game is made of. Files are linked where the file system can do that; nothing writes to them.
    private static func copy(_ tree: FolderTree, to place: URL, without path: String) throws {
        let manager = FileManager.default
        try manager.createDirectory(at: place, withIntermediateDirectories: true)
        let folders = FilePlace.scriptFolders.union(["maps"])
        for file in tree.files where file != path && !tree.isBroken(file) {
            let parts = file.split(separator: "/")
            guard file == "game.yaml" || parts.count > 1 && folders.contains(String(parts[0])) else { continue }
            let source = "\(tree.place)/\(file)"
            let target = place.appendingPathComponent(file)
            try manager.createDirectory(at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
            guard let real = FolderTree.resolve(source) else { continue }
            if link(real, target.path) != 0 { try manager.copyItem(atPath: real, toPath: target.path) }
        }
    }

    /// The mistake in a tileset or a template that no map uses yet: the loader reads those of maps only, so it gets a
    /// map with this one.
    private static func problem(with name: String, _ content: [UInt8], in directory: String) -> GameFolderProblem? {
        let source = String(decoding: (try? JSONEncoder().encode(name)) ?? Data(), as: UTF8.self)
        let (tilesets, objects): (String, String)
        switch name.split(separator: ".").last {
        case "tsj", "tsx": (tilesets, objects) = ("{\"firstgid\": 1, \"source\": \(source)}", "")
        case "tj", "tx": (tilesets, objects) = ("", "{\"id\": 1, \"x\": 0, \"y\": 0, \"template\": \(source)}")
        default: return nil
        }
        let map = """
            {"type": "map", "width": 1, "height": 1, "tilewidth": 16, "tileheight": 16, "tilesets": [\(tilesets)],
             "layers": [{"type": "objectgroup", "name": "objects", "objects": [\(objects)]}]}
            """
        do throws(TiledMap.Mistake) {
            _ = try TiledMap.geometry(Array(map.utf8), id: 1, name: name) { file in
                FolderTree.read("maps/\(file)", in: directory, maxBytes: TiledMap.maxBytes)
            }
            return nil
        } catch {
            return GameFolderProblem(
                file: error.file ?? "maps/\(name)", line: error.line, column: error.column, message: error.message)
        }
    }
}
