import GameFolder
import JSONValues
import World

/// Describes for the log how a change of a script changed the schema.
extension Schema {
    /// - Parameters:
    ///   - role: The script's role.
    ///   - old: The schema before.
    /// - Returns: `type string instead of number, private now`; empty when only code changed.
    func change(of role: GameScript.Role, since old: Schema) -> String {
        switch role {
        case .component(let name):
            describe(
                components.first { $0.name == name }, old.components.first { $0.name == name },
                added: {
                    "component \(name) on all \($0.kinds.names), \($0.type.rawValue), default \($0.defaultValue.text)"
                },
                removed: "component \(name) is gone; its values are kept in the store",
                compare: { $0.changes(since: $1) })
        case .event(let group, let name):
            describe(
                event(group, name), old.event(group, name),
                added: { "event \(group)/\(name)\($0.isPublic ? ", public" : "")" },
                removed: "event \(group)/\(name) is gone",
                compare: { $0.changes(since: $1) })
        case .timeout(let group):
            describe(
                groups.first { $0.name == group && $0.hasTimeoutFormula },
                old.groups.first { $0.name == group && $0.hasTimeoutFormula },
                added: { added in
                    let order = added.order == 0 ? "" : ", order \(JSON.number(added.order).text)"
                    let radius = added.lifeRadius.map { ", life radius \(JSON.number($0).text)" } ?? ""
                    let share = added.share == .all ? "" : ", share \(added.share.rawValue)"
                    return "timeout formula of \(group)\(order)\(radius)\(share)"
                },
                removed: "timeout of \(group) is 1 second",
                compare: { $0.timeoutChanges(since: $1) })
        case .lib, .spawn, .leave, .socket: ""
        }
    }

    private func event(_ group: String, _ name: String) -> EventDefinition? {
        groups.first { $0.name == group }?.events.first { $0.name == name }
    }

    private func describe<Definition>(
        _ new: Definition?, _ old: Definition?, added: (Definition) -> String, removed: String,
        compare: (Definition, Definition) -> [String]
    ) -> String {
        guard let new else { return old == nil ? "" : removed }
        guard let old else { return added(new) }
        return compare(new, old).joined(separator: ", ")
    }
}

extension ComponentDefinition {
    fileprivate func changes(since old: ComponentDefinition) -> [String] {
        var changes: [String] = []
        if type != old.type { changes.append("type \(type.rawValue) instead of \(old.type.rawValue)") }
        if defaultValue != old.defaultValue {
            changes.append("default \(defaultValue.text) instead of \(old.defaultValue.text)")
        }
        if isPrivate != old.isPrivate { changes.append(isPrivate ? "private now" : "not private any more") }
        if kinds != old.kinds { changes.append("on \(kinds.names) instead of \(old.kinds.names)") }
        if hasTrigger != old.hasTrigger { changes.append(hasTrigger ? "has a trigger now" : "no trigger any more") }
        return changes
    }
}

extension EntityKindSet {
    fileprivate var names: String { EntityKind.allCases.filter(contains).map(\.name).joined(separator: ", ") }
}

extension EventGroupDefinition {
    /// What the annotations of the group's `timeout.lua` changed.
    fileprivate func timeoutChanges(since old: EventGroupDefinition) -> [String] {
        var changes: [String] = []
        if order != old.order {
            changes.append("order \(JSON.number(order).text) instead of \(JSON.number(old.order).text)")
        }
        if lifeRadius != old.lifeRadius {
            func text(_ radius: Double?) -> String { radius.map { JSON.number($0).text } ?? "none" }
            changes.append("life radius \(text(lifeRadius)) instead of \(text(old.lifeRadius))")
        }
        if share != old.share { changes.append("share \(share.rawValue) instead of \(old.share.rawValue)") }
        return changes
    }
}

extension EventDefinition {
    fileprivate func changes(since old: EventDefinition) -> [String] {
        var changes: [String] = []
        if isPublic != old.isPublic { changes.append(isPublic ? "public now" : "not public any more") }
        if repeats != old.repeats { changes.append(repeats ? "repeats now" : "does not repeat any more") }
        for parameter in parameters {
            guard let before = old.parameters.first(where: { $0.name == parameter.name }) else {
                changes.append("parameter \(parameter.name) is new (\(parameter.type.rawValue))")
                continue
            }
            if parameter.type != before.type {
                changes.append(
                    "parameter \(parameter.name) is a \(parameter.type.rawValue) instead of a \(before.type.rawValue)")
            }
            if parameter.defaultValue != before.defaultValue {
                let (now, then) = (parameter.defaultValue?.text ?? "none", before.defaultValue?.text ?? "none")
                changes.append("parameter \(parameter.name) has default \(now) instead of \(then)")
            }
        }
        for parameter in old.parameters where !parameters.contains(where: { $0.name == parameter.name }) {
            changes.append("parameter \(parameter.name) is gone")
        }
        return changes
    }
}
