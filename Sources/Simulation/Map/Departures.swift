import World

/// Entities that leave a map while no script runs, and what their leave hooks take of a tick.
///
/// When leave hooks have taken half of `tick_limit_ms` of CPU time, the remaining entities leave in the next ticks; at
/// least one leaves in each.
struct Departures {
    /// The readings of the clocks before the first hook of the tick.
    private(set) var start: TickStart?
    /// The entities whose hooks ran in this tick.
    private(set) var count = 0
    /// Whether the remaining entities wait for the next tick.
    private(set) var isCut = false
    /// Entities beyond an edge that cross it in the next tick.
    private var waiting: [EntityHandle] = []
    private var known: Set<EntityHandle> = []
    /// Entities that came back since the last delta, because the map beyond an edge did not take them.
    private var refused: Set<EntityHandle> = []

    /// Whether entities wait for the next tick to cross an edge.
    var hasWaiting: Bool { !waiting.isEmpty }

    /// Begins a tick.
    mutating func beginTick() { (start, count, isCut) = (nil, 0, false) }

    /// Notes that the first entity of the tick is about to leave.
    mutating func begin(_ start: TickStart) { self.start = start }

    /// Notes that an entity's hooks ran.
    mutating func countHooks() { count += 1 }

    /// Lets the remaining entities wait for the next tick.
    mutating func cut() { isCut = true }

    /// Lets an entity cross its edge in the next tick.
    mutating func wait(_ entity: EntityHandle) {
        if known.insert(entity).inserted { waiting.append(entity) }
    }

    /// Returns the entities that wait to cross an edge, and forgets them.
    mutating func takeWaiting() -> [EntityHandle] {
        defer { (waiting, known) = ([], []) }
        return waiting
    }

    /// Notes that an entity came back from an edge: until the next delta it does not try again.
    mutating func noteRefused(_ entity: EntityHandle) { refused.insert(entity) }

    /// Whether an entity came back since the last delta.
    func wasRefused(_ entity: EntityHandle) -> Bool { refused.contains(entity) }

    /// Lets all entities that came back try again.
    mutating func forgetRefused() { if !refused.isEmpty { refused = [] } }
}
