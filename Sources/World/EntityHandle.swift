/// Refers to an entity of a world by its slot and the slot's generation; invalid once the entity was removed.
public struct EntityHandle: Hashable, Sendable {
    /// The row in the world's columns.
    public var slot: UInt32
    /// The slot's generation when the entity was put there.
    public var generation: UInt32

    /// Makes a handle from its parts.
    ///
    /// - Parameters:
    ///   - slot: The row in the world's columns.
    ///   - generation: The slot's generation.
    public init(slot: UInt32, generation: UInt32) {
        self.slot = slot
        self.generation = generation
    }
}
