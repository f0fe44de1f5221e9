import Synchronization

/// What the threads of maps ask before and after each tick. The lock is held for some ten nanoseconds at a time, and
/// never while the node decides something.
final class LeaseGate: Sendable {
    private struct State {
        /// Until when the maps may run; `nil` for a node that is no member.
        var until: Duration?
        var leases: Set<MapLease> = []
    }

    private let state = Mutex(State())

    /// Whether a map may run.
    ///
    /// - Parameters:
    ///   - lease: The lease under which the map was opened.
    ///   - now: Returns the time.
    /// - Returns: `false` when the map has to pause, or when it is dropped.
    func mayRun(_ lease: MapLease, now: () -> Duration) -> Bool {
        let until = state.withLock { $0.leases.contains(lease) ? $0.until : nil }
        guard let until else { return false }
        return now() < until
    }

    /// Publishes what the node has decided.
    ///
    /// - Parameters:
    ///   - until: Until when the maps may run.
    ///   - leases: The maps that the node has; `nil` when they have not changed.
    func set(until: Duration?, leases: Set<MapLease>?) {
        state.withLock {
            $0.until = until
            if let leases { $0.leases = leases }
        }
    }
}
