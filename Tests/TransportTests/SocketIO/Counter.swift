import Synchronization

/// Makes the ids "id1", "id2", … for tests.
final class Counter: Sendable {
    private let count = Atomic<Int>(0)

    func next() -> String { "id\(count.add(1, ordering: .relaxed).newValue)" }
}
