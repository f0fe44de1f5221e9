import World

/// The entities whose leave hooks run now. They are still on the map, and nothing can keep them there.
struct LeavingEntities {
    private var entities: [EntityHandle] = []
    /// Those of a map that ends: they stay in its world.
    private var finished: Set<EntityHandle> = []

    /// Whether an entity's leave hooks run now, or ran because the map ends.
    func contains(_ entity: EntityHandle) -> Bool { entities.contains(entity) || finished.contains(entity) }

    /// Notes that the leave hooks of an entity ran because the map ends.
    mutating func insertFinished(_ entity: EntityHandle) { finished.insert(entity) }

    /// Notes that the leave hooks of an entity begin.
    mutating func push(_ entity: EntityHandle) { entities.append(entity) }

    /// Notes that the leave hooks that began last have ended.
    mutating func pop() { entities.removeLast() }
}
