import Foundation
import GameFolder
import SimulationTestKit
import Synchronization
import World

@testable import Simulation

/// A game of several maps and a store, all in memory; a test can kill it at any moment and start it again.
final class SeveralMaps {
    private var game: GameDefinition
    private let ids = TestIDs()
    private let outside = Outside()
    private var maps: [Int: MapSimulation] = [:]
    private(set) var now = 1_700_000_000.0

    init(_ files: [String: String]) throws {
        game = try Self.load(files)
        try start()
    }

    private static func load(_ files: [String: String]) throws -> GameDefinition {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("perigee-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        try TestMap.write(files, to: directory)
        let (game, problems) = try GameFolder.load(directory: directory.path)
        if let problem = problems.first { throw problem }
        return game
    }

    /// Gives all maps a changed game, one after the other.
    func reload(_ files: [String: String], tick: (Int, [MapInput]) -> Void) throws {
        game = try Self.load(files)
        for id in maps.keys.sorted() { tick(id, [.replaceGame(game, problems: [])]) }
    }

    subscript(mapID: Int) -> MapSimulation? { maps[mapID] }

    /// What the store holds.
    var written: [EntityKey: EntityRecord] { outside.state.withLock { $0.written } }

    /// The state of an entity that was given to the store and is not written yet.
    func latest(_ key: EntityKey) -> EntityRecord? { outside.latest(key) }

    /// The maps on which an entity is or to which it is moving.
    func places(of key: EntityKey) -> [Int] {
        let arriving = outside.state.withLock { state in
            state.inboxes.flatMap { id, inputs in
                inputs.compactMap { if case .arrive(let record, _) = $0, record.key == key { id } else { nil } }
            }
        }
        return maps.filter { $0.value.world[key] != nil }.map(\.key) + arriving
    }

    /// Opens all maps with what was written, as after a kill.
    func start() throws {
        maps = [:]
        outside.state.withLock { state in
            state.inboxes = [:]
            state.pending = [:]
            state.open = Set(game.maps.map(\.id))
        }
        for map in game.maps {
            let simulation = try MapSimulation(
                game: game, mapID: map.id, seed: UInt64(map.id),
                surroundings: .init(
                    ids: ids, persistence: outside, router: outside,
                    clock: SimulationClock(now: { 0 }, monotonic: { 0 })),
                now: now)
            let records = written.values.filter { $0.mapID == map.id && $0.key.kind != .players }
            simulation.populate(records.sorted { $0.key.id < $1.key.id }, now: now)
            maps[map.id] = simulation
        }
    }

    /// One tick of one map.
    @discardableResult
    func tick(_ mapID: Int, _ inputs: [MapInput] = []) -> [MapSimulation.Delivery] {
        now += 0.01
        let waiting = outside.state.withLock { $0.inboxes.removeValue(forKey: mapID) ?? [] }
        return maps[mapID]?.tick(now: now, inputs: waiting + inputs) ?? []
    }

    /// Ends a map in good order, as when the server stops.
    func stop(_ mapID: Int) {
        let waiting = outside.state.withLock { state in
            state.open.remove(mapID)
            return state.inboxes.removeValue(forKey: mapID) ?? []
        }
        now += 0.01
        _ = maps[mapID]?.tick(now: now, inputs: waiting)
        maps[mapID]?.save()
    }

    /// All maps give their changes to the store, which writes them in one transaction.
    func flush() {
        for map in maps.values { map.save() }
        write()
    }

    /// Makes the store write the records that maps gave to it.
    func write() {
        outside.state.withLock { state in
            for (key, record) in state.pending { state.written[key] = record }
            state.pending = [:]
        }
    }

    /// What the maps see: each other, and the store.
    private final class Outside: MapRouter, EntityPersistence {
        struct State {
            /// The inputs that wait for each map.
            var inboxes: [Int: [MapInput]] = [:]
            var open: Set<Int> = []
            /// The records that maps gave to the store since it last wrote; `nil` for a removed entity.
            var pending: [EntityKey: EntityRecord?] = [:]
            var written: [EntityKey: EntityRecord] = [:]
        }

        let state = Mutex(State())

        func save(_ records: [EntityRecord], removed: [EntityKey]) {
            state.withLock { state in
                for record in records { state.pending[record.key] = .some(record) }
                for key in removed { state.pending[key] = .some(nil) }
            }
        }

        func latest(_ key: EntityKey) -> EntityRecord? { state.withLock { $0.pending[key] ?? nil } }

        func transfer(_ record: EntityRecord, to mapID: Int, from origin: Int?) -> Bool {
            post(.arrive(record, from: origin), to: mapID)
        }

        func queue(_ event: RemoteEvent, on mapID: Int) -> Bool { post(.event(event), to: mapID) }

        func watch(_ mapID: Int, from neighbour: Int, isNew: Bool) {
            _ = post(.watch(from: neighbour, isNew: isNew), to: mapID)
        }

        func sendBorder(_ strip: BorderStrip, to mapID: Int) { _ = post(.border(strip), to: mapID) }

        private func post(_ input: MapInput, to mapID: Int) -> Bool {
            state.withLock { state in
                guard state.open.contains(mapID) else { return false }
                state.inboxes[mapID, default: []].append(input)
                return true
            }
        }
    }
}
