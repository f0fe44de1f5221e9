package import LuaSandbox

/// Sees each call of a script and each compilation: whether a limit strikes is the one thing in a call that another
/// machine may decide otherwise. Used on the map's executor.
package protocol CallWatcher: AnyObject {
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
