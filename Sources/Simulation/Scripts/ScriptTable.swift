import GameFolder
import GameRules
import World

/// The scripts of a map that compiled, by role.
struct ScriptTable {
    /// What has to be known of an event when its turn comes.
    struct EventPlan {
        /// Its script; `nil` when it does not compile.
        let script: CompiledScript?
        /// Whether the server queues it again after each run.
        let repeats: Bool
        /// Whether it declares any parameter.
        let hasParameters: Bool
    }

    private var byRole: [GameScript.Role: CompiledScript] = [:]
    /// A cache of `byRole`: each logged error asks for the version of a file.
    private var byFile: [String: CompiledScript] = [:]
    // The properties below are caches of `byRole`; `bind(to:_:)` makes them.
    /// Whether there is any leave hook.
    private(set) var hasLeaveHooks = false
    /// The events in the order of the schema, and the place of each group's first one.
    private var plans: [EventPlan] = []
    private var firstPlans: [Int] = []
    private var timeouts: [CompiledScript?] = []
    /// Trigger scripts by column.
    private var triggers: [CompiledScript?] = []

    /// The scripts by ascending path.
    var byPath: [CompiledScript] { byRole.values.sorted { $0.path < $1.path } }

    /// The script of a role. After setting one, call ``bind(to:_:)`` before it runs as an event, timeout, trigger or
    /// leave hook.
    subscript(role: GameScript.Role) -> CompiledScript? {
        get { byRole[role] }
        set {
            if let old = byRole[role], byFile[old.path] === old { byFile[old.path] = nil }
            byRole[role] = newValue
            if let newValue { byFile[newValue.path] = newValue }
        }
    }

    /// The script of a file.
    subscript(path: String) -> CompiledScript? { byFile[path] }

    /// Finds the scripts of the world's current event groups and columns.
    mutating func bind(to schema: Schema, _ columns: [Column?]) {
        hasLeaveHooks = byRole.keys.contains { $0.kind == .leave }
        (plans, firstPlans) = ([], [])
        for group in schema.groups {
            firstPlans.append(plans.count)
            for event in group.events {
                plans.append(
                    EventPlan(
                        script: byRole[.event(group: group.name, name: event.name)], repeats: event.repeats,
                        hasParameters: !event.parameters.isEmpty))
            }
        }
        firstPlans.append(plans.count)
        timeouts = schema.groups.map { byRole[.timeout(group: $0.name)] }
        triggers = columns.map { column in
            guard let column, column.hasTrigger else { return nil }
            return byRole[.component(column.name)]
        }
    }

    /// What is known of an event; `nil` when there is no such event.
    func plan(group: Int, action: Int) -> EventPlan? {
        guard group >= 0, group + 1 < firstPlans.count, action >= 0 else { return nil }
        let place = firstPlans[group] + action
        return place < firstPlans[group + 1] ? plans[place] : nil
    }

    /// Whether an event repeats and its script is suspended.
    func isSuspendedRoutine(group: Int, action: Int) -> Bool {
        guard let plan = plan(group: group, action: action) else { return false }
        return plan.repeats && plan.script?.isSuspended == true
    }

    /// Whether an event declares no parameter; `false` when there is no such event.
    func needsNoParameters(group: Int, action: Int) -> Bool {
        plan(group: group, action: action)?.hasParameters == false
    }

    /// The timeout formula of a group, if it has one.
    func timeout(group: Int) -> CompiledScript? { timeouts.indices.contains(group) ? timeouts[group] : nil }

    /// The trigger of a column, if it has one.
    func trigger(column: Int) -> CompiledScript? { triggers.indices.contains(column) ? triggers[column] : nil }

    /// The path of the event script that took most CPU time of a tick, including the scripts that it caused to run;
    /// `nil` when no event script took any.
    func greediestEvent(ofTick tick: Int) -> String? {
        var most: (path: String, cost: UInt64)?
        for case let script? in plans.lazy.map(\.script) {
            let cost = script.cost(ofTick: tick)
            if cost > most?.cost ?? 0 { most = (script.path, cost) }
        }
        return most?.path
    }

    /// The scripts that took most CPU time of a tick, including the scripts that they caused to run.
    ///
    /// - Parameters:
    ///   - tick: The tick's number.
    ///   - count: The most scripts to return.
    /// - Returns: Their paths, times and numbers of runs, in descending order of time; without those that took no time.
    func mostExpensive(ofTick tick: Int, count: Int) -> [(path: String, nanoseconds: UInt64, runs: Int)] {
        let all = byPath.filter { $0.cost(ofTick: tick) > 0 }.map { script in
            (path: script.path, nanoseconds: script.cost(ofTick: tick), runs: script.runs(ofTick: tick))
        }
        return Array(all.sorted { $0.nanoseconds > $1.nanoseconds }.prefix(count))
    }
}
