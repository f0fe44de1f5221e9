import GameFolder

/// Scripts that an earlier process died of: in the place of such a script an empty one is compiled, because compiling it
/// may be what was fatal, and such a lib is left out. It is loaded when its file changes or an operator resumes it.
extension ScriptHost {
    /// Tells that a script is suspended for a crash.
    func tell(_ crash: ScriptCrash, of script: GameScript) {
        tell(suspension(crash, of: script), script.path)
    }

    private func tell(_ message: String, _ path: String) {
        log.line(message, script: path, time: now, tick: tick)
        logError(kind: "suspended", message: message, script: path)
    }

    /// Leaves a lib out, and tells so once.
    func suspendLib(_ lib: GameScript, _ crash: ScriptCrash) {
        guard failures[lib.path]?.version != lib.version else { return }
        let message = suspension(crash, of: lib)
        failures[lib.path] = Failure(
            version: lib.version, problem: GameFolderProblem(file: lib.path, line: nil, message: message))
        tell(message, lib.path)
    }

    /// The libs that are left out, by ascending path.
    var suspendedLibs: [String] {
        failures.compactMap { path, failure in
            crashed.all.contains { $0.path == path && $0.version == failure.version } ? path : nil
        }.sorted()
    }

    /// Lets the next load take a script that was left out.
    ///
    /// - Parameter path: Its file.
    /// - Returns: `false` when nothing had died of it.
    func forgiveCrash(of path: String) -> Bool {
        guard crashed.forgive(path) else { return false }
        failures[path] = nil
        return true
    }

    private func suspension(_ crash: ScriptCrash, of script: GameScript) -> String {
        "\(crash.description); \(script.path) is not run until it is changed or resumed"
    }
}
