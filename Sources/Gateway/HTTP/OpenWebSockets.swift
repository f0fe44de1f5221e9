import NIOCore
import Synchronization

/// Keeps a server's task group open while any WebSocket is.
///
/// The server has ended when the tasks of all its connections have. A WebSocket is served on its event loop and needs
/// no task, and a task that only waits takes memory. So one task waits for all WebSockets, and the others end.
final class OpenWebSockets: Sendable {
    private struct State {
        var count = 0
        /// Whether a task waits, or is about to.
        var isAwaited = false
        var waiting: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    /// How many are open.
    var count: Int { state.withLock { $0.count } }

    /// Counts a WebSocket until it is closed. The call returns at once if another one waits, otherwise when no
    /// WebSocket is open.
    ///
    /// - Parameter closed: Completes when the WebSocket is closed.
    func serve(until closed: EventLoopFuture<Void>) async {
        let waits = state.withLock { state in
            state.count += 1
            defer { state.isAwaited = true }
            return !state.isAwaited
        }
        closed.whenComplete { _ in self.close() }
        guard waits else { return }
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if state.count == 0 { state.isAwaited = false } else { state.waiting = continuation }
                return state.count == 0
            }
            if isOver { continuation.resume() }
        }
    }

    private func close() {
        let waiting = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.count -= 1
            guard state.count == 0, let waiting = state.waiting else { return nil }
            (state.waiting, state.isAwaited) = (nil, false)
            return waiting
        }
        waiting?.resume()
    }
}
