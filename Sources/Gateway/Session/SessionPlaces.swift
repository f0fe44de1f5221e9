import Synchronization

/// Keeps places for clients about which the server is deciding, so that `max_sessions` holds while many of them connect
/// at once. Any thread may use it.
final class SessionPlaces: Sendable {
    private let metrics: GatewayMetrics
    private let reserved = Atomic<Int>(0)

    /// Makes places of which none is reserved.
    ///
    /// - Parameter metrics: Counts the open sessions.
    init(_ metrics: GatewayMetrics) { self.metrics = metrics }

    /// Whether there is a place among so many.
    func hasPlace(among max: Int) -> Bool { metrics.openSessions + reserved.load(ordering: .acquiring) < max }

    /// Reserves a place until ``release()``. Two clients that ask for the last place at the same moment may both be
    /// refused; never do both get it.
    ///
    /// - Parameter max: How many places there are.
    /// - Returns: Whether there was a place.
    func reserve(among max: Int) -> Bool {
        let count = reserved.add(1, ordering: .acquiringAndReleasing).newValue
        if metrics.openSessions + count <= max { return true }
        release()
        return false
    }

    /// Gives a reserved place back: its client is counted as an open session by now, or does not get one.
    func release() { reserved.subtract(1, ordering: .acquiringAndReleasing) }
}
