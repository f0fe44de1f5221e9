import World

/// The entities whose leave hooks run now. They are still on the map, and nothing can keep them there.
struct LeavingEntities {
    private var entities: [EntityHandle] = []

    /// Whether an entity's leave hooks run now.
    func contains(_ entity: EntityHandle) -> Bool { entities.contains(entity) }

    /// Notes that the leave hooks of an entity begin.
    mutating func push(_ entity: EntityHandle) { entities.append(entity) }

    /// Notes that the leave hooks that began last have ended.
    mutating func pop() { entities.removeLast() }
}
