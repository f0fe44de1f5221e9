import Synchronization

/// A clock that stands still until a test advances it; a test can wait until a task sleeps by it.
final class ManualClock: Clock, Sendable {
    typealias Duration = Swift.Duration

    struct Instant: InstantProtocol {
        var elapsed = Duration.zero

        func advanced(by duration: Duration) -> Instant { Instant(elapsed: elapsed + duration) }
        func duration(to other: Instant) -> Duration { other.elapsed - elapsed }
        static func < (a: Instant, b: Instant) -> Bool { a.elapsed < b.elapsed }
    }

    private struct State {
        var now = Instant()
        var sleepers: [(until: Instant, wake: AsyncStream<Void>.Continuation)] = []
    }

    private let state = Mutex(State())
    private let sleeps = AsyncStream.makeStream(of: Void.self)

    var now: Instant { state.withLock { $0.now } }
    let minimumResolution = Duration.zero

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let (stream, wake) = AsyncStream.makeStream(of: Void.self)
        let isOver = state.withLock { state in
            if deadline > state.now { state.sleepers.append((deadline, wake)) }
            return deadline <= state.now
        }
        sleeps.continuation.yield()
        if isOver { return }
        for await _ in stream {}
        try Task.checkCancellation()
    }

    /// Waits until a task has gone to sleep; each sleep is told once.
    func waitForSleeper() async { for await _ in sleeps.stream { return } }

    func advance(by duration: Duration) {
        let woken = state.withLock { state in
            state.now = state.now.advanced(by: duration)
            defer { state.sleepers.removeAll { $0.until <= state.now } }
            return state.sleepers.filter { $0.until <= state.now }.map(\.wake)
        }
        for wake in woken { wake.finish() }
    }
}
