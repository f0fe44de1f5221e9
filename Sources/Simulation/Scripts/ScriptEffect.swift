import World

/// An effect of a script outside the world; the map carries it out after the events of the tick.
enum ScriptEffect {
    /// A table for one player's client, as JSON.
    case send(EntityHandle, [UInt8])
    /// The entity is saved in its state at the end of the tick.
    case save(EntityHandle)
    /// A table for every player's client, as JSON.
    case broadcast([UInt8])
    /// The entity moves to another map.
    case move(EntityHandle, mapID: Int)
    /// An event for an entity of another map.
    case event(RemoteEvent, mapID: Int)
    /// A player was removed from the map; its record is kept in the store.
    case removedPlayer(EntityHandle, EntityRecord)
}
