package import World

/// Where the entities of a map are, for a live view.
package struct MapPositions: Sendable {
    /// The most entities; of a map with more, players come first.
    package static let maxEntities = 5_000
    /// How old the answer may be, in nanoseconds: however many operators watch, a map collects positions five times a
    /// second at most, and never without a request.
    static let period: UInt64 = 190_000_000

    /// One entity.
    package struct Place: Sendable {
        /// Kind and number.
        package var key: EntityKey
        /// Position in tiles.
        package var x: Double
        /// See `x`.
        package var y: Double
    }

    /// The number of the map's last tick.
    package var tick = 0
    /// The entities.
    package var places: [Place] = []
    /// How many entities there are.
    package var total = 0
    /// How long the map took to collect them, in microseconds.
    package var microseconds = 0.0
    private var collectedAt: UInt64?

    init() {}

    /// Collects the positions anew when these are too old.
    ///
    /// - Parameters:
    ///   - world: The map's world.
    ///   - tick: The number of its last tick.
    ///   - clock: The monotonic clock, in nanoseconds.
    mutating func renew(_ world: World, tick: Int, clock: () -> UInt64) {
        let start = clock()
        if let collectedAt, start &- collectedAt < Self.period { return }
        collectedAt = start
        self.tick = tick
        total = world.count
        places.removeAll(keepingCapacity: true)
        places.reserveCapacity(min(total, Self.maxEntities))
        if total <= Self.maxEntities {
            collect(world) { _ in true }
        } else {
            collect(world) { $0 == .players }
            collect(world) { $0 != .players }
        }
        microseconds = Double(clock() &- start) / 1000
    }

    private mutating func collect(_ world: World, where isWanted: (EntityKind) -> Bool) {
        for slot in 0..<world.slots.capacity where world.slots.isAlive(slot) {
            guard places.count < Self.maxEntities else { return }
            guard isWanted(world.kind(slot)) else { continue }
            places.append(
                Place(key: world.slots.key(slot), x: world.number(.x, slot: slot), y: world.number(.y, slot: slot)))
        }
    }
}
