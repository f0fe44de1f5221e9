/// Stores the entities of a map; implementations must not block.
package protocol EntityPersistence: Sendable {
    /// Stores the current state of entities, and deletes entities that were removed for good.
    ///
    /// - Parameters:
    ///   - records: The entities; each record replaces the entity's former one.
    ///   - removed: The keys of entities to delete.
    func save(_ records: [EntityRecord], removed: [EntityKey])

    /// The state of an entity that was saved so recently that a read of the store may have missed it.
    ///
    /// - Parameter key: The entity.
    /// - Returns: Its record; `nil` when the store has the newest state, or when the entity was removed.
    func latest(_ key: EntityKey) -> EntityRecord?
}
