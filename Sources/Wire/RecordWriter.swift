import JSONValues
import World

/// Writes entities as JSON records, either whole or only what changed since the last send [M3.5, M4.1].
struct RecordWriter {
    let world: World
    let out: ByteWriter
    /// For receivers that take patches; `nil` for all others.
    var patches: ComponentPatches?
    /// For receivers that get the positions of entities that move in datagrams; `nil` for all others.
    var moves: MovedEntities?
    /// The bits of the system fields in the first word of an entity's changes; calculated once, not for each entity.
    private let systemBits: UInt64 = 1 << UInt64(SystemField.allCases.count) - 1

    /// Writes every field of an entity.
    ///
    /// - Parameters:
    ///   - slot: The entity.
    ///   - includesPrivate: Whether the receiver owns the entity and so may see private components [M9.10] and the
    ///     queues of groups that only the owner gets.
    ///   - sides: The `sides` object, for the receiver's own record.
    func writeFull(slot: Int, includesPrivate: Bool, sides: [UInt8]? = nil) {
        let info = world.slots[slot]
        writeHead(info.key)
        out.write(",\"type\":\"")
        out.write(Array(info.key.kind.name.utf8))
        out.write("\",\"map_id\":")
        out.write(integer: world.geometry.id)
        for index in Self.order {
            guard let column = world.columns.all[index] else { continue }
            out.write(UInt8(ascii: ","))
            writeValue(column, slot: slot)
        }
        out.write(",\"created\":\"")
        out.write(Array(Timestamp(unixTime: info.created).description.utf8))
        out.write("\"")
        if let login = info.login {
            out.write(",\"login\":")
            out.write(string: login)
        }
        if let sides {
            out.write(",\"sides\":")
            out.write(sides)
        }
        out.write(",\"components\":{")
        var isFirst = true
        for column in world.columns.componentColumns {
            guard let column, column.kinds.contains(info.key.kind), includesPrivate || !column.isPrivate else {
                continue
            }
            separate(&isFirst)
            writeValue(column, slot: slot)
        }
        out.write("},\"events\":{")
        isFirst = true
        for group in 0..<world.queue.groupCount {
            let state = world.queue.state(slot, group)
            guard state.pointee.exists, isShown(group, toOwner: includesPrivate) else { continue }
            separate(&isFirst)
            writeFull(state, group: group)
        }
        out.write("}}")
    }

    /// Writes the fields of an entity that differ from what clients have; writes nothing when no field differs.
    ///
    /// - Parameters:
    ///   - slot: The entity.
    ///   - includesPrivate: Whether the receiver owns the entity, as for ``writeFull(slot:includesPrivate:sides:)``.
    ///   - omitsShared: Whether to leave out what clients get that don't own the entity.
    /// - Returns: Whether a record was written, and whether something changed that only the owner gets, written or not.
    func writeChanges(
        slot: Int, includesPrivate: Bool, omitsShared: Bool = false
    ) -> (written: Bool, hasPrivate: Bool) {
        let start = out.count
        let key = world.slots.key(slot)
        writeHead(key)
        let head = out.count
        let changed = omitsShared ? 0 : world.changes.word(0, slot: slot)
        let fields = omitsShared ? nil : moves?.fields(of: slot, changed: changed)
        let certain = (fields?.certain ?? 0) | 1 << UInt64(SystemField.action.rawValue)
        let prefab: UInt64 = 1 << UInt64(SystemField.prefab.rawValue)
        var rest = (fields?.all ?? changed) & systemBits
        // In the order of `order`: after the prefab, that of the columns.
        while rest != 0 {
            let index = (rest & prefab != 0 ? prefab : rest).trailingZeroBitCount
            rest &= ~(1 << UInt64(index))
            guard let column = world.columns.all[index],
                certain & (1 << UInt64(index)) != 0 || column.differsFromSent(slot: slot)
            else { continue }
            out.write(UInt8(ascii: ","))
            writeValue(column, slot: slot)
        }
        let hasPrivateValues = writeComponentChanges(
            slot: slot, kind: key.kind, includesPrivate: includesPrivate, omitsShared: omitsShared)
        let hasPrivateEvents = writeEventChanges(
            slot: slot, includesPrivate: includesPrivate, omitsShared: omitsShared)
        let hasPrivate = hasPrivateValues || hasPrivateEvents
        if out.count == head {
            out.truncate(to: start)
            return (false, hasPrivate)
        }
        out.write(UInt8(ascii: "}"))
        return (true, hasPrivate)
    }

    func writeRemoval(_ removal: ChangeSet.Removal) {
        writeHead(removal.key)
        out.write(",\"action\":\"remove\"")
        if let map = removal.movedTo {
            out.write(",\"map_id\":")
            out.write(integer: map)
        }
        out.write(UInt8(ascii: "}"))
    }

    func writeOutOfView(_ key: EntityKey) {
        writeHead(key)
        out.write(",\"action\":\"remove\",\"reason\":\"out_of_view\"}")
    }

    /// The order of the system fields on the wire.
    private static let order = [SystemField.prefab, .x, .y, .z, .sort, .side, .action].map(\.rawValue)

    private func writeHead(_ key: EntityKey) {
        out.write("{\"id\":")
        out.write(integer: key.id)
        out.write(",\"key\":\"")
        out.write(key.kind.keyPrefix)
        out.write(integer: key.id)
        out.write(UInt8(ascii: "\""))
    }

