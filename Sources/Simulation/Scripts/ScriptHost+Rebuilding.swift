import GameFolder
import LuaSandbox
import World

/// Makes a new VM that runs the scripts of a former one.
extension ScriptHost {
    /// A host with a new VM over the same world: libs run again, and every script is compiled in the version that ran,
    /// which may be older than a broken version in the game folder. Costs, failures and suspensions are kept; globals
    /// are not.
    ///
    /// - Parameter seed: The seed of the scripts' random number generator.
    /// - Returns: The new host.
    /// - Throws: ``ScriptError`` when the memory limit does not hold a VM; this host is then as it was.
    func rebuilt(seed: UInt64) throws(ScriptError) -> ScriptHost {
        let next = try ScriptHost(
            world: world, sockets: sockets, limits: limits, seed: seed, log: log, ids: ids, clock: clock,
            router: others.router,
            watcher: watcher, metrics: metrics)
        // Each table stores its own number, so the new host must not give a number twice.
        next.nodes = nodes
        next.guest = guest
        next.others = others
        next.mutes = mutes
        next.ticksNanoseconds = ticksNanoseconds
        next.continueTick(of: self)
        next.failures = failures
        next.groupNumbers = groupNumbers
        next.acknowledgementCount = acknowledgementCount
        try next.setIO(hasIO)
        next.runLibs(of: self)
        for old in scripts.byPath { next.scripts[old.role] = next.compileAgain(old) }
        try next.schemaChanged()
        return next
    }

    /// - Returns: `nil` when it no longer compiles, which can only happen when there is too little memory.
    private func compileAgain(_ old: CompiledScript) -> CompiledScript? {
        do {
            let environment = try sandbox.makeEnvironment()
            let source = old.crash == nil ? old.script.source : []
            let function = try compile(source, name: old.path, note: old.note, environment: environment)
            let script = CompiledScript(
                script: old.script, function: function, environment: environment, note: old.note, crash: old.crash,
                ticksBefore: ticksNanoseconds)
            script.takeCosts(of: old)
            script.takeFailures(of: old)
            return script
        } catch {
            complain(error, of: old.script, consequence: "it is left out")
            return nil
        }
    }
}
