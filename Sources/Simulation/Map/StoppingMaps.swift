import Synchronization

/// The maps that have not stopped yet. Any thread.
final class StoppingMaps: Sendable {
    private let ids: Mutex<Set<Int>>

    init(_ ids: Set<Int>) { self.ids = Mutex(ids) }

    var sorted: [Int] { ids.withLock { $0.sorted() } }

    /// Removes a map, and returns whether it was the last one.
    func removeLast(_ id: Int) -> Bool {
        ids.withLock { ids in
            ids.remove(id)
            return ids.isEmpty
        }
    }
}
