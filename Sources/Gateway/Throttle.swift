import Synchronization

/// A bounded table of token buckets by key, for instance by login or by address.
///
/// Any thread may call it. When the table is full, full buckets are removed, which changes no decision. If this leaves
/// more than nine tenths, the oldest buckets are removed down to nine tenths, so that making room is rare.
package final class Throttle: Sendable {
    private struct State {
        var limit: RateLimit
        var buckets: [String: TokenBucket] = [:]
        /// Keys in the order in which they were added.
        var order: [String] = []
    }

    private let maxKeys: Int
    private let time: TimeSource
    private let state: Mutex<State>

    /// Makes an empty table.
    ///
    /// - Parameters:
    ///   - limit: How often each key may try.
    ///   - maxKeys: The most keys in the table.
    ///   - time: The clock.
    package init(_ limit: RateLimit, maxKeys: Int = 10_000, time: TimeSource) {
        state = Mutex(State(limit: limit))
        self.maxKeys = maxKeys
        self.time = time
    }

    /// Changes the limit; a different limit resets all counts.
    ///
    /// - Parameter limit: How often each key may try from now on.
    func setLimit(_ limit: RateLimit) {
        state.withLock { if $0.limit != limit { $0 = State(limit: limit) } }
    }

    /// Counts one attempt.
    ///
    /// - Parameter key: The key of the attempt.
    /// - Returns: `nil` when the attempt is allowed, else the whole seconds until the next attempt is allowed.
    package func attempt(_ key: String) -> Int? {
        let now = time.monotonic()
        return state.withLock { state in
            if state.buckets[key] == nil {
                if state.buckets.count >= maxKeys { makeRoom(&state, now) }
                state.buckets[key] = TokenBucket(state.limit, now: now)
                state.order.append(key)
            }
            guard state.buckets[key]?.takeTokens(now: now) == false else { return nil }
            return max(1, Int((state.buckets[key]?.wait(now: now) ?? 1).rounded(.up)))
        }
    }

    /// Takes back an attempt that should not count.
    ///
    /// - Parameter key: The key of the attempt.
    package func forgive(_ key: String) { state.withLock { $0.buckets[key]?.giveBack() } }

    /// How many keys are in the table.
    var count: Int { state.withLock { $0.buckets.count } }

    private func makeRoom(_ state: inout State, _ now: Duration) {
        for (key, var bucket) in state.buckets where bucket.isFull(now: now) { state.buckets[key] = nil }
        let excess = state.buckets.count - min(maxKeys - 1, maxKeys * 9 / 10)
        if excess > 0 {
            for key in state.order.filter({ state.buckets[$0] != nil }).prefix(excess) { state.buckets[key] = nil }
        }
        state.order.removeAll { state.buckets[$0] == nil }
    }
}
