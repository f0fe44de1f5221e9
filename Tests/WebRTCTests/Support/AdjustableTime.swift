import NIOCore
import Synchronization

/// Makes the clock of a port or a connection, which stands still during the server's pauses, run as a test wants: a
/// negative pause lets time pass.
final class AdjustableTime: Sendable {
    private struct State {
        /// The nanoseconds of all pauses that are over.
        var total: Int64 = 0
        /// Since when a pause lasts.
        var frozenAt: NIODeadline?
    }

    private let state: Mutex<State>

    init(isFrozen: Bool = false) { state = Mutex(State(frozenAt: isFrozen ? .now() : nil)) }

    /// The total time of the pauses.
    var paused: TimeAmount {
        state.withLock { state in
            .nanoseconds(state.total) + (state.frozenAt.map { NIODeadline.now() - $0 } ?? .zero)
        }
    }

    /// Ends the pause in which the time began.
    func thaw() {
        state.withLock { state in
            if let frozenAt = state.frozenAt { state.total += (NIODeadline.now() - frozenAt).nanoseconds }
            state.frozenAt = nil
        }
    }

    /// Lets time pass.
    func advance(by time: TimeAmount) { state.withLock { $0.total -= time.nanoseconds } }
}
