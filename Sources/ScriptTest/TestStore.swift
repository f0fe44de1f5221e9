import Simulation
import Synchronization
import World

/// Replaces the server around a map in a test: it gives ids to new entities, stores records and accepts entities for
/// other maps, all in memory.
final class TestStore: EntityIDSource, EntityPersistence, MapRouter {
    private struct State {
        var lastIDs: [EntityKind: Int] = [:]
        var records: [EntityKey: EntityRecord] = [:]
        var departed: [EntityRecord] = []
    }

    let mapID: Int
    private let mapIDs: Set<Int>
    private let state = Mutex(State())

    init(mapID: Int, mapIDs: Set<Int>) {
        self.mapID = mapID
        self.mapIDs = mapIDs
    }

    func nextID(_ kind: EntityKind) -> Int {
        state.withLock { state in
            state.lastIDs[kind, default: 0] += 1
            return state.lastIDs[kind, default: 1]
        }
    }

    func save(_ records: [EntityRecord], removed: [EntityKey]) {
        state.withLock { state in
            for record in records {
                state.records[record.key] = record
                if record.mapID != mapID { state.departed.append(record) }
            }
            for key in removed { state.records[key] = nil }
        }
    }

    func latest(_ key: EntityKey) -> EntityRecord? { state.withLock { $0.records[key] } }

    func watch(_ mapID: Int, from neighbour: Int, isNew: Bool) {}

    func sendBorder(_ strip: BorderStrip, to mapID: Int) {}

    func queue(_ event: RemoteEvent, on mapID: Int) -> Bool { mapIDs.contains(mapID) }

    func transfer(_ record: EntityRecord, to mapID: Int, from origin: Int?) -> Bool {
        guard mapIDs.contains(mapID) else { return false }
        state.withLock { $0.departed.append(record) }
        return true
    }

    /// The records of the entities that went to other maps, in order.
    var departed: [EntityRecord] { state.withLock { $0.departed } }
}
