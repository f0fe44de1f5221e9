import GameFolder
import LuaSandbox
import World

/// Compiling the game's scripts, at the start and again when files change [`3-game-folder.md`, hot reload].
extension ScriptHost {
    /// What a load did to each file that changed.
    struct LoadReport {
        /// `events/move/to.lua 3f2a…`, `removed events/x.lua`, …
        var lines: [String] = []
        /// Roles whose new text does not compile: what runs, and what is declared, stays.
        var kept: Set<GameScript.Role> = []
    }

    /// Takes the scripts of a game: what changed is compiled, and what compiles replaces what ran.
    func load(_ game: GameDefinition) -> LoadReport {
        var report = LoadReport()
        let areLibsNew = loadLibs(game, &report)
        var current: Set<GameScript.Role> = []
        for script in game.scripts {
            if case .lib = script.role { continue }
            current.insert(script.role)
            loadScript(script, force: areLibsNew, &report)
        }
        for (role, script) in scripts where !current.contains(role) {
            release(script)
            scripts[role] = nil
            report.lines.append("removed \(script.path)")
        }
        return report
    }

    private func loadScript(_ script: GameScript, force: Bool, _ report: inout LoadReport) {
        let old = scripts[script.role]
        if let old, old.version == script.version, !force { return }
        if failedVersions[script.path] == script.version, !force {
            report.kept.insert(script.role)
            return
        }
        var environment: LuaEnvironment?
        do {
            let made = try sandbox.makeEnvironment()
            environment = made
            let function = try sandbox.compile(script.source, name: script.path, environment: made)
            let compiled = CompiledScript(script: script, function: function, environment: made)
            if let old {
                compiled.takeCosts(of: old)
                release(old)
            }
            scripts[script.role] = compiled
            failedVersions[script.path] = nil
            if old?.version != script.version {
                report.lines.append("\(old == nil ? "loaded" : "reloaded") \(script.path) \(script.version)")
            }
        } catch {
            if let environment { sandbox.release(environment) }
            failedVersions[script.path] = script.version
            report.kept.insert(script.role)
            complain(
                error, of: script, consequence: old == nil ? "it is left out" : "the version before it goes on running")
        }
    }

    private func release(_ script: CompiledScript) {
        sandbox.release(script.function)
        sandbox.release(script.environment)
    }

    /// Runs all libs anew when one changed; every script then gets a fresh environment.
    private func loadLibs(_ game: GameDefinition, _ report: inout LoadReport) -> Bool {
        let wanted = game.scripts.filter { if case .lib = $0.role { true } else { false } }
        guard wanted != libs else { return false }
        var next: [GameScript] = []
        for script in wanted {
            let old = libs.first { $0.path == script.path }
            guard old?.version != script.version else {
                next.append(script)
                continue
            }
            do {
                sandbox.release(
                    try sandbox.compile(script.source, name: script.path, environment: sandbox.sharedEnvironment))
                next.append(script)
                report.lines.append("\(old == nil ? "loaded" : "reloaded") \(script.path) \(script.version)")
                failedVersions[script.path] = nil
            } catch {
                if let old { next.append(old) }
                if failedVersions[script.path] != script.version {
                    failedVersions[script.path] = script.version
                    complain(
                        error, of: script,
                        consequence: old == nil ? "it is left out" : "the version before it goes on running")
                }
            }
        }
        for old in libs where !wanted.contains(where: { $0.path == old.path }) {
            report.lines.append("removed \(old.path)")
        }
        guard next != libs else { return false }
        libs = next
        runLibs()
        return true
    }

    func runLibs() {
        do {
            try sandbox.resetSharedEnvironment()
        } catch {
            logError(kind: error.kind.logName, message: error.message)
        }
        for lib in libs {
            do {
                let function = try sandbox.compile(lib.source, name: lib.path, environment: sandbox.sharedEnvironment)
                running.append(Frame(path: lib.path))
                defer {
                    running.removeLast()
                    sandbox.release(function)
                }
                try sandbox.call(function, limit: limits.event)
            } catch {
                complain(error, of: lib, consequence: "what it had defined until then stays")
            }
        }
    }

    func complain(_ error: ScriptError, of script: GameScript, consequence: String) {
        guard !error.isLogged else { return }
        logError(
            kind: error.kind.logName, message: "\(error.message) (\(consequence))", script: script.path,
            line: error.line == 0 ? nil : error.line, traceback: error.traceback)
    }
}

extension Schema {
    /// This schema with the declarations of some scripts as they were before: a file whose code does not compile
    /// changes nothing, its annotations included.
    func keeping(_ kept: Set<GameScript.Role>, of old: Schema) -> Schema {
        var components = components
        var groups = groups
        for role in kept {
            switch role {
            case .component(let name):
                let before = old.components.first { $0.name == name }
                guard let index = components.firstIndex(where: { $0.name == name }) else { continue }
                // New, and its trigger does not compile: the component is there, without a trigger.
                if let before { components[index] = before } else { components[index].hasTrigger = false }
            case .event(let group, let name):
                let before = old.groups.first { $0.name == group }?.events.first { $0.name == name }
                guard let index = groups.firstIndex(where: { $0.name == group }) else { continue }
                groups[index].events.removeAll { $0.name == name }
                if let before { groups[index].events.append(before) }
            case .timeout(let group):
                guard let before = old.groups.first(where: { $0.name == group }),
                    let index = groups.firstIndex(where: { $0.name == group })
                else { continue }
                groups[index].order = before.order
                groups[index].hasTimeoutFormula = before.hasTimeoutFormula
            case .lib, .spawn:
                break
            }
        }
        groups.removeAll { $0.events.isEmpty }
        return Schema(
            components: components,
            groups: groups.map {
                EventGroupDefinition(
                    name: $0.name, order: $0.order, hasTimeoutFormula: $0.hasTimeoutFormula, events: $0.events)
            })
    }
}
