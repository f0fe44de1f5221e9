internal import CLuaRuntime

/// Stops a sandbox from any thread. It may outlive the sandbox.
public final class LuaStopHandle: Sendable {
    // The control block counts its holders, and its functions are safe from any thread.
    private nonisolated(unsafe) let control: OpaquePointer

    init(_ control: OpaquePointer) {
        plr_control_retain(control)
        self.control = control
    }

    deinit {
        plr_control_release(control)
    }

    /// Ends the running script, if any, with ``ScriptError/Kind/stopped`` and refuses every later one. Scripts can't
    /// catch it, and it can't be undone.
    public func requestStop() {
        plr_control_stop(control)
    }
}
