import GameFolder
import LuaSandbox
import World

/// Libs are taken over together: all run in a shared environment that no script sees yet, and only when none of them
/// fails it takes the place of the former one [`3-game-folder.md`, decided after the first version].
extension ScriptHost {
    /// Takes the libs of a game when one changed, or with `force` in any case.
    ///
    /// - Returns: Whether the libs are new, so that every script needs a fresh environment.
    func loadLibs(_ game: GameDefinition, force: Bool, _ report: inout LoadReport) -> Bool {
        var wanted: [GameScript] = []
        for script in game.scripts {
            guard case .lib = script.role else { continue }
            if let crash = failures.crashed.crash(of: script) {
                suspendLib(script, crash)
            } else {
                wanted.append(script)
            }
        }
        let isFirst = !libs.areLoaded
        libs.areLoaded = true
        guard force || wanted != libs.running else {
            // As the libs run: what was tried and failed since is not in the folder any more.
            libs.refused = nil
            for lib in wanted { failures.remove(lib.path) }
            return false
        }
        guard force || wanted != libs.refused else {
            report.kept.formUnion(wanted.filter(failures.contains).map(\.role))
            return false
        }
        let former = libs.running
        let taken = isFirst ? takeUsable(wanted) : takeAll(wanted)
        // What was wrong with a former text is over; of these texts, the trial has told.
        for lib in wanted where !failures.contains(lib) { failures.remove(lib.path) }
        report.kept.formUnion(wanted.filter(failures.contains).map(\.role))
        guard taken else { return false }
        for lib in libs.running where !former.contains(lib) {
            report.changes.append(.init(script: lib, isNew: !former.contains { $0.path == lib.path }))
        }
        for old in former where !wanted.contains(where: { $0.path == old.path }) {
            report.changes.append(.init(script: old, isGone: true))
        }
        return true
    }

    /// Runs libs in the fresh VM of this host: those that ran in the VM before.
    func runLibs(of old: ScriptHost) {
        libs.areLoaded = old.libs.areLoaded
        _ = takeUsable(old.libs.running)
        libs.refused = old.libs.refused
    }

    /// Takes libs if all of them run, or else none.
    private func takeAll(_ wanted: [GameScript]) -> Bool {
        let consequence = "no lib is taken over, all go on as they were"
        switch tryOut(wanted, consequence: consequence) {
        case .taken: return true
        case .failed(let paths):
            libs.refused = wanted
            for path in paths.sorted() { log.line("\(path) failed: \(consequence)", time: now, tick: tick) }
            return false
        case .impossible: return false
        }
    }

    /// Takes the libs that run, where there are none to keep: one that fails defines nothing, and the others run again
    /// without it.
    private func takeUsable(_ wanted: [GameScript]) -> Bool {
        var rest = wanted
        while true {
            switch tryOut(rest, consequence: "it defines nothing") {
            case .taken:
                libs.refused = rest == wanted ? nil : wanted
                return true
            case .failed(let paths): rest.removeAll { paths.contains($0.path) }
            case .impossible: return false
            }
        }
    }

    private static let whyLibsChangeNothing: StaticString =
        "a lib can't change the world while it loads; do it in a function that an event or a spawn hook calls"

    private enum Trial {
        case taken
        /// The libs that do not compile, or the first that failed as it ran; never empty.
        case failed(Set<String>)
        /// There is no memory for an environment, or the map ends.
        case impossible
    }

    /// Compiles all libs and runs them in order, in an environment that becomes the shared one if none fails.
    private func tryOut(_ wanted: [GameScript], consequence: String) -> Trial {
        let environment: LuaEnvironment
        do {
            environment = try sandbox.makeSharedEnvironment()
        } catch {
            logError(kind: error.kind.logName, message: "the libs can't be loaded: \(error.message)")
            return .impossible
        }
        var functions: [LuaFunction] = []
        var failed: Set<String> = []
        for lib in wanted {
            do {
                functions.append(
                    try compile(lib.source, name: lib.path, note: ScriptNote(lib), environment: environment))
            } catch {
                failed.insert(lib.path)
                fail(lib, error, consequence: consequence)
            }
        }
        if failed.isEmpty {
            for (lib, function) in zip(wanted, functions) {
                let error = withoutChanges(because: Self.whyLibsChangeNothing) { run(lib, function) }
                guard let error else {
                    // Another text of this file may have failed; that text may still be in the folder.
                    if failures.contains(lib) { failures.remove(lib.path) }
                    continue
                }
                failed.insert(lib.path)
                fail(lib, error, consequence: consequence)
                break
            }
        }
        for function in functions { sandbox.release(function) }
        guard failed.isEmpty else {
            sandbox.release(environment)
            return .failed(failed)
        }
        do {
            try sandbox.adoptShared(environment)
        } catch {
            sandbox.release(environment)
            logError(kind: error.kind.logName, message: "the libs can't be loaded: \(error.message)")
            return .impossible
        }
        libs.running = wanted
        return .taken
    }

    private func run(_ lib: GameScript, _ function: LuaFunction) -> ScriptError? {
        running.push(Frame(path: lib.path))
        defer { running.pop() }
        do throws(ScriptError) {
            _ = try call(function, path: lib.path, note: ScriptNote(lib), limit: limits.event)
            return nil
        } catch {
            return error
        }
    }

    private func fail(_ lib: GameScript, _ error: ScriptError, consequence: String) {
        var problem = problem(error, of: lib)
        problem.message += " (\(consequence))"
        failures.insert(problem, of: lib)
        complain(error, of: lib, consequence: consequence)
    }
}
