import LuaSandbox

/// Every call of a script and every compilation enters the VM through these functions.
extension ScriptHost {
    /// Calls a function in the VM. The script is noted in case the process crashes during the call, and the watcher, if
    /// there is one, sees the call.
    ///
    /// First updates the VM's pointers to the world's memory: a request that starts a script, such as an assignment
    /// with a trigger, may have moved the memory, and so may any change since the last call.
    func call(
        _ function: LuaFunction, path: String, note: ScriptNote, limit: TimeLimit
    ) throws(ScriptError) -> LuaValue {
        memory.refresh(world)
        let before = note.begin()
        defer { ScriptNote.end(before) }
        do throws(ScriptError) {
            guard let watcher else { return try sandbox.call(function, limitNanoseconds: limit.nanoseconds) }
            return try watched(by: watcher, path, limit.duration) { limit throws(ScriptError) in
                try sandbox.call(function, limit: limit)
            }
        } catch {
            // Advice is added after the watcher has seen the error: recordings hold the VM's own message.
            throw error.advised()
        }
    }

    /// Compiles a script. As in a call, the script is noted and the watcher sees it: a compilation has a time limit
    /// too.
    func compile(
        _ source: [UInt8], name: String, note: ScriptNote, environment: LuaEnvironment
    ) throws(ScriptError) -> LuaFunction {
        let before = note.begin()
        defer { ScriptNote.end(before) }
        do throws(ScriptError) {
            guard let watcher else { return try sandbox.compile(source, name: name, environment: environment) }
            return try watched(by: watcher, name, .milliseconds(250)) { limit throws(ScriptError) in
                try sandbox.compile(source, name: name, environment: environment, limit: limit)
            }
        } catch {
            throw error.advised(source: source)
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
