package import Simulation
import Synchronization
package import World

/// A clock that tests advance.
package final class TestTime: Sendable {
    private let value = Mutex<UInt64>(0)

    package init() {}

    package var nanoseconds: UInt64 { value.withLock { $0 } }
    package func advance(_ nanoseconds: UInt64) { value.withLock { $0 += nanoseconds } }
}

package final class TestIDs: EntityIDSource {
    private let last = Mutex(100)

    package init() {}

    package func nextID(_ kind: EntityKind) -> Int {
        last.withLock {
            $0 += 1; return $0
        }
    }
}

/// Keeps the records that a map gave to the store and to other maps.
package final class TestStore: EntityPersistence, MapRouter {
    private struct State {
        var saved: [EntityKey: EntityRecord] = [:]
        var removed: Set<EntityKey> = []
        var writes = 0
        var transferred: [EntityRecord] = []
        var queued: [RemoteEvent] = []
        var room = InputShare.unlimited
    }

    private let state = Mutex(State())

    package init() {}

    package var saved: [EntityKey: EntityRecord] { state.withLock { $0.saved } }
    package var removed: Set<EntityKey> { state.withLock { $0.removed } }
    /// How many records were given to the store.
    package var writes: Int { state.withLock { $0.writes } }
    package var transferred: [EntityRecord] { state.withLock { $0.transferred } }
    package var queued: [RemoteEvent] { state.withLock { $0.queued } }

    package func save(_ records: [EntityRecord], removed: [EntityKey]) {
        state.withLock { state in
            state.writes += records.count
            for record in records { state.saved[record.key] = record }
            for key in removed {
                state.saved[key] = nil
                state.removed.insert(key)
            }
        }
    }

    package func latest(_ key: EntityKey) -> EntityRecord? { nil }

    package func transfer(_ record: EntityRecord, to mapID: Int, from origin: Int?) -> Bool {
        state.withLock { $0.transferred.append(record) }
        return mapID == 2
    }

    package func watch(_ mapID: Int, from neighbour: Int, isNew: Bool) {}

    package func sendBorder(_ strip: BorderStrip, to mapID: Int) {}

    /// How many events other maps still accept.
    package var room: InputShare {
        get { state.withLock { $0.room } }
        set { state.withLock { $0.room = newValue } }
    }

    package func room(forEventsFrom origin: Int, on mapID: Int) -> InputShare { room }

    package func queue(_ event: RemoteEvent, on mapID: Int) -> Bool {
        state.withLock { $0.queued.append(event) }
        return mapID == 2
    }
}
