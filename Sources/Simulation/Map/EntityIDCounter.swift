import Synchronization
package import World

/// Counts up from the highest numbers in the store; all maps share one counter for each kind. Any thread.
package final class EntityIDCounter: EntityIDSource {
    private let last: Mutex<[EntityKind: Int]>

    /// - Parameter highest: The highest number of each kind that was ever used; a kind that is absent counts as 0.
    package init(highest: [EntityKind: Int]) { last = Mutex(highest) }

    /// The next number of a kind, which is not given again.
    package func nextID(_ kind: EntityKind) -> Int {
        last.withLock { last in
            last[kind, default: 0] += 1
            return last[kind, default: 0]
        }
    }
}
