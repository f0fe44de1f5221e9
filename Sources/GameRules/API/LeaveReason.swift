/// Why an entity leaves a map: the global `reason` of leave hooks [`2-lua-api.md` 7].
package enum LeaveReason: String, CaseIterable, Sendable {
    /// The player's connection ended, and the player did not come back within `linger_seconds`.
    case disconnected
    /// A script removed the entity.
    case removed
    /// The entity goes to another map.
    case moved
    /// The map ends: the server stops, or the map was removed from the game. Only players leave a map that ends; other
    /// entities stay with it in the store.
    case closed
}
