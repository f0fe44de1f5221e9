import FuzzDriver
import JSONValues
import NIOCore
import Simulation
import Synchronization
import Wire
import World

/// What the map is connected to: ids for new entities, a store that keeps nothing, and another map that sends
/// everything back.
final class Surroundings: EntityIDSource, EntityPersistence, MapRouter {
    private struct State {
        var lastID = 10
        var inputs: [MapInput] = []
    }
    private let state = Mutex(State())
    /// The map's world. The whole game runs on the fuzzer's one thread, and the world is set right after the map is
    /// made.
    nonisolated(unsafe) weak var world: World?

    /// What the other map sent since the last call.
    func takeInputs() -> [MapInput] {
        state.withLock { state in
            defer { state.inputs = [] }
            return state.inputs
        }
    }

    /// The id of a new entity. Each call gives the world room for one more entity only, so that each new entity moves
    /// all columns.
    func nextID(_ kind: EntityKind) -> Int {
        if let world { world.maxEntities = min(world.count + 1, GeneratedGame.maxEntities) }
        return state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
    }

    func save(_ records: [EntityRecord], removed: [EntityKey]) {}

    func latest(_ key: EntityKey) -> EntityRecord? { nil }

    func transfer(_ record: EntityRecord, to mapID: Int, from origin: Int?) -> Bool {
        state.withLock { $0.inputs.append(.arrive(record, from: 2)) }
        return mapID == 2
    }

    func queue(_ event: RemoteEvent, on mapID: Int) -> Bool {
        guard mapID == 2 else { return false }
        state.withLock { if $0.inputs.count < 20 { $0.inputs.append(.event(event)) } }
        return true
    }

    func watch(_ mapID: Int, from neighbour: Int, isNew: Bool) {}

    func sendBorder(_ strip: BorderStrip, to mapID: Int) {}
}

/// A client that parses every message that it gets.
final class Client: SessionSink {
    let id: SessionID
    let playerID: Int
    let thread = SessionThread.caller

    init(_ id: Int) {
        self.id = SessionID(id)
        playerID = id
    }

    func deliver(_ message: OutboundMessage) {
        let bytes = message.bytes
        guard (try? JSON(parsing: bytes)) != nil else {
            fail("a message that is no JSON: \(String(decoding: bytes.prefix(2000), as: UTF8.self))")
        }
    }

    func flush() {}
}
