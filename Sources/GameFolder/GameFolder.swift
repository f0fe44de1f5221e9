import GameRules
import Glibc
import TiledMaps
import World
import Yams

/// Reads game folders, such as `lua/` of this repository.
package enum GameFolder {
    /// Reads a whole game folder.
    ///
    /// A mistake in a file is a problem in the result and affects that file only: the definition keeps the file's
    /// version in `previous`, or leaves the file out if `previous` does not have it; a map is closed then. A game
    /// without any map file gets an empty map of 32 × 32 tiles.
    ///
    /// Reads files and blocks the thread; don't call it on an event loop.
    ///
    /// - Parameters:
    ///   - directory: The folder.
    ///   - previous: The definition that the last load returned.
    /// - Returns: The definition, and the problems by ascending file.
    /// - Throws: ``GameFolderError`` when the folder itself can't be read; its text is one line that says what to do.
    package static func load(
        directory: String, previous: GameDefinition? = nil
    ) throws(GameFolderError) -> (GameDefinition, [GameFolderProblem]) {
        let survey = try read(directory, previous)
        return (survey.definition, survey.problems)
    }

    /// Reads a game folder, and also returns the scripts that can't be used, for a check of all scripts.
    ///
    /// Reads files and blocks the thread; don't call it on an event loop.
    ///
    /// - Parameters:
    ///   - directory: The folder.
    ///   - replacement: A script or `game.yaml` with another text than the folder has, for a check before it is saved.
    /// - Returns: The result of ``load(directory:previous:)``, and the scripts that it leaves out.
    /// - Throws: ``GameFolderError`` when the folder itself can't be read.
    package static func survey(
        directory: String, replacing replacement: FileReplacement? = nil
    ) throws(GameFolderError) -> GameFolderSurvey {
        try read(directory, nil, replacing: replacement)
    }

    private static func read(
        _ directory: String, _ previous: GameDefinition?, replacing replacement: FileReplacement? = nil
    ) throws(GameFolderError) -> GameFolderSurvey {
        var tree = try FolderTree(directory: directory)
        if let replacement { tree.replace(replacement) }
        let parts = FolderTree.ownPlaces.union(FolderTree.servedFolders)
        if !tree.files.isEmpty, tree.topLevel.isDisjoint(with: parts) { throw .notAGame(directory: directory) }

        var definition = GameDefinition(directory: directory)
        var problems = tree.problems
        var scriptPlaces: [(path: String, role: GameScript.Role)] = []
        var mapPlaces: [(path: String, id: Int, name: String)] = []
        var worlds: [String] = []
        var parsed: GameConfiguration.Parsed? = GameConfiguration.Parsed()
        if tree.isBroken("game.yaml"), let previous {
            definition.configuration = previous.configuration
            definition.configurationVersion = previous.configurationVersion
            parsed = nil
        }
        for path in tree.files {
            switch FilePlace(path: path, among: tree.files) {
            case .configuration:
                parsed = readConfiguration(path, in: tree, into: &definition, previous, &problems)
            case .script(let role): scriptPlaces.append((path, role))
            case .map(let id, let name): mapPlaces.append((path, id, name))
            case .world: worlds.append(path)
            case .mistaken(let message): problems.append(GameFolderProblem(file: path, message: message))
            case .other: break
            }
        }
        var scripts = ScriptLoader(tree: tree, previous: previous)
        scripts.load(scriptPlaces, isBroken: tree.isBroken)
        definition.scripts = scripts.scripts
        definition.schema = scripts.schema
        problems += scripts.problems

        var maps = MapLoader(directory: tree.place, previous: previous)
        maps.load(mapPlaces, in: tree, startMap: definition.configuration.startMap)
        var check = MapCheck(schema: definition.schema, roles: scriptPlaces.map(\.role))
        definition.maps = maps.maps.map { map in
            guard let source = maps.sources[map.id] else { return map }
            return check.checked(map, spawns: source.spawns, file: source.path)
        }
        definition.mapSources = maps.sources
        definition.closedMaps = maps.closed
        problems += maps.problems + check.problems
        readNeighbours(parsed, worlds, in: tree, into: &definition, previous, &problems)

        checkStart(parsed, in: tree, &definition, previous, &problems)
        return GameFolderSurvey(
            definition: definition,
            problems: problems.sorted {
                ($0.file, $0.line ?? 0, $0.column ?? 0) < ($1.file, $1.line ?? 0, $1.column ?? 0)
            },
            unusable: scripts.unusable)
    }

    /// Checks that there is the map where players start; else they start where they did before.
    private static func checkStart(
        _ parsed: GameConfiguration.Parsed?, in tree: FolderTree, _ definition: inout GameDefinition,
        _ previous: GameDefinition?, _ problems: inout [GameFolderProblem]
    ) {
        let ids = definition.mapIDs
        // A file with other mistakes is not used, but all of it is checked.
        if let start = (parsed?.configuration ?? definition.configuration).startMap, !ids.contains(start) {
            let reason =
                tree.isBroken("maps/")
                ? "the folder maps/ can't be read, so that nobody knows whether there is such a map; mend maps/ first"
                : "no map has that number; there are " + ids.map(String.init).joined(separator: ", ")
            problems.append(
                GameFolderProblem(
                    file: "game.yaml", line: parsed?.marks["start_map"]?.line,
                    column: parsed?.marks["start_map"]?.column, message: "start_map is \(start), but \(reason)"))
        }
        guard let start = definition.configuration.startMap, !ids.contains(start) else { return }
        definition.configuration.startMap = previous?.configuration.startMap.flatMap { ids.contains($0) ? $0 : nil }
    }

    private static func readConfiguration(
        _ path: String, in tree: FolderTree, into definition: inout GameDefinition, _ previous: GameDefinition?,
        _ problems: inout [GameFolderProblem]
    ) -> GameConfiguration.Parsed? {
        var found: [GameFolderProblem] = []
        do throws(GameFolderProblem) {
            let source = try tree.contents(path, as: "game.yaml", maxBytes: GameConfiguration.maxBytes)
            let parsed = try GameConfiguration.parse(source, file: path, problems: &found)
            problems += found
            if parsed.isUsable {
                definition.configuration = parsed.configuration
                definition.configurationVersion = GameScript.version(of: source)
            } else {
                keepConfiguration(of: previous, in: &definition)
            }
            return parsed
        } catch {
            problems += found + [error]
            keepConfiguration(of: previous, in: &definition)
            return nil
        }
    }

    private static func keepConfiguration(of previous: GameDefinition?, in definition: inout GameDefinition) {
        definition.configuration = previous?.configuration ?? GameConfiguration()
        definition.configurationVersion = previous?.configurationVersion
    }

    /// Reads how maps lie beside each other, from `game.yaml` or from a Tiled world. After a mistake the previous
    /// neighbours stay, as far as they fit the maps, and so they do while `maps/` can't be read.
    private static func readNeighbours(
        _ parsed: GameConfiguration.Parsed?, _ worlds: [String], in tree: FolderTree,
        into definition: inout GameDefinition, _ previous: GameDefinition?, _ problems: inout [GameFolderProblem]
    ) {
        if tree.isBroken("maps/") {
            // A world may be in the folder, and no neighbour that `game.yaml` names can be looked up.
            definition.neighbours = previous?.neighbours.among(definition.maps) ?? MapNeighbours()
            definition.worldSources = previous?.worldSources ?? [:]
            return
        }
        do throws(GameFolderProblem) {
            if let world = worlds.first {
                if worlds.count > 1 {
                    throw GameFolderProblem(
                        file: worlds[1], line: 1,
                        message: "\(world) already places the maps; put all maps into one .world file and remove "
                            + "the other")
                }
                if let declared = parsed?.neighbours {
                    throw GameFolderProblem(
                        file: "game.yaml", line: declared.mark?.line, column: declared.mark?.column,
                        message: "\(world) says how maps lie; keep one of both")
                }
                let source = try read(
                    world, in: tree.place, as: "a world", maxBytes: TiledWorld.maxBytes)
                definition.neighbours = try MapNeighbours(
                    world: source, maps: definition.maps, paths: definition.mapPaths, file: world)
                definition.worldSources[world] = GameScript.hash(source)
            } else {
                var found: [GameFolderProblem] = []
                if let declared = parsed?.neighbours {
                    definition.neighbours = MapNeighbours(
                        table: declared, maps: definition.maps, closed: definition.closedMaps, file: "game.yaml",
                        problems: &found)
                }
                problems += found
                if !found.isEmpty || parsed?.isUsable != true {
                    definition.neighbours = previous?.neighbours.among(definition.maps) ?? MapNeighbours()
                }
            }
        } catch {
            problems.append(error)
            definition.neighbours = previous?.neighbours.among(definition.maps) ?? MapNeighbours()
            definition.worldSources = previous?.worldSources ?? [:]
        }
    }

    /// Reads one file of the folder.
    ///
    /// - Parameters:
    ///   - path: The path within the folder.
    ///   - directory: The folder.
    ///   - thing: What the file is, with an article, for messages: `a map`.
    ///   - maxBytes: The greatest length of such a file.
    /// - Returns: The bytes of the file.
    /// - Throws: A problem that says why the file can't be read.
    static func read(
        _ path: String, in directory: String, as thing: String, maxBytes: Int
    ) throws(GameFolderProblem) -> [UInt8] {
        if let bytes = FolderTree.read(path, in: directory, maxBytes: maxBytes) { return bytes }
        let error = errno
        let reason = lastSystemError()
        if error == EFBIG { throw .tooLong(path, thing, maxBytes) }
        let message =
            switch error {
            case EACCES, EPERM: "can't be read (\(reason)); allow the server's user to read it"
            case EXDEV: "a link that leads out of the game folder; put the file itself here"
            default: "can't be read (\(reason))"
            }
        throw GameFolderProblem(file: path, message: message)
    }
}

/// A game folder's definition, its problems, and the scripts that can't be used.
package struct GameFolderSurvey {
    /// The definition, made of the files that can be used.
    package var definition: GameDefinition
    /// The problems, by ascending file, line and column.
    package var problems: [GameFolderProblem]
    /// Scripts with wrong annotations or that are no text, and timeout formulas of groups without a usable event. The
    /// `source` of a file that is no text is empty.
    package var unusable: [GameScript]
}

/// Finds names that differ only in case: some file systems can't hold both, and they are hardly ever intended.
struct NameClashes {
    /// The name that is kept, by its lowercase form.
    private var kept: [String: String] = [:]

    /// - Parameters:
    ///   - names: All names; of those that differ only in case, the first is kept.
    ///   - preferred: Names that the previous definition uses; they are kept before others.
    init(_ names: [String], preferred: Set<String>) {
        for name in names where kept[name.lowercased()] == nil || preferred.contains(name) {
            kept[name.lowercased()] = name
        }
    }

    /// The other name that is kept instead of this one; `nil` when this one is kept.
    func winner(over name: String) -> String? {
        guard let winner = kept[name.lowercased()], winner != name else { return nil }
        return winner
    }
}
