import World

/// Entities whose spawn hooks run again because an operator wants it; each waits once. It holds those that wait, also
/// when they have left the map meanwhile, and at most about as many places of those that had their turn.
struct SpawnHookBacklog {
    private var waiting: [EntityHandle] = []
    private var first = 0
    private var known: Set<EntityHandle> = []
    /// The entities whose hooks ran since the backlog was last empty.
    private var count = 0

    var isEmpty: Bool { first == waiting.count }

    /// The entity whose turn is next.
    var peek: EntityHandle? { isEmpty ? nil : waiting[first] }

    /// Adds entities; those that wait already keep their turn.
    mutating func add(_ entities: [EntityHandle]) {
        for entity in entities where known.insert(entity).inserted { waiting.append(entity) }
    }

    mutating func removeFirst() {
        guard let entity = peek else { return }
        known.remove(entity)
        first += 1
        if isEmpty {
            (waiting, first, known) = ([], 0, [])
        } else if first > 1024, first * 2 > waiting.count {
            waiting.removeFirst(first)
            first = 0
        }
    }

    /// Counts an entity whose hooks ran.
    mutating func countRun() { count += 1 }

    /// How many entities were counted since the last call.
    mutating func takeCount() -> Int {
        defer { count = 0 }
        return count
    }
}
