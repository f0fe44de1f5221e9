import GameFolder
import LuaSandbox
import World

/// A VM made anew from what runs in another one.
extension ScriptHost {
    /// A host with a fresh VM over the same world: libs run again, and every script is compiled as it ran, which may be
    /// an older version than the game folder's broken one. Costs, failures and suspensions go on; globals do not.
    ///
    /// - Parameter seed: Starts the scripts' generator.
    /// - Returns: The new host.
    /// - Throws: ``ScriptError`` when the memory limit does not hold a VM; this host is then as it was.
    func rebuilt(seed: UInt64) throws(ScriptError) -> ScriptHost {
        let next = try ScriptHost(
            world: world, limits: limits, seed: seed, log: log, ids: ids, clock: clock, router: others.router,
            watcher: watcher)
        // Numbers of tables are kept in the tables themselves, and must not be given twice.
        next.nodes = nodes
        next.guest = guest
        next.effects = effects
        next.others = others
        next.continueTick(of: self)
        next.failures = failures
        next.groupNumbers = groupNumbers
        next.runLibs(of: self)
        for old in scripts.byPath { next.scripts[old.role] = next.compileAgain(old) }
        try next.schemaChanged()
        return next
    }

    /// - Returns: `nil` when it does not compile any more, for which only a lack of memory is a reason.
    private func compileAgain(_ old: CompiledScript) -> CompiledScript? {
        do {
            let environment = try sandbox.makeEnvironment()
            let source = old.crash == nil ? old.script.source : []
            let function = try compile(source, name: old.path, note: old.note, environment: environment)
            let script = CompiledScript(
                script: old.script, function: function, environment: environment, note: old.note, crash: old.crash)
            script.takeCosts(of: old)
            script.errorCount = old.errorCount
            script.failuresInARow = old.failuresInARow
            script.isSuspended = old.isSuspended
            return script
        } catch {
            complain(error, of: old.script, consequence: "it is left out")
            return nil
        }
    }
}
