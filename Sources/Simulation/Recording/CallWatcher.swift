import LuaSandbox

/// Sees each call of a script: whether a limit stops it is the one thing in a tick that another machine may decide
/// otherwise. Used on the map's executor.
protocol CallWatcher: AnyObject {
    /// A call begins; calls nest.
    ///
    /// - Parameter usual: Its time limit.
    /// - Returns: The time limit to run it under.
    func limit(_ usual: Duration) -> Duration

    /// The innermost call ended.
    ///
    /// - Parameters:
    ///   - path: The script.
    ///   - error: Why it failed, if it did.
    /// - Returns: The failure to go on with.
    func ended(_ path: String, _ error: ScriptError?) -> ScriptError?
}

extension ScriptHost {
    /// Calls into the VM, seen by the watcher if there is one.
    func call(_ function: LuaFunction, path: String, limit: Duration) throws(ScriptError) -> LuaValue {
        guard let watcher else { return try sandbox.call(function, limit: limit) }
        let limit = watcher.limit(limit)
        var outcome = LuaValue.nil
        var failure: ScriptError?
        do throws(ScriptError) {
            outcome = try sandbox.call(function, limit: limit)
        } catch {
            failure = error
        }
        if let failure = watcher.ended(path, failure) { throw failure }
        return outcome
    }
}