    private func separate(_ isFirst: inout Bool) {
        if !isFirst { out.write(UInt8(ascii: ",")) }
        isFirst = false
    }

    private func writeValue(_ column: Column, slot: Int) {
        out.write(column.jsonKey)
        switch column.storage {
        case .number: out.write(number: column.wireNumber(slot: slot))
        case .string: out.write(world.strings.json(column.strings[slot]))
        case .boolean:
            let value = column.numbers[slot]
            if value.isNaN { out.write("null") } else if value != 0 { out.write("true") } else { out.write("false") }
        case .json:
            if let node = column.nodes[slot] { out.write(node.bytes) } else { out.write("null") }
        }
    }

    private func writeComponentChanges(
        slot: Int, kind: EntityKind, includesPrivate: Bool, omitsShared: Bool
    ) -> Bool {
        var isFirst = true
        var hasPrivate = false
        func writeWhole(_ column: Column) {
            if isFirst { out.write(",\"components\":{") }
            separate(&isFirst)
            writeValue(column, slot: slot)
        }
        patches?.begin()
        for word in 0..<world.changes.wordsPerSlot {
            var bits = world.changes.word(word, slot: slot)
            if word == 0 { bits &= ~systemBits }
            while bits != 0 {
                let index = word * 64 + bits.trailingZeroBitCount
                bits &= bits - 1
                guard index < world.columns.all.count, let column = world.columns.all[index],
                    column.kinds.contains(kind),
                    column.differsFromSent(slot: slot)
                else { continue }
                if column.isPrivate { hasPrivate = true }
                if column.isPrivate ? !includesPrivate : omitsShared { continue }
                if patches?.note(column, slot: slot) != true { writeWhole(column) }
            }
        }
        let areShorter = patches?.areShorter(hasWhole: !isFirst) ?? false
        if let patches, !areShorter { for column in patches.columns { writeWhole(column) } }
        if !isFirst { out.write(UInt8(ascii: "}")) }
        if areShorter { patches?.write(to: out) }
        return hasPrivate
    }

    /// Whether a receiver gets the queue of a group.
    private func isShown(_ group: Int, toOwner isOwner: Bool) -> Bool {
        switch world.queue.groupShares[group] {
        case .all: true
        case .owner: isOwner
        case .none: false
        }
    }

    private func writeEventChanges(slot: Int, includesPrivate: Bool, omitsShared: Bool) -> Bool {
        var isFirst = true
        var hasPrivate = false
        for word in 0..<world.changes.eventWordsPerSlot {
            var bits = world.changes.eventWord(word, slot: slot)
            while bits != 0 {
                let group = word * 64 + bits.trailingZeroBitCount
                bits &= bits - 1
                let state = world.queue.state(slot, group)
                guard state.differsFromSent else { continue }
                let isPrivate = world.queue.groupShares[group] == .owner
                if isPrivate { hasPrivate = true }
                guard isShown(group, toOwner: includesPrivate), isPrivate || !omitsShared else { continue }
                if isFirst { out.write(",\"events\":{") }
                separate(&isFirst)
                if state.pointee.sent.exists {
                    writeChanges(state, group: group)
                } else {
                    writeFull(state, group: group)
                }
            }
        }
        if !isFirst { out.write(UInt8(ascii: "}")) }
        return hasPrivate
    }

    private func writeFull(_ state: UnsafePointer<EventState>, group: Int) {
        out.write(world.queue.groupTexts[group].key)
        out.write("{\"action\":")
        writeAction(state, group: group)
        out.write(",\"data\":")
        writeData(state)
        out.write(",\"command_id\":")
        out.write(number: state.pointee.commandID)
        out.write(",\"time\":")
        out.write(time: state.pointee.time)
        out.write(UInt8(ascii: "}"))
    }

    private func writeChanges(_ state: UnsafePointer<EventState>, group: Int) {
        var isFirst = true
        out.write(world.queue.groupTexts[group].key)
        out.write(UInt8(ascii: "{"))
        if state.pointee.action != state.pointee.sent.action {
            separate(&isFirst)
            out.write("\"action\":")
            writeAction(state, group: group)
        }
        if state.pointee.data != state.pointee.sent.data {
            separate(&isFirst)
            out.write("\"data\":")
            writeData(state)
        }
        if !state.pointee.commandID.isSame(as: state.pointee.sent.commandID) {
            separate(&isFirst)
            out.write("\"command_id\":")
            out.write(number: state.pointee.commandID)
        }
        if state.pointee.time != state.pointee.sent.time {
            separate(&isFirst)
            out.write("\"time\":")
            out.write(time: state.pointee.time)
        }
        out.write(UInt8(ascii: "}"))
    }

    private func writeAction(_ state: UnsafePointer<EventState>, group: Int) {
        guard state.pointee.action != EventState.idle else { return out.write("null") }
        out.write(world.queue.groupTexts[group].events[Int(state.pointee.action)])
    }

    private func writeData(_ state: UnsafePointer<EventState>) {
        if let data = state.pointee.data { out.write(.object(data)) } else { out.write("null") }
    }
}

extension EntityKind {
    fileprivate var keyPrefix: StaticString {
        switch self {
        case .players: "players_"
        case .enemys: "enemys_"
        case .animals: "animals_"
        case .objects: "objects_"
        }
    }
}
