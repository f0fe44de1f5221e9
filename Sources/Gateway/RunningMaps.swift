package import Simulation

/// The maps that run now; they open and close with their files. Any thread may call it.
package protocol RunningMaps: Sendable {
    /// All running maps, by ascending number.
    var handles: [any MapHandle] { get }

    /// The running map with a number.
    ///
    /// - Parameter mapID: The map's number.
    /// - Returns: `nil` when no map of this number runs.
    func handle(_ mapID: Int) -> (any MapHandle)?

    /// What keeps each map closed that the game has and that does not run, by its number.
    var closedReasons: [Int: String] { get }

    /// What keeps one of them closed.
    ///
    /// - Parameter mapID: Its number.
    /// - Returns: `nil` for a map that runs or that the game does not have.
    func closedReason(_ mapID: Int) -> String?

    /// Those of the closed maps that an operator stopped; also one that is about to end or to start.
    var stoppedMaps: Set<Int> { get }
}

extension RunningMaps {
    package var stoppedMaps: Set<Int> { [] }
    package var closedReasons: [Int: String] { [:] }
    package func closedReason(_ mapID: Int) -> String? { closedReasons[mapID] }
    package func handle(_ mapID: Int) -> (any MapHandle)? { handles.first { $0.mapID == mapID } }
}

extension GameMaps: RunningMaps {
    package var handles: [any MapHandle] { running }
    package func handle(_ mapID: Int) -> (any MapHandle)? { self[mapID] }
}

/// A map that runs, or what keeps it closed. A map that the game does not have has neither; one that opens just now may
/// have both.
struct MapState {
    var handle: (any MapHandle)?
    var closedReason: String?

    /// Why the map takes no players for the moment; `nil` for one that does, or that the game does not have.
    func obstacle(toJoining mapID: Int) -> String? {
        if let handle { return handle.isReady ? nil : "map \(mapID) is starting or closing" }
        return closedReason.map { Self.closed(mapID, because: $0) }
    }

    /// What clients are told of a closed map.
    static func closed(_ mapID: Int, because reason: String) -> String { "map \(mapID) is closed (\(reason))" }
}

extension RunningMaps {
    /// The state of a map.
    func state(of mapID: Int) -> MapState {
        // In this order: a map that opens runs before the reason why it was closed goes.
        let reason = closedReason(mapID)
        return MapState(handle: handle(mapID), closedReason: reason)
    }
}

/// A fixed set of maps.
extension Array: RunningMaps where Element: MapHandle {
    package var handles: [any MapHandle] { sorted { $0.mapID < $1.mapID } }
}
