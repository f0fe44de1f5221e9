import JSONValues

extension World {
    /// What ``World/World/add(_:placement:now:)`` does with a position that is not walkable.
    public enum Placement: Sendable {
        /// It keeps the position: map files may put a portal into a wall.
        case exact
        /// It uses a random walkable place [M9.6].
        case random
        /// It uses the nearest walkable place, as for a stored entity whose map was edited.
        case nearest
    }

    /// Puts an entity on the map.
    ///
    /// - Parameters:
    ///   - record: The entity. Components that the record does not have get their defaults; pending events that are not
    ///     declared are kept until ``apply(_:)->[String]`` declares them.
    ///   - placement: What to do when the position is not walkable; a missing one becomes a random walkable place.
    ///   - now: Unix time in seconds; a pending event whose time has passed is ready at once.
    /// - Returns: The entity, and a sentence for each value of the record that did not fit.
    /// - Throws: ``WorldError`` when the map is full, the key is in use, the map has no walkable tile, or a name of the
    ///   record contains the character NUL.
    public func add(
        _ record: EntityRecord, placement: Placement = .random, now: Double = 0
    ) throws(WorldError) -> (entity: EntityHandle, problems: [String]) {
        try record.checkNames()
        let place = try place(for: record, placement)
        let slot = try insert(
            SlotTable.Info(
                key: record.key, login: record.login, created: record.created, spawnID: record.spawnID,
                ping: record.ping))
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
            slots.keepUndeclared(value, of: name, slot: slot)
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

    /// Removes an entity from the map; its handles become invalid at once.
    ///
    /// - Parameters:
    ///   - handle: The entity.
    ///   - movedTo: The map it moves to; the number is sent to clients, and the store keeps the entity.
    ///   - isKept: Whether the store keeps the entity, as for a player who leaves.
    /// - Returns: Its last state; `nil` when it was removed already.
    @discardableResult
    public func remove(_ handle: EntityHandle, movedTo: Int? = nil, isKept: Bool = false) -> EntityRecord? {
        guard let record = record(of: handle) else { return nil }
        let slot = Int(handle.slot)
        changes.noteRemoval(
            of: record.key, isNew: slots.isNew(slot), at: sentPosition(slot: slot),
            wasAlwaysSeen: slots.wasAlwaysSeen(slot), movedTo: movedTo)
        unsaved.noteRemoved(record.key, slot: handle.slot, isKept: movedTo != nil || isKept)
        places.remove(slot)
        sleepers.forget(slot, isPlayer: record.key.kind == .players)
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

    /// Makes a value, and the copy that clients have, nil.
    func clear(_ column: Column, slot: Int) {
        weight.add(-weight(of: column, slot: slot))
        if column.storage == .json, let node = column.nodes[slot] { detachFromComponent(node) }
        column.clear(slot: slot, strings)
    }

    /// The complete state of an entity.
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
            created: info.created, spawnID: info.spawnID, ping: info.ping, components: info.undeclaredValues)
        for column in columns.components.values where column.kinds.contains(info.key.kind) {
            record.components[column.name] = json(column: column, slot: slot)
        }
        for (index, group) in schema.groups.enumerated() {
            let state = queue.state(slot, index).pointee
            guard state.exists else { continue }
            record.events[group.name] = EventRecord(
                action: state.isPending ? group.events[Int(state.action)].name : nil,
                data: state.data.map { .object($0) },
                commandID: state.commandID.isNaN ? nil : state.commandID, time: state.time,
                isFromClient: state.isFromClient)
        }
        return record
    }

    /// Keeps the round trip that a player's client measured.
    ///
    /// - Parameters:
    ///   - ping: In seconds, not negative. A client can forge it.
    ///   - handle: The player; nothing happens when it was removed.
    package func setPing(_ ping: Double, of handle: EntityHandle) {
        guard isAlive(handle), slots.setPing(ping, slot: Int(handle.slot)) else { return }
        unsaved.insert(handle.slot)
    }

    /// Forgets which entities are not stored, for a world that nothing stores.
    package func forgetUnsaved() { _ = unsaved.drain() }

    /// Returns the entities whose stored form is out of date and those that were removed for good.
    ///
    /// Both lists are empty afterwards.
    ///
    /// An entity that was removed with `isKept`, or that moved to another map, is in neither list:
    /// ``remove(_:movedTo:isKept:)`` returned its last state to the caller.
    ///
    /// - Returns: Records to write, and keys to delete.
    public func takeUnsaved() -> (records: [EntityRecord], removed: [EntityKey]) {
        // Entities with changes that were not sent to clients yet are out of date too.
        markChangesUnsaved()
        let (changed, removed) = unsaved.drain()
        return (changed.compactMap { record(of: slots.handle(Int($0))) }, removed)
    }
}
