import GameRules
import TiledMaps
import World

/// Reads the maps of a game folder.
struct MapLoader {
    /// The files that a map was made of, to decide whether it must be read again.
    struct Source: Sendable, Equatable {
        /// The map's file, within the game folder.
        var path: String
        /// A hash of each file that was read for the map, by the file's path within the game folder.
        var files: [String: UInt64]
        /// The map's objects as the file has them, before they are checked against the scripts.
        var spawns: [MapGeometry.SpawnPoint] = []
        /// What the map's author may want to know.
        var notes: [String] = []
    }

    let directory: String
    let previous: GameDefinition?
    private(set) var problems: [GameFolderProblem] = []
    private(set) var maps: [MapGeometry] = []
    private(set) var sources: [Int: Source] = [:]
    private(set) var closed: [ClosedMap] = []

    init(directory: String, previous: GameDefinition?) {
        self.directory = directory
        self.previous = previous
    }

    /// Reads the maps.
    ///
    /// - Parameters:
    ///   - places: The map files that exist.
    ///   - tree: The game folder, for what stands there and can't be read.
    ///   - startMap: The `start_map` of the game, for when `maps/` can't be read.
    mutating func load(_ places: [(path: String, id: Int, name: String)], in tree: FolderTree, startMap: Int?) {
        let formerNames = Dictionary(uniqueKeysWithValues: (previous?.maps ?? []).map { ($0.id, $0.name) })
        for (id, candidates) in Dictionary(grouping: places, by: \.id).sorted(by: { $0.key < $1.key }) {
            let chosen = candidates.first { $0.name == formerNames[id] } ?? candidates[0]
            for other in candidates where other.path != chosen.path {
                problems.append(
                    GameFolderProblem(
                        file: other.path, line: 1,
                        message: "has the number \(id) as \(chosen.path) has; give one another number"))
            }
            do throws(GameFolderProblem) {
                let (map, source) = try read(chosen.path, id: id, name: chosen.name)
                maps.append(map)
                sources[id] = source
            } catch {
                problems.append(error)
                keepFormer(id, chosen.path, reason: error.description)
            }
        }
        keepUnreadable(tree)
        if previous?.keepsMissingMaps != false { keepMissing() }
        if let problem = tree.problem(with: "maps/") {
            keepStart(startMap, problem)
        } else if maps.isEmpty, closed.isEmpty {
            maps.append(MapGeometry(id: 1, name: "default", width: 32, height: 32))
        }
        maps.sort { $0.id < $1.id }
        closed.sort { $0.id < $1.id }
    }

    /// Keeps the start map while `maps/` can't be read: the empty map of a game without map files goes on, and at a
    /// start the start map is closed, so that players wait for it instead of beginning on another map.
    private mutating func keepStart(_ startMap: Int?, _ problem: GameFolderProblem) {
        for map in previous?.maps ?? [] where !isKnown(map.id) { maps.append(map) }
        let start = startMap ?? closed.map(\.id).min() ?? 1
        guard maps.isEmpty, !isKnown(start) else { return }
        closed.append(ClosedMap(id: start, path: nil, reason: problem.description))
    }

    private func isKnown(_ id: Int) -> Bool {
        maps.contains { $0.id == id } || closed.contains { $0.id == id }
    }

    /// Goes on with the former version of a map whose file can't be read; without one the map is closed.
    private mutating func keepFormer(_ id: Int, _ path: String, reason: String) {
        guard !isKnown(id) else { return }
        if let former = previous?.maps.first(where: { $0.id == id }) {
            maps.append(former)
            sources[id] = previous?.mapSources[id]
        } else {
            closed.append(ClosedMap(id: id, path: path, reason: reason))
        }
    }

    /// Keeps maps whose files, or the folder of them, are there and can't be read: the tree has the problem.
    private mutating func keepUnreadable(_ tree: FolderTree) {
        for problem in tree.problems {
            guard case .map(let id, _) = FilePlace(path: problem.file, among: []) else { continue }
            keepFormer(id, problem.file, reason: problem.description)
        }
        for (id, path) in formerPaths {
            guard let problem = tree.problem(with: path) else { continue }
            keepFormer(id, path, reason: "\(path): its folder can't be read; \(problem)")
        }
    }

    /// Keeps maps whose files are away.
    private mutating func keepMissing() {
        for (id, path) in formerPaths where !isKnown(id) {
            let runs = previous?.maps.contains { $0.id == id } == true
            let problem = GameFolderProblem(
                file: path,
                message: "the file is away; map \(id) "
                    + (runs ? "goes on as it was" : "stays closed and keeps its players' places")
                    + ". Put it back, or let go of the map with perigee reload")
            problems.append(problem)
            keepFormer(id, path, reason: problem.description)
        }
    }

    private var formerPaths: [(key: Int, value: String)] {
        (previous?.mapPaths ?? [:]).sorted { $0.key < $1.key }
    }

    private func read(
        _ path: String, id: Int, name: String
    ) throws(GameFolderProblem) -> (MapGeometry, Source) {
        let bytes = try GameFolder.read(path, in: directory, as: "a map", maxBytes: TiledMap.maxBytes)
        if let former = unchanged(path, bytes, id: id) { return former }
        var source = Source(path: path, files: [path: Self.hash(bytes)])
        do throws(TiledMap.Mistake) {
            let map = try TiledMap.geometry(bytes, id: id, name: name, note: { source.notes.append($0) }) { relative in
                let file = "maps/\(relative)"
                let bytes = FolderTree.read(file, in: directory, maxBytes: TiledMap.maxBytes)
                if let bytes { source.files[file] = Self.hash(bytes) }
                return bytes
            }
            source.spawns = map.spawns
            return (map, source)
        } catch {
            let hint = error.unknownKind.map { Suggestion.hint(for: $0, among: EntityKind.allCases.map(\.name)) } ?? ""
            throw GameFolderProblem(
                file: error.file ?? path, line: error.line, column: error.column, message: error.message + hint)
        }
    }

    /// The previous map when none of its files has changed: large maps take long to read. Otherwise `nil`.
    private func unchanged(_ path: String, _ bytes: [UInt8], id: Int) -> (MapGeometry, Source)? {
        guard let source = previous?.mapSources[id], source.path == path,
            let map = previous?.maps.first(where: { $0.id == id })
        else { return nil }
        for (file, hash) in source.files {
            let bytes = file == path ? bytes : FolderTree.read(file, in: directory, maxBytes: TiledMap.maxBytes)
            guard let bytes, Self.hash(bytes) == hash else { return nil }
        }
        return (map, source)
    }

    private static func hash(_ bytes: [UInt8]) -> UInt64 { GameScript.hash(bytes) }
}
