import Synchronization

/// Tells the sender of an ``OperatorChange`` what the map did with it; once, also when the map drops the input. Any
/// thread.
package final class OperatorAnswer: Sendable {
    private let waiting: Mutex<(@Sendable (OperatorOutcome) -> Void)?>

    /// Makes an answer.
    ///
    /// - Parameter tell: Takes the outcome, on the map's thread; must not block.
    package init(_ tell: @escaping @Sendable (OperatorOutcome) -> Void) { waiting = Mutex(tell) }

    // A map that has ended takes no input.
    deinit { give(.closed) }

    /// Gives the outcome; later calls do nothing.
    package func give(_ outcome: OperatorOutcome) {
        let tell = waiting.withLock { tell in
            defer { tell = nil }
            return tell
        }
        tell?(outcome)
    }
}

extension MapActor {
    /// Makes a change to the map's world in its next tick.
    ///
    /// - Parameter change: The change.
    /// - Returns: What the map did with it.
    package nonisolated func edit(_ change: OperatorChange) async -> OperatorOutcome {
        await withCheckedContinuation { continuation in
            post(.edit(change, OperatorAnswer { continuation.resume(returning: $0) }))
        }
    }
}
