import JSONValues
package import World

/// Which entities of a map an operator looks for.
package struct EntitySearch: Sendable, Equatable {
    /// Only of this kind; `nil` for all.
    package var kind: EntityKind?
    /// A text in the key, the prefab, the name, the action or the value of a component; with `=` in it, a component
    /// and the beginning of its value, such as `hp=5`. Case does not matter; empty for all entities.
    package var text: String

    /// Makes a search.
    ///
    /// - Parameters:
    ///   - kind: Only of this kind; `nil` for all.
    ///   - text: A text.
    package init(kind: EntityKind? = nil, text: String = "") {
        self.kind = kind
        self.text = text.lowercased()
    }

    fileprivate func matches(_ slot: Int, _ world: World) -> Bool {
        let kind = world.kind(slot)
        guard self.kind == nil || kind == self.kind else { return false }
        guard !text.isEmpty else { return true }
        let info = world.slots[slot]
        if contains(info.key.description) || info.login.map(contains) == true { return true }
        for field in [SystemField.prefab, .action] where contains(world.text(field, slot: slot)) { return true }
        let pair = text.firstIndex(of: "=").map { (text[..<$0], text[$0...].dropFirst()) }
        for case let column? in world.columns.componentColumns where column.kinds.contains(kind) {
            let value = Self.text(of: world.json(column: column, slot: slot)).lowercased()
            if value.contains(text) { return true }
            if let pair, column.name.lowercased() == pair.0, value.hasPrefix(pair.1) { return true }
        }
        return false
    }

    private func contains(_ value: String) -> Bool { value.lowercased().contains(text) }

    private static func text(of value: JSON) -> String { value == .null ? "" : value.string ?? value.text }
}

/// An entity as a row of a table.
package struct EntityRow: Sendable, Equatable {
    /// Kind and number.
    package var key: EntityKey
    /// A player's login, or the text of the component `name`; empty without one.
    package var name: String
    /// The prefab.
    package var prefab: String
    /// Position in tiles.
    package var x: Double
    /// See `x`.
    package var y: Double
    /// The pending events, as `group/event`.
    package var events: [String]
}

/// One entity with all that an operator sees of it.
package struct EntityView: Sendable {
    /// Its state.
    package var record: EntityRecord
    /// How far its client sees, in tiles; players only.
    package var view: Double?
    /// Whether clients are told of it at any distance.
    package var isAlwaysSeen: Bool
    /// The map's time, Unix time in seconds.
    package var now: Double
}

extension MapActor {
    /// The entities that match a search, by kind and number. A large world is searched in several looks, between which
    /// the map ticks. The search ends early when its task is cancelled.
    package nonisolated func find(_ search: EntitySearch) async -> [EntityKey] {
        var found: [EntityKey] = []
        var next: Int? = 0
        while let start = next, !Task.isCancelled {
            let (keys, end) = await inspect { simulation in
                var keys: [EntityKey] = []
                let world = simulation.world
                let end = simulation.look(from: start) { entity in
                    let slot = Int(entity.slot)
                    if search.matches(slot, world) { keys.append(world.slots.key(slot)) }
                }
                return (keys, end)
            }
            found += keys
            next = end
        }
        return found.sorted { ($0.kind.rawValue, $0.id) < ($1.kind.rawValue, $1.id) }
    }

    /// Rows of entities, without those that are gone.
    ///
    /// - Parameter keys: At most a few hundred.
    /// - Returns: The rows, in the order of the keys.
    package nonisolated func rows(of keys: ArraySlice<EntityKey>) async -> [EntityRow] {
        await inspect { simulation in keys.compactMap { EntityRow($0, in: simulation.world) } }
    }

    /// All about one entity; `nil` when it is not on the map.
    package nonisolated func entity(_ key: EntityKey) async -> EntityView? {
        await inspect { simulation in
            guard let entity = simulation.world[key], let record = simulation.world.record(of: entity) else {
                return nil
            }
            let slot = Int(entity.slot)
            return EntityView(
                record: record, view: simulation.world.view(slot: slot),
                isAlwaysSeen: simulation.world.slots.isAlwaysSeen(slot), now: simulation.now)
        }
    }

    /// What the map's game declares now.
    package nonisolated func schema() async -> Schema { await inspect { $0.world.schema } }
}

extension EntityRow {
    fileprivate init?(_ key: EntityKey, in world: World) {
        guard let entity = world[key] else { return nil }
        let slot = Int(entity.slot)
        let named = world.columns.components["name"].map { world.json(column: $0, slot: slot).string ?? "" }
        self.key = key
        name = world.slots[slot].login ?? named ?? ""
        prefab = world.text(.prefab, slot: slot)
        x = world.number(.x, slot: slot)
        y = world.number(.y, slot: slot)
        events = world.schema.groups.enumerated().compactMap { index, group in
            let state = world.state(slot, index)
            return state.isPending ? "\(group.name)/\(group.events[Int(state.action)].name)" : nil
        }
    }
}
