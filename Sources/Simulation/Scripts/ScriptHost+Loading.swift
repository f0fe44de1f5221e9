import GameFolder
import LuaSandbox
import World

/// Compiling the game's scripts, at the start and again when files change [`3-game-folder.md`, hot reload].
extension ScriptHost {
    /// The result of a load: what happened to each file that changed.
    struct LoadReport {
        /// A script that was compiled or removed.
        struct Change {
            var script: GameScript
            var isNew = false
            var isGone = false

            /// `reloaded events/move/to.lua 3f2a5b6c7d8e`, `loaded …`, `removed …`
            var description: String {
                isGone ? "removed \(script.path)" : "\(isNew ? "loaded" : "reloaded") \(script.path) \(script.version)"
            }
        }

        var changes: [Change] = []
        /// Whether the libs ran again; then all scripts were compiled again too.
        var areLibsNew = false
        /// Roles whose new text does not compile or, of a lib, fails: what runs, and what is declared, stays.
        var kept: Set<GameScript.Role> = []
        /// The scripts that were compiled, by ascending path, also those whose text is as it was.
        var compiled: [GameScript] = []
    }

    /// Loads the scripts of a game: compiles the changed ones, and replaces a former version if the new one compiles.
    func load(_ game: GameDefinition) -> LoadReport {
        var report = LoadReport()
        // An environment has the globals that there were when it was made, so all scripts need new ones for `io`.
        let isIOChanged = changeIO(game.hasSocketScripts)
        report.areLibsNew = loadLibs(game, force: isIOChanged, &report) || isIOChanged
        var current: Set<GameScript.Role> = []
        for script in game.scripts {
            if case .lib = script.role { continue }
            current.insert(script.role)
            loadScript(script, force: report.areLibsNew, &report)
        }
        for script in scripts.byPath where !current.contains(script.role) {
            release(script)
            scripts[script.role] = nil
            report.changes.append(.init(script: script.script, isGone: true))
        }
        return report
    }

    /// Gives the scripts that are loaded from now on the global `io`, or not.
    ///
    /// - Returns: Whether that differs from before.
    private func changeIO(_ hasIO: Bool) -> Bool {
        guard hasIO != self.hasIO else { return false }
        do {
            try setIO(hasIO)
            return true
        } catch {
            logError(kind: error.kind.logName, message: "the scripts can't get io: \(error.message)")
            return false
        }
    }

    private func loadScript(_ script: GameScript, force: Bool, _ report: inout LoadReport) {
        let old = scripts[script.role]
        let crash = failures.crashed.crash(of: script)
        if let old, old.version == script.version, old.crash == crash, !force { return }
        if failures.contains(script), !force {
            report.kept.insert(script.role)
            return
        }
        var environment: LuaEnvironment?
        do {
            let made = try sandbox.makeEnvironment()
            environment = made
            let note = ScriptNote(script)
            let function = try compile(
                crash == nil ? script.source : [], name: script.path, note: note, environment: made)
            let compiled = CompiledScript(
                script: script, function: function, environment: made, note: note, crash: crash,
                ticksBefore: ticksNanoseconds)
            if let crash, old?.crash != crash { tell(crash, of: script) }
            if let old {
                compiled.takeCosts(of: old)
                release(old)
            }
            scripts[script.role] = compiled
            failures.remove(script.path)
            report.compiled.append(script)
            if old?.version != script.version { report.changes.append(.init(script: script, isNew: old == nil)) }
        } catch {
            if let environment { sandbox.release(environment) }
            report.kept.insert(script.role)
            fail(script, error, old: old?.version)
        }
    }

    /// Notes that a version does not compile, and logs it once, not again when another file is reloaded.
    private func fail(_ script: GameScript, _ error: ScriptError, old: String?) {
        guard !failures.contains(script) else { return }
        let consequence = old == nil ? "it is left out" : "the version before it goes on running"
        failures.insert(problem(error, of: script), of: script)
        complain(error, of: script, consequence: consequence)
    }

    func problem(_ error: ScriptError, of script: GameScript) -> GameFolderProblem {
        let place = "\(script.path):\(error.line): "
        let message = error.message.hasPrefix(place) ? String(error.message.dropFirst(place.count)) : error.message
        return GameFolderProblem(file: script.path, line: error.line(in: script), message: message)
    }

    private func release(_ script: CompiledScript) {
        sandbox.release(script.function)
        sandbox.release(script.environment)
    }

    func complain(_ error: ScriptError, of script: GameScript, consequence: String) {
        guard !error.isLogged else { return }
        logError(
            kind: error.kind.logName, message: "\(error.message) (\(consequence))", script: script.path,
            line: error.line(in: script), traceback: error.traceback)
    }
}

extension ScriptError {
    /// Where it is in a script that was loaded; `nil` when it is in what that called.
    fileprivate func line(in script: GameScript) -> Int? {
        line == 0 || !file.isEmpty && file != script.path ? nil : line
    }
}
