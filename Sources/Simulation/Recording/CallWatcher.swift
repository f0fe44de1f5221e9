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

extension ScriptHost {
    /// Calls into the VM, noted for the case that the process dies of it, and seen by the watcher if there is one.
    ///
    /// The VM's pointers are brought up to the world's memory first: a request that starts a script, such as an assignment
    /// with a trigger, may have moved it, and so may whatever happened since the last call.
    func call(
        _ function: LuaFunction, path: String, note: ScriptNote, limit: Duration
    ) throws(ScriptError) -> LuaValue {
        memory.refresh(world)
        let before = note.begin()
        defer { ScriptNote.end(before) }
        guard let watcher else { return try sandbox.call(function, limit: limit) }
        return try watched(by: watcher, path, limit) { limit throws(ScriptError) in
            try sandbox.call(function, limit: limit)
        }
    }

    /// Compiles a script, noted and seen by the watcher as calls are: that has a time limit too.
    func compile(
        _ source: [UInt8], name: String, note: ScriptNote, environment: LuaEnvironment
    ) throws(ScriptError) -> LuaFunction {
        let before = note.begin()
        defer { ScriptNote.end(before) }
        guard let watcher else { return try sandbox.compile(source, name: name, environment: environment) }
        return try watched(by: watcher, name, .milliseconds(250)) { limit throws(ScriptError) in
            try sandbox.compile(source, name: name, environment: environment, limit: limit)
        }
    }

    private func watched<Outcome>(
        by watcher: any CallWatcher, _ path: String, _ limit: Duration,
        _ body: (Duration) throws(ScriptError) -> Outcome
    ) throws(ScriptError) -> Outcome {
        let outcome: Result<Outcome, ScriptError>
        do throws(ScriptError) {
            outcome = .success(try body(watcher.limit(limit)))
        } catch {
            outcome = .failure(error)
        }
        var failure: ScriptError?
        if case .failure(let error) = outcome { failure = error }
        if let failure = watcher.ended(path, failure) { throw failure }
        return try outcome.get()
    }
}
