package import World

/// What became of a save.
package struct SaveOutcome: Sendable, Equatable {
    /// The records that the store can't keep; all others are saved.
    package var refused: [RefusedRecord]

    /// Makes an outcome.
    ///
    /// - Parameter refused: The records that the store can't keep.
    package init(refused: [RefusedRecord] = []) { self.refused = refused }
}

/// A record that a store can't keep, whatever the state of the store is.
package struct RefusedRecord: Sendable, Equatable {
    /// The entity.
    package var key: EntityKey
    /// What the store says about it.
    package var reason: String

    /// Describes a record.
    ///
    /// - Parameters:
    ///   - key: The entity.
    ///   - reason: What the store says about it.
    package init(key: EntityKey, reason: String) {
        self.key = key
        self.reason = reason
    }
}
