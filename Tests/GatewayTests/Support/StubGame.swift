import Simulation
import Synchronization

@testable import Gateway

/// Maps that a test stops and starts through the panel.
final class StubGame: RunningMaps, MapControl {
    private let all: [StubMap]
    private let broken: [Int: String]
    private let stopped = Mutex<Set<Int>>([])
    private let error = Mutex<MapControlError?>(nil)

    init(_ maps: [StubMap], closed: [Int: String] = [:]) { (all, broken) = (maps, closed) }

    /// What every change fails with; `nil` for none.
    var failure: MapControlError? {
        get { error.withLock { $0 } }
        set { error.withLock { $0 = newValue } }
    }

    var stoppedMaps: Set<Int> { stopped.withLock { $0 } }

    var handles: [any MapHandle] {
        let stopped = stoppedMaps
        return all.filter { !stopped.contains($0.mapID) }.sorted { $0.mapID < $1.mapID }
    }

    var closedReasons: [Int: String] {
        var reasons = broken
        for id in stoppedMaps { reasons[id] = "an operator stopped it" }
        return reasons
    }

    func stopMap(_ mapID: Int) async throws(MapControlError) {
        if let failure { throw failure }
        guard handle(mapID) != nil else { throw .unknown(mapID) }
        stopped.withLock { _ = $0.insert(mapID) }
    }

    func startMap(_ mapID: Int) async throws(MapControlError) {
        if let failure { throw failure }
        guard stopped.withLock({ $0.remove(mapID) }) != nil else { throw .running(mapID) }
    }

    func restartMap(_ mapID: Int) async throws(MapControlError) {
        try await stopMap(mapID)
        try await startMap(mapID)
    }
}
