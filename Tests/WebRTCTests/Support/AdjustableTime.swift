import NIOCore
import Synchronization

/// Makes the clock of a port or a connection, which stands still during the server's pauses, run as a test wants: a
/// negative pause lets time pass.
final class AdjustableTime: Sendable {
    private let nanoseconds = Mutex<Int64>(0)

    /// The total time of the pauses.
    var paused: TimeAmount { .nanoseconds(nanoseconds.withLock { $0 }) }

    /// Lets time pass.
    func advance(by time: TimeAmount) { nanoseconds.withLock { $0 -= time.nanoseconds } }
}
