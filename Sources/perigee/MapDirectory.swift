import Simulation
import Synchronization
import World

/// Finds the map that an entity moves to.
final class MapDirectory: MapRouter {
    private let maps = Mutex<[Int: MapActor]>([:])

    func set(_ maps: [MapActor]) {
        self.maps.withLock { $0 = Dictionary(uniqueKeysWithValues: maps.map { ($0.mapID, $0) }) }
    }

    func hand(_ record: EntityRecord, to mapID: Int) -> Bool {
        guard let map = maps.withLock({ $0[mapID] }) else { return false }
        return map.post(.arrive(record))
    }
}

/// Counts on from the highest numbers in the store; one counter a kind for all maps.
final class EntityIDCounter: EntityIDSource {
    private let last: Mutex<[EntityKind: Int]>

    init(highest: [EntityKind: Int]) { last = Mutex(highest) }

    func nextID(_ kind: EntityKind) -> Int {
        last.withLock { last in
            last[kind, default: 0] += 1
            return last[kind, default: 0]
        }
    }
}
