import GameFolder

/// Scripts that an earlier process died of: in the place of such a script an empty one is compiled, because compiling
/// it may be what was fatal, and such a lib is left out. It is loaded when its file changes or an operator resumes it.
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
        guard !failures.contains(lib) else { return }
        let message = suspension(crash, of: lib)
        failures.insert(GameFolderProblem(file: lib.path, line: nil, message: message), of: lib)
        tell(message, lib.path)
    }

    private func suspension(_ crash: ScriptCrash, of script: GameScript) -> String {
        "\(crash.description); \(script.path) is not run until it is changed or resumed"
    }
}
