/// The time of a node since its start, by any clock.
struct NodeTime: Sendable {
    /// Returns the time since the start.
    let now: @Sendable () -> Duration
    private let sleepUntil: @Sendable (Duration) async throws -> Void

    /// Starts at zero.
    ///
    /// - Parameter clock: The clock.
    init<C: Clock<Duration>>(_ clock: C) {
        let start = clock.now
        now = { start.duration(to: clock.now) }
        sleepUntil = { try await clock.sleep(until: start.advanced(by: $0), tolerance: nil) }
    }

    /// Waits.
    ///
    /// - Parameter time: The time of the end, since the start.
    /// - Returns: Whether the time has come; `false` when the task was cancelled.
    func sleep(until time: Duration) async -> Bool {
        do { try await sleepUntil(time) } catch { return false }
        return !Task.isCancelled
    }
}
