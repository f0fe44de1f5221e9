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
    ///     are dropped.
    ///   - placement: What to do when the position is missing or can't be stood on.
    ///   - now: Unix time in seconds; a pending event whose time has passed is ready at once.
    /// - Returns: The entity, and a sentence for each value of the record that did not fit.
    /// - Throws: ``WorldError`` when the map is full, the key is taken, or there is no place to stand.
    public func add(
        _ record: EntityRecord, placement: Placement = .random, now: Double = 0
    ) throws(WorldError) -> (entity: EntityHandle, problems: [String]) {
        let place = try place(for: record, placement)
        let info = Info(key: record.key, login: record.login, created: record.created, spawnID: record.spawnID)
        let slot = try takeSlot(for: info)
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
        for (name, value) in record.components where componentColumns[name]?.kinds.contains(record.key.kind) != true {
            infos[slot].shelved[name] = value
        }
        for case let column? in columns.dropFirst(SystemField.allCases.count)
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
        infos[slot].isNew = true
        unsaved.insert(UInt32(slot))
        unsavedRemovals.remove(record.key)
        markDirty(slot: slot)
        markMoved(slot: slot)
        return (EntityHandle(slot: UInt32(slot), generation: generations[slot]), problems)
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
        let info = infos[slot]
        noteRemoval(of: info, movedTo: movedTo)
        if movedTo == nil, !isKept { unsavedRemovals.insert(info.key) }
        unsaved.remove(handle.slot)
        if let cell = info.cell { grid.remove(handle.slot, from: cell) }
        for column in columns {
            guard let column else { continue }
            if column.storage == .json, let node = column.nodes[slot] {
                weight -= node.weight
                column.nodes[slot] = nil
                node.detach()
                node.lose(info.key)
            }
            clear(column, slot: slot)
        }
        for place in slot * groupCount..<(slot + 1) * groupCount {
            if events[place].action != EventState.idle { liveHeapEntries -= 1 }
            weight -= events[place].dataWeight
            events[place] = EventState()
        }
        freeSlot(slot)
        return record
    }

    /// Remembers to tell clients, if they know the entity: also one that was removed, came back under the same key and
    /// goes again before they heard of it.
    private func noteRemoval(of info: Info, movedTo: Int?) {
        if let index = removalIndices[info.key] {
            removals[index].movedTo = movedTo
        } else if !info.isNew {
            removalIndices[info.key] = removals.count
            removals.append(Removal(key: info.key, movedTo: movedTo))
        }
    }

    /// Makes a value nil, and what clients have of it.
    func clear(_ column: Column, slot: Int) {
        weight -= weight(of: column, slot: slot)
        switch column.storage {
        case .number:
            column.numbers[slot] = .nan
            column.sentNumbers[slot] = .nan
        case .string:
            strings.release(column.strings[slot])
            strings.release(column.sentStrings[slot])
            column.strings[slot] = StringTable.none
            column.sentStrings[slot] = StringTable.none
        case .json:
            if let node = column.nodes[slot] { letGo(node) }
            column.nodes[slot] = nil
            column.sentJSON[slot] = nil
        }
    }

    /// Everything there is to know of an entity.
    ///
    /// - Parameter handle: The entity.
    /// - Returns: The record; `nil` when it was removed.
    public func record(of handle: EntityHandle) -> EntityRecord? {
        guard isAlive(handle) else { return nil }
        let slot = Int(handle.slot)
        let info = infos[slot]
        var record = EntityRecord(
            key: info.key, login: info.login, mapID: geometry.id, prefab: text(.prefab, slot: slot),
            x: number(.x, slot: slot), y: number(.y, slot: slot), z: number(.z, slot: slot),
            sort: number(.sort, slot: slot), side: text(.side, slot: slot), action: text(.action, slot: slot),
            created: info.created, spawnID: info.spawnID, components: info.shelved)
        for column in componentColumns.values where column.kinds.contains(info.key.kind) {
            record.components[column.name] = json(column: column, slot: slot)
        }
        for (index, group) in schema.groups.enumerated() {
            let state = state(slot, index)
            guard state.exists else { continue }
            record.events[group.name] = EventRecord(
                action: state.action == EventState.idle ? nil : group.events[Int(state.action)].name,
                data: state.data.map { .object($0) },
                commandID: state.commandID.isNaN ? nil : state.commandID, time: state.time)
        }
        return record
    }

    /// Takes the entities whose stored form is out of date, with those that were removed for good.
    ///
    /// An entity that was removed to be kept, or moved to another map, is in neither list: ``remove(_:movedTo:isKept:)``
    /// gave its last state to the caller.
    ///
    /// - Returns: Records to write, and keys to delete.
    public func takeUnsaved() -> (records: [EntityRecord], removed: [EntityKey]) {
        defer {
            unsaved.removeAll(keepingCapacity: true)
            unsavedRemovals.removeAll(keepingCapacity: true)
        }
        // What clients were not told yet is out of date too.
        for slot in changedSlots where generations[Int(slot)] & 1 == 1 { unsaved.insert(slot) }
        let records = unsaved.sorted().compactMap {
            record(of: EntityHandle(slot: $0, generation: generations[Int($0)]))
        }
        return (records, unsavedRemovals.sorted { ($0.kind.rawValue, $0.id) < ($1.kind.rawValue, $1.id) })
    }
}
