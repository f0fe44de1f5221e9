import JSONValues

extension World {
    /// What happens to a position that can't be stood on.
    public enum Placement: Sendable {
        /// It is kept: map files may put a portal into a wall.
        case exact
        /// A random walkable place is taken [M9.6].
        case random
        /// The nearest walkable place is taken, as for a stored entity whose map was edited.
        case nearest
    }

    /// Puts an entity on the map.
    ///
    /// - Parameters:
    ///   - record: What it is. Components it does not name take their defaults; pending events that are not declared
    ///     are kept until ``apply(_:)`` declares them.
    ///   - placement: What to do when the position is missing or can't be stood on.
    ///   - now: Unix time in seconds; a pending event whose time has passed is ready at once.
    /// - Returns: The entity, and a sentence for each value of the record that did not fit.
    /// - Throws: ``WorldError`` when the map is full, the key is taken, or there is no place to stand.
    public func add(
        _ record: EntityRecord, placement: Placement = .random, now: Double = 0
    ) throws(WorldError) -> (entity: EntityHandle, problems: [String]) {
        let place = try place(for: record, placement)
        let slot = try insert(
            SlotTable.Info(
                key: record.key, login: record.login, created: record.created, spawnID: record.spawnID))
        set(.x, place.x, slot: slot)
        set(.y, place.y, slot: slot)
        var problems: [String] = []
        for (field, value) in [(SystemField.z, record.z), (.sort, record.sort)] {
            if !value.isFinite {
                problems.append("\(record.key): \(WorldError.notFinite(field: field.name)); it is 0 now")
            }
            set(field, value.isFinite ? value : 0, slot: slot)
        }
        set(.side, record.side, slot: slot)
        set(.action, record.action, slot: slot)
        set(.prefab, record.prefab, slot: slot)
        for (name, value) in record.components where columns.components[name]?.kinds.contains(record.key.kind) != true {
            slots.shelve(value, of: name, slot: slot)
        }
        for case let column? in columns.componentColumns
        where column.kinds.contains(record.key.kind) {
            setJSON(column.defaultValue, column: column, slot: slot)
            guard let value = record.components[column.name] else { continue }
            do throws(WorldError) {
                try setComponent(column.name, to: value, slot: slot)
            } catch {
                problems.append("\(record.key): \(error); it has its default now")
            }
        }
        problems += restoreEvents(record.events, slot: slot, now: now)
        unsaved.noteAdded(record.key, slot: UInt32(slot))
        changes.mark(slot: slot)
        places.mark(slot)
        return (slots.handle(slot), problems)
    }

    private func place(
        for record: EntityRecord, _ placement: Placement
    ) throws(WorldError) -> (x: Double, y: Double) {
        if let x = record.x, let y = record.y, x.isFinite, y.isFinite {
            if placement == .exact || geometry.isWalkable(x: x, y: y) { return (x, y) }
            if placement == .nearest, let near = nearestPlace(x: x, y: y) { return near }
        }
        guard let place = randomPlace() else { throw .nowhereToStand(map: "\(geometry.id) (\(geometry.name))") }
        return place
    }

    /// Takes an entity off the map; its handles go stale at once.
    ///
    /// - Parameters:
    ///   - handle: The entity.
    ///   - movedTo: The map it moves to; clients are told, and the store keeps it.
    ///   - isKept: Whether the store keeps it, as for a player who leaves.
    /// - Returns: Its last state; `nil` when it was removed already.
    @discardableResult
    public func remove(_ handle: EntityHandle, movedTo: Int? = nil, isKept: Bool = false) -> EntityRecord? {
        guard let record = record(of: handle) else { return nil }
        let slot = Int(handle.slot)
        changes.noteRemoval(of: record.key, isNew: slots.isNew(slot), movedTo: movedTo)
        unsaved.noteRemoved(record.key, slot: handle.slot, isKept: movedTo != nil || isKept)
        places.remove(slot)
        for case let column? in columns.all {
            if column.storage == .json, let node = column.nodes[slot] {
                weight.add(-node.weight)
                column.nodes[slot] = nil
                node.detach()
                node.invalidate(owner: record.key.description)
            }
            clear(column, slot: slot)
        }
        weight.add(-queue.removeAll(slot: slot))
        weight.add(kept.removeAll(slot: slot))
        slots.remove(slot)
        changes.unmarkAll(slot: slot)
        return record
    }

    /// Makes a value nil, and what clients have of it.
    func clear(_ column: Column, slot: Int) {
        weight.add(-weight(of: column, slot: slot))
        if column.storage == .json, let node = column.nodes[slot] { letGo(node) }
        column.clear(slot: slot, strings)
    }

    /// Everything there is to know of an entity.
    ///
    /// - Parameter handle: The entity.
    /// - Returns: The record; `nil` when it was removed.
    public func record(of handle: EntityHandle) -> EntityRecord? {
        guard isAlive(handle) else { return nil }
        let slot = Int(handle.slot)
        let info = slots[slot]
        var record = EntityRecord(
            key: info.key, login: info.login, mapID: geometry.id, prefab: text(.prefab, slot: slot),
            x: number(.x, slot: slot), y: number(.y, slot: slot), z: number(.z, slot: slot),
            sort: number(.sort, slot: slot), side: text(.side, slot: slot), action: text(.action, slot: slot),
            created: info.created, spawnID: info.spawnID, components: info.shelved)
        for column in columns.components.values where column.kinds.contains(info.key.kind) {
            record.components[column.name] = json(column: column, slot: slot)
        }
        for (index, group) in schema.groups.enumerated() {
            let state = queue.state(slot, index).pointee
            guard state.exists else { continue }
            record.events[group.name] = EventRecord(
                action: state.isPending ? group.events[Int(state.action)].name : nil,
                data: state.data.map { .object($0) },
                commandID: state.commandID.isNaN ? nil : state.commandID, time: state.time)
        }
        return record
    }

    /// Takes the entities whose stored form is out of date, with those that were removed for good.
    ///
    /// An entity that was removed to be kept, or moved to another map, is in neither list:
    /// ``remove(_:movedTo:isKept:)`` gave its last state to the caller.
    ///
    /// - Returns: Records to write, and keys to delete.
    public func takeUnsaved() -> (records: [EntityRecord], removed: [EntityKey]) {
        // What clients were not told yet is out of date too.
        noteUnsaved()
        let (changed, removed) = unsaved.drain()
        return (changed.compactMap { record(of: slots.handle(Int($0))) }, removed)
    }
}
