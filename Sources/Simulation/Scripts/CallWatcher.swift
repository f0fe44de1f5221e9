import LuaSandbox

/// Sees each call of a script, each compilation, and where a tick's events end: whether a limit strikes is the one thing in a
/// tick that another machine may decide otherwise. Used on the map's executor.
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

    /// More events are due.
    ///
    /// - Parameters:
    ///   - measured: The end of the tick's events by the clock; `nil` while there is time.
    ///   - count: How many have had their turn.
    /// - Returns: The end to go on with; `nil` to run the next event.
    func cut(_ measured: EventCut?, after count: Int) -> EventCut?

    /// More joins and arrivals came in.
    ///
    /// - Parameters:
    ///   - measured: Whether the others wait for the next tick, by the clock.
    ///   - count: How many have had their turn.
    /// - Returns: Whether they do.
    func cutsEntries(_ measured: Bool, after count: Int) -> Bool
}

extension CallWatcher {
    func cutsEntries(_ measured: Bool, after count: Int) -> Bool { measured }
}
