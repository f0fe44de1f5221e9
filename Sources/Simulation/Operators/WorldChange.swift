package import JSONValues
package import World

/// One difference between two states of a world.
package struct WorldChange: Sendable, Equatable {
    /// What happened.
    package enum Kind: String, Sendable, Equatable {
        /// The entity is new.
        case added
        /// The entity is gone.
        case removed
        /// A field, a component or a group's event has another value.
        case changed
    }

    /// What happened.
    package var kind: Kind
    /// The entity.
    package var key: EntityKey
    /// What has changed, such as `x`, `components.hp` or `events.move`; `nil` for an entity that is new or gone.
    package var field: String?
    /// The value before; null for nothing.
    package var before: JSON = .null
    /// The value afterwards; null for nothing.
    package var after: JSON = .null

    /// About how much memory it takes, in bytes.
    var weight: Int { 100 + (field?.utf8.count ?? 0) + before.weight + after.weight }

    /// All differences, by ascending key.
    static func all(
        from before: [EntityKey: EntityRecord], to after: [EntityKey: EntityRecord]
    ) -> [WorldChange] {
        var changes: [WorldChange] = []
        for key in Set(before.keys).union(after.keys).sorted(by: {
            ($0.kind.rawValue, $0.id) < ($1.kind.rawValue, $1.id)
        }) {
            switch (before[key], after[key]) {
            case (nil, let new?): changes.append(.init(kind: .added, key: key, after: .object(values(of: new))))
            case (let old?, nil): changes.append(.init(kind: .removed, key: key, before: .object(values(of: old))))
            case (let old?, let new?) where old != new: changes += changed(from: old, to: new)
            default: break
            }
        }
        return changes
    }

    private static func changed(from old: EntityRecord, to new: EntityRecord) -> [WorldChange] {
        let (before, after) = (values(of: old), values(of: new))
        var changes: [WorldChange] = []
        for name in after.keys where name != "components" && name != "events" && before[name] != after[name] {
            changes.append(change(old.key, name, before[name], after[name]))
        }
        for part in ["components", "events"] {
            let (before, after) = (before[part]?.object ?? [:], after[part]?.object ?? [:])
            for name in Set(before.keys).union(after.keys).sorted() where before[name] != after[name] {
                changes.append(change(old.key, "\(part).\(name)", before[name], after[name]))
            }
        }
        return changes
    }

    private static func change(_ key: EntityKey, _ field: String, _ before: JSON?, _ after: JSON?) -> WorldChange {
        WorldChange(kind: .changed, key: key, field: field, before: before ?? .null, after: after ?? .null)
    }

    private static func values(of record: EntityRecord) -> JSONObject {
        var components = JSONObject()
        for (name, value) in record.components.sorted(by: { $0.key < $1.key }) where value != .null {
            components.append(unique: name, value)
        }
        var events = JSONObject()
        for (group, event) in record.events.sorted(by: { $0.key < $1.key }) {
            guard let action = event.action else { continue }
            events.append(
                unique: group,
                .object(["event": .string(action), "data": event.data ?? .object([:]), "time": .number(event.time)]))
        }
        return [
            "prefab": .string(record.prefab), "x": .number(record.x ?? 0), "y": .number(record.y ?? 0),
            "z": .number(record.z), "sort": .number(record.sort), "side": .string(record.side),
            "action": .string(record.action), "components": .object(components), "events": .object(events),
        ]
    }
}
