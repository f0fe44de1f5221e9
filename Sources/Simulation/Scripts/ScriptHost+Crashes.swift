import GameFolder

/// Scripts during which an earlier process crashed: an empty script is compiled instead, because compiling the script
/// may have caused the crash; a lib is not compiled at all. The script is loaded when its file changes or an operator
/// resumes it.
extension ScriptHost {
    /// Logs that a script is suspended for a crash.
    func tell(_ crash: ScriptCrash, of script: GameScript) {
        tell(suspension(crash, of: script), script.path)
    }

    private func tell(_ message: String, _ path: String) {
        log.line(message, script: path, time: now, tick: tick)
        logError(kind: "suspended", message: message, script: path, ran: path)
    }

    /// Suspends a lib for a crash, and logs it once.
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
