import World

/// A map of the game that can't be opened, because its file can't be read and no former version of it runs.
///
/// Its players wait for it: no other map opens in its place.
package struct ClosedMap: Sendable, Equatable {
    /// The map's number.
    package var id: Int
    /// The map's file, within the game folder; `nil` for a start map that is closed because `maps/` itself can't be
    /// read, so that nothing is known but its number.
    package var path: String?
    /// What keeps it closed, in one line that names the file.
    package var reason: String

    /// Makes a closed map.
    ///
    /// - Parameters:
    ///   - id: Its number.
    ///   - path: Its file, within the game folder, if it is known.
    ///   - reason: What keeps it closed.
    package init(id: Int, path: String?, reason: String) {
        self.id = id
        self.path = path
        self.reason = reason
    }
}

extension GameDefinition {
    /// A game of which only the maps' files are known, as the previous definition of a load: maps whose files are away
    /// are closed then.
    ///
    /// - Parameters:
    ///   - directory: The game folder.
    ///   - maps: The file of each map within the game folder, by the map's number.
    package init(directory: String, knownMaps maps: [Int: String]) {
        self.init(directory: directory)
        closedMaps = maps.sorted { $0.key < $1.key }.map { ClosedMap(id: $0.key, path: $0.value, reason: "") }
    }

    /// The file of each map whose file is known, by the map's number; closed maps included.
    package var mapPaths: [Int: String] {
        var paths = mapSources.mapValues(\.path)
        for map in closedMaps { paths[map.id] = map.path }
        return paths
    }

    /// What keeps each closed map closed, by the map's number.
    package var closedReasons: [Int: String] {
        Dictionary(closedMaps.map { ($0.id, $0.reason) }, uniquingKeysWith: { first, _ in first })
    }

    /// The numbers of all maps, ascending; closed ones included.
    package var mapIDs: [Int] { (maps.map(\.id) + closedMaps.map(\.id)).sorted() }

    /// This definition as the previous one of a load that closes the maps whose files are away.
    ///
    /// Other loads keep these maps: a file may be away only while a checkout or a copy runs, and players would lose
    /// their places.
    package func closingMissingMaps() -> GameDefinition {
        var definition = self
        definition.keepsMissingMaps = false
        return definition
    }
}
