import LuaSandbox
import Synchronization

/// Stops the scripts of a map for good: the running script at once, and every later script before it begins.
///
/// Used for a map that has to end in the middle of a tick that takes too long. Any thread.
package final class ScriptStopper: Sendable {
    private struct State {
        var handle: LuaStopHandle?
        var isStopped = false
    }

    private let state = Mutex(State())

    /// Whether ``stop()`` was called.
    package var isStopped: Bool { state.withLock { $0.isStopped } }

    /// Notes the VM that runs the scripts from now on.
    func set(_ handle: LuaStopHandle) {
        let isStopped = state.withLock { state in
            state.handle = handle
            return state.isStopped
        }
        if isStopped { handle.requestStop() }
    }

    /// Stops the scripts.
    package func stop() {
        let handle = state.withLock { state in
            state.isStopped = true
            return state.handle
        }
        handle?.requestStop()
    }
}
