/// How far players see, and what they see at any distance. The world keeps both as long as the entity is on the map;
/// they are not stored.
extension World {
    /// The longest view of a player, in tiles.
    package static let maxView = 4096.0

    /// How far a player sees, in tiles; `nil` for as far as all players of the map.
    package func view(slot: Int) -> Double? { slots[slot].view }

    /// Sets how far a player sees.
    ///
    /// - Parameters:
    ///   - view: From 0 to ``maxView`` tiles; `nil` for as far as all players of the map.
    ///   - slot: The player.
    package func setView(_ view: Double?, slot: Int) {
        if slots.setView(view, slot: slot) { changes.mark(slot: slot) }
    }

    /// Sets whether an entity is seen at any distance.
    package func setAlwaysSeen(_ isAlwaysSeen: Bool, slot: Int) {
        if slots.setAlwaysSeen(isAlwaysSeen, slot: slot) { changes.mark(slot: slot) }
    }
}
