import Synchronization

@testable import Gateway

/// A clock that a test advances.
final class TestClock: Sendable {
    private let elapsed = Mutex(Duration.seconds(1000))

    var source: TimeSource {
        TimeSource(
            monotonic: { self.elapsed.withLock { $0 } },
            unix: { 1_700_000_000 + self.elapsed.withLock { $0 }.seconds })
    }

    func advance(by duration: Duration) { elapsed.withLock { $0 += duration } }
}
