import LuaSandbox
import World

/// Gives the VM pointers to a world's columns, and new pointers whenever the columns' memory has moved.
struct WorldStore {
    let store = HostStore()
    private var version = -1

    /// Updates the VM's pointers to the world's memory; costs one comparison when nothing moved.
    @inline(__always)
    mutating func refresh(_ world: World) {
        if version != world.layoutVersion { bind(world) }
    }

    private mutating func bind(_ world: World) {
        version = world.layoutVersion
        store.setRows(capacity: world.slots.capacity, generation: world.slots.generations, kind: world.slots.kinds)
        store.setDirty(
            words: world.changes.bits, wordsPerRow: world.changes.wordsPerSlot, flag: world.changes.listed.flags,
            list: world.changes.listed.list, count: world.changes.listed.count)
        store.setMoved(
            flag: world.places.moved.flags, list: world.places.moved.list, count: world.places.moved.count)
        store.setStrings(entries: world.strings.entries, count: world.strings.capacity)
        store.setTextWrites(uses: world.strings.uses, weight: world.weight.memory)
        store.setColumns(
            world.columns.all.enumerated().map { index, column in
                guard let column else {
                    return StoreColumn(data: nil, storage: .host, kinds: 0, dirtyBit: index, id: UInt32(index))
                }
                var flags: StoreColumn.Flags = []
                let isComponent = index >= SystemField.allCases.count
                if isComponent { flags.insert(.nullable) }
                if column.hasTrigger { flags.insert(.trigger) }
                if index == SystemField.x.rawValue || index == SystemField.y.rawValue { flags.insert(.moves) }
                if index == SystemField.action.rawValue { flags.insert(.alwaysDirty) }
                return StoreColumn(
                    data: column.raw, storage: column.storage.lua, flags: flags, kinds: column.kinds.rawValue,
                    accepted: SystemField(rawValue: index)?.textFlag ?? 0, dirtyBit: index, id: UInt32(index))
            })
    }
}

extension Column.Storage {
    fileprivate var lua: StoreColumn.Storage {
        switch self {
        case .number: .double
        case .string: .string
        case .boolean: .boolean
        case .json: .host
        }
    }
}
