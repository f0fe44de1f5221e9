package import World

/// Something that an operator does to a map, its players or its entities.
package enum OperatorAction: Sendable, Equatable {
    /// Closes a player's connection, and takes the player off the map, which is stored; nothing happens when the player
    /// is not connected here. `reason` is for the player's client.
    case kick(player: Int, reason: String)
    /// Sends a text to the clients of all players of the map.
    case announce(text: String)
    /// Runs the spawn hooks of entities that are on the map already, as if they entered it now.
    case rerunSpawnHooks(EntityChoice)
    /// The map was stopped after this tick and started again: its ticks go on from there, because the numbers that a
    /// client sees on one connection must not go back [`1-protocol.md` 4.2].
    case continueTicks(after: Int)

    /// Which entities of a map.
    package struct EntityChoice: Sendable, Equatable {
        /// Only those of a kind; `nil` for all kinds.
        package var kind: EntityKind?
        /// Only those of a prefab; `nil` for all.
        package var prefab: String?

        /// Makes a choice.
        ///
        /// - Parameters:
        ///   - kind: Only those of a kind; `nil` for all kinds.
        ///   - prefab: Only those of a prefab; `nil` for all.
        package init(kind: EntityKind? = nil, prefab: String? = nil) {
            self.kind = kind
            self.prefab = prefab
        }

        /// Whether an entity of this kind and prefab is chosen.
        func admits(_ kind: EntityKind, _ prefab: @autoclosure () -> String) -> Bool {
            (self.kind ?? kind) == kind && (self.prefab.map { $0 == prefab() } ?? true)
        }
    }
}
