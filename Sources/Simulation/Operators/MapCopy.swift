import GameFolder
package import World

/// The world of a running map at some moment, as a value, from which a second map can be made for a ``DryRun``.
package struct MapCopy: Sendable {
    /// The map's number.
    package let mapID: Int
    /// The entities; event times are Unix times.
    package internal(set) var records: [EntityRecord] = []
    let game: GameDefinition
    let clock: SimulationClock
    let now: Double
    let tick: Int
    /// How many clients would get a broadcast.
    let players: Int
    let random: SeededGenerator
    let crashes: [ScriptCrash]
    /// The paths of scripts that do not run.
    let suspended: Set<String>
    let mutes: MutedPlayers

    /// The map as it is now, without its entities.
    init(of simulation: MapSimulation) {
        mapID = simulation.world.geometry.id
        game = simulation.game
        // Not the map's own clock: a recording notes what scripts read from that.
        let clock = simulation.surroundings.clock
        self.clock = SimulationClock(now: clock.now, monotonic: clock.monotonic, cpu: clock.cpu)
        now = simulation.now
        tick = simulation.tickNumber
        players = simulation.playerCount
        random = simulation.world.random
        crashes = simulation.host.failures.crashed.all
        suspended = Set(simulation.host.scripts.byPath.filter(\.isSuspended).map(\.path))
        mutes = simulation.host.mutes
    }
}

extension MapActor {
    /// How long one look at many entities may keep the map from its next tick, in nanoseconds.
    static let lookNanoseconds: UInt64 = 1_000_000

    /// Copies the map's world. A large world is copied in several looks, between which the map ticks.
    ///
    /// - Parameter limit: The most entities.
    /// - Returns: The copy; `nil` for a map with more entities. It is incomplete when the task is cancelled.
    package nonisolated func copy(limit: Int) async -> MapCopy? {
        guard var copy = await inspect({ $0.world.count > limit ? nil : MapCopy(of: $0) }) else { return nil }
        var next = 0
        while true {
            let start = next
            let (records, end) = await inspect { simulation in
                var records: [EntityRecord] = []
                let end = simulation.look(from: start) {
                    records.append(contentsOf: simulation.world.record(of: $0).map { [$0] } ?? [])
                }
                return (records, end)
            }
            copy.records += records
            guard let end, copy.records.count <= limit, !Task.isCancelled else { break }
            next = end
        }
        return copy
    }
}

extension MapSimulation {
    /// Looks at entities in the order of their slots, until ``MapActor/lookNanoseconds`` have passed.
    ///
    /// - Parameters:
    ///   - first: The first slot.
    ///   - visit: Looks at one entity.
    /// - Returns: The slot from which to go on; `nil` at the end.
    func look(from first: Int, _ visit: (EntityHandle) -> Void) -> Int? {
        let clock = surroundings.clock.monotonic
        let start = clock()
        for slot in first..<max(world.slots.capacity, first) where world.slots.isAlive(slot) {
            visit(world.slots.handle(slot))
            if clock() &- start > MapActor.lookNanoseconds { return slot + 1 }
        }
        return nil
    }

    /// Makes a second map that begins with a copied world. No hook runs for its entities, and nothing of what it does
    /// leaves it.
    ///
    /// - Parameter copy: The world.
    /// - Throws: ``ScriptError`` when the memory limit does not hold a VM.
    convenience init(of copy: MapCopy) throws {
        let outside = CopySurroundings(copy)
        var surroundings = Surroundings(ids: outside, persistence: outside, router: outside, clock: copy.clock)
        surroundings.crashes = outside
        try self.init(
            game: copy.game, mapID: copy.mapID, seed: .random(in: .min ... .max), surroundings: surroundings,
            now: copy.now)
        for record in copy.records { _ = try? world.add(record, placement: .exact, now: now) }
        world.random = copy.random
        world.markChangesSent()
        world.forgetUnsaved()
        for script in host.scripts.byPath where copy.suspended.contains(script.path) { script.isSuspended = true }
        host.mutes = copy.mutes
        tickNumber = copy.tick
        host.begin(tick: tickNumber, now: now)
        host.effects.receivers = copy.players
    }
}

/// What surrounds a copied map: numbers above those in use, and a game that takes all that the map sends.
private struct CopySurroundings: EntityIDSource, EntityPersistence, MapRouter, CrashHistory {
    let crashes: [ScriptCrash]
    private let ids: EntityIDCounter

    init(_ copy: MapCopy) {
        crashes = copy.crashes
        ids = EntityIDCounter(
            highest: copy.records.reduce(into: [:]) { $0[$1.key.kind] = max($0[$1.key.kind] ?? 0, $1.key.id) })
    }

    func nextID(_ kind: EntityKind) -> Int { ids.nextID(kind) }
    func forgive(_ path: String) {}
    func save(_ records: [EntityRecord], removed: [EntityKey]) {}
    func latest(_ key: EntityKey) -> EntityRecord? { nil }
    func transfer(_ record: EntityRecord, to mapID: Int, from origin: Int?) -> Bool { true }
    func queue(_ event: RemoteEvent, on mapID: Int) -> Bool { true }
    func watch(_ mapID: Int, from neighbour: Int, isNew: Bool) {}
    func sendBorder(_ strip: BorderStrip, to mapID: Int) {}
}
