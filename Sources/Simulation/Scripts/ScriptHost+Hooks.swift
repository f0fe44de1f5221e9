import GameFolder
import GameRules
import LuaSandbox
import World

/// Hooks: the scripts that run when an entity enters the map, and when it leaves.
extension ScriptHost {
    /// Runs the spawn hooks of an entity that enters the map: first that of its kind, then that of its prefab, then its
    /// own [M5.2, M8.6 Env 3].
    ///
    /// - Throws: ``ScriptFault`` when hooks that add entities nest too deep.
    func runSpawnHooks(_ entity: EntityHandle) throws {
        guard let key = world.key(of: entity) else { return }
        try running.requireNestable()
        for target in targets(key, entity) {
            guard world.isAlive(entity), let script = runnable(scripts[.spawn(kind: key.kind, target)]) else {
                continue
            }
            sandbox.bind(names.object, HostReference(to: entity))
            run(script, Frame(path: script.path, entity: entity), limit: limits.event)
        }
    }

    /// Runs the leave hooks of an entity that is still on the map, in the order of spawn hooks; then the caller removes
    /// it, whatever the hooks did [`2-lua-api.md` 7]. Nothing happens while hooks of the same entity run.
    ///
    /// - Returns: Whether there were hooks to run.
    /// - Throws: ``ScriptFault`` when hooks that remove entities nest too deep.
    @discardableResult
    func runLeaveHooks(_ entity: EntityHandle, _ reason: LeaveReason) throws(ScriptFault) -> Bool {
        guard scripts.hasLeaveHooks, let key = world.key(of: entity), !leaving.contains(entity) else { return false }
        let hooks = targets(key, entity).compactMap { runnable(scripts[.leave(kind: key.kind, $0)]) }
        guard !hooks.isEmpty else { return false }
        try running.requireNestable()
        leaving.push(entity)
        defer { leaving.pop() }
        for script in hooks {
            sandbox.bind(names.object, HostReference(to: entity))
            sandbox.bind(names.reason, .string(reason.rawValue))
            run(script, Frame(path: script.path, entity: entity), limit: limits.event)
        }
        return true
    }

    private func targets(_ key: EntityKey, _ entity: EntityHandle) -> [GameScript.HookTarget] {
        [.all, .prefab(world.text(.prefab, slot: Int(entity.slot))), .id(key.id)]
    }
}
