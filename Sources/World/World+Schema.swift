import JSONValues

extension World {
    /// Replaces the schema: values and pending events stay if their name and type stay [`3-game-folder.md`].
    ///
    /// A new component gets its default. When a component's type changes, each value is converted if it fits, or else
    /// becomes the default. A pending event that is not declared any more is kept aside, and is pending again under the
    /// next schema that declares it, unless another event of its group took its place. After that, the changes since
    /// the last send can't be sent as a delta: every client needs a snapshot.
    ///
    /// - Parameter new: The schema.
    /// - Returns: A sentence for each value or event that does not fit.
    public func apply(_ new: Schema) -> [String] {
        applyComponents(new.components) + applyGroups(new.groups, schema: new)
    }

    private func applyComponents(_ definitions: [ComponentDefinition]) -> [String] {
        var problems: [String] = []
        var kept: [String: Column] = [:]
        for definition in definitions {
            let old = columns.components[definition.name]
            let storage = definition.type.storage
            let column: Column
            if let old, old.storage == storage {
                column = old
            } else {
                column = columns.add(definition.name, storage: storage)
                changes.makeRoom(forColumns: columns.all.count)
            }
            let oldKinds = old?.kinds ?? []
            column.kinds = definition.kinds
            column.isPrivate = definition.isPrivate
            column.hasTrigger = definition.hasTrigger
            column.defaultValue = definition.defaultValue
            kept[definition.name] = column
            for entity in entities {
                problems += adopt(
                    column, from: old, hadIt: oldKinds.contains(kind(Int(entity.slot))), slot: Int(entity.slot))
            }
        }
        for (name, column) in columns.components where kept[name] !== column {
            drop(column, isRetyped: kept[name] != nil)
        }
        columns.setComponents(kept)
        noteMemoryMoved()
        return problems
    }

    /// Gives one entity its value of a new or changed column.
    private func adopt(_ column: Column, from old: Column?, hadIt: Bool, slot: Int) -> [String] {
        guard column.kinds.contains(kind(slot)) else {
            if let old, hadIt {
                slots.keepUndeclared(json(column: old, slot: slot), of: column.name, slot: slot)
                if old === column { clear(column, slot: slot) }
            }
            return []
        }
        guard let old, hadIt else {
            setJSON(column.defaultValue, column: column, slot: slot)
            if let undeclaredValues = slots.removeUndeclared(column.name, slot: slot)?.converted(to: column.storage) {
                setJSON(undeclaredValues, column: column, slot: slot)
            }
            return []
        }
        guard old !== column else { return [] }
        let value = json(column: old, slot: slot)
        if let converted = value.converted(to: column.storage) {
            setJSON(converted, column: column, slot: slot)
            return []
        }
        setJSON(column.defaultValue, column: column, slot: slot)
        return ["\(slots.key(slot)): \(value.text) does not fit component '\(column.name)'; it has its default now"]
    }

    private func drop(_ column: Column, isRetyped: Bool) {
        for entity in entities {
            let slot = Int(entity.slot)
            if !isRetyped, column.kinds.contains(kind(slot)) {
                slots.keepUndeclared(json(column: column, slot: slot), of: column.name, slot: slot)
            }
            weight.add(-weight(of: column, slot: slot))
            if column.storage == .string {
                strings.release(column.strings[slot])
                strings.release(column.sentStrings[slot])
            } else if column.storage == .json, let node = column.nodes[slot] {
                detachFromComponent(node)
            }
            changes.unmark(column: column.index, slot: slot)
        }
    }

    private func applyGroups(_ groups: [EventGroupDefinition], schema new: Schema) -> [String] {
        let old = schema
        schema = new
        guard old.groups != groups else { return [] }
        let former = queue.replaceGroups(groups)
        sleepers.reset(radii: queue.lifeRadii, capacity: slots.capacity)
        changes.resetGroups(count: groups.count)
        weight.add(-former.weight)
        var problems: [String] = []
        for entity in entities { problems += move(former, of: old.groups, slot: Int(entity.slot)) }
        restoreUndeclared()
        return problems
    }

    /// Restores the states of the groups that stay, for one entity.
    private func move(
        _ former: borrowing EventStates, of oldGroups: [EventGroupDefinition], slot: Int
    ) -> [String] {
        var problems: [String] = []
        for (oldIndex, oldGroup) in oldGroups.enumerated() {
            guard var state = former.used(slot, oldIndex)?.pointee else { continue }
            let pending = state.isPending ? oldGroup.events[Int(state.action)].name : nil
            guard let index = queue.groupIndices[oldGroup.name] else {
                if state.exists { kept.keep(time: state.time, slot: slot, group: oldGroup.name) }
                if let pending {
                    keepUndeclared(pending, state, slot: slot, group: oldGroup.name)
                    problems.append(
                        "\(slots.key(slot)): pending event \(oldGroup.name)/\(pending) is kept aside: no such group")
                }
                continue
            }
            state.action = EventState.idle
            weight.add(queue.change(slot, index) { $0 = state })
            if state.exists { changes.mark(group: index, slot: slot) }
            guard let pending else { continue }
            problems += requeue(pending, state: state, group: index, slot: slot)
        }
        return problems
    }

    // `now` 0 or infinity keeps `isWaiting` as it was: `EventQueue.schedule` sets it to `time > now`.
    private func requeue(_ event: String, state: EventState, group: Int, slot: Int) -> [String] {
        do throws(WorldError) {
            let action = try eventIndex(event, group: group)
            let definition = schema.groups[group]
            let data = try definition.events[action].complete(state.data ?? [:], group: definition.name)
            queue(
                action: action, data: data.isEmpty ? nil : data, slot: slot, group: group,
                now: state.isWaiting ? 0 : .infinity, commandID: state.commandID.isNaN ? nil : state.commandID,
                receivedAt: state.receivedAt, isFromClient: state.isFromClient)
            return []
        } catch {
            clearEvent(slot: slot, group: group)
            keepUndeclared(event, state, slot: slot, group: schema.groups[group].name)
            return ["\(slots.key(slot)): pending event is kept aside: \(error)"]
        }
    }
}

extension ComponentDefinition.ValueType {
    var storage: Column.Storage {
        switch self {
        case .number: .number
        case .string: .string
        case .boolean: .boolean
        case .json: .json
        }
    }
}

extension JSON {
    /// The value as another component type, or `nil` when it does not fit: a number or a boolean fits as its text, and
    /// such a text as a number or a boolean; 1 fits as true and 0 as false, and the reverse; a table fits only as a
    /// table.
    func converted(to storage: Column.Storage) -> JSON? {
        switch (self, storage) {
        case (.null, _), (.number, .number), (.string, .string), (.bool, .boolean), (.array, .json), (.object, .json):
            self
        case (.number, .string), (.bool, .string): .string(text)
        case (.bool(let value), .number): .number(value ? 1 : 0)
        case (.number(0), .boolean), (.string("false"), .boolean): .bool(false)
        case (.number(1), .boolean), (.string("true"), .boolean): .bool(true)
        case (.string(let text), .number): Double(text).flatMap { $0.isFinite ? .number($0) : nil }
        default: nil
        }
    }
}
