/// The times of leases: how long a node may run its maps after it was heard of last, and when others take them.
///
/// Each node measures on its own monotonic clock, one that goes on while the machine sleeps (`ContinuousClock`); clocks
/// of two nodes are never compared. They may run at rates that differ by less than the times below do.
package struct LeaseTimes: Sendable, Equatable {
    /// The pause between two renewals.
    package var renew = Duration.milliseconds(250)
    /// How long a node's maps run after its last renewal.
    package var run = Duration.milliseconds(1_200)
    /// The time without a renewal after which a node asks the others whether they reach the store.
    package var patience = Duration.milliseconds(600)
    /// The pause between two questions to a node.
    package var ask = Duration.milliseconds(100)
    /// How long an answer holds that says that a node does not reach the store either.
    package var promise = Duration.seconds(1)
    /// The silence of a node after which another one evicts it.
    package var watch = Duration.seconds(3)

    /// Makes the usual times.
    package init() {}

    /// Whether no map can run on two nodes: a node stops before another may take its maps, a promise ends before the
    /// one who gave it evicts, and there is time to ask before the maps would stop.
    package var areSafe: Bool {
        renew > .zero && patience > .zero && ask > .zero && promise > .zero && run < watch && promise < watch
            && patience + renew < run
    }
}
