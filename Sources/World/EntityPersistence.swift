/// Takes from a map what is to be stored; implementations must not block.
package protocol EntityPersistence: Sendable {
    /// Takes the current state of entities, and the keys of those that are gone for good.
    ///
    /// - Parameters:
    ///   - records: The entities; each replaces what was given before.
    ///   - removed: The keys of entities to forget.
    func save(_ records: [EntityRecord], removed: [EntityKey])

    /// The state of an entity that was saved so lately that a reading of the store may have missed it.
    ///
    /// - Parameter key: The entity.
    /// - Returns: Its record; `nil` when the store has it, or it was removed.
    func latest(_ key: EntityKey) -> EntityRecord?
}
