package import LuaSandbox

/// Sees each call of a script and each compilation, because on another machine a call may reach a limit that it did not
/// reach here; everything else in a call is the same on all machines. Used on the map's executor.
package protocol CallWatcher: AnyObject {
    /// A call begins; calls nest.
    ///
    /// - Parameter usual: Its usual time limit.
    /// - Returns: The time limit to use.
    func limit(_ usual: Duration) -> Duration

    /// The innermost call ended.
    ///
    /// - Parameters:
    ///   - path: The script.
    ///   - error: Why it failed; `nil` when it succeeded.
    /// - Returns: The failure that the map sees; `nil` for success.
    func ended(_ path: String, _ error: ScriptError?) -> ScriptError?
}
