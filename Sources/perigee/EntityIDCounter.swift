import Simulation
import Synchronization
import World

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
