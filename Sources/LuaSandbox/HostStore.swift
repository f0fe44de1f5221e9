internal import CLuaRuntime

/// One column of the host's rows, read and written by scripts without asking the host.
public struct StoreColumn {
    /// What the column's memory holds.
    public enum Storage: UInt8, Sendable {
        /// `Double` per row; NaN is nil.
        case double = 0
        /// `UInt32` per row, an index into the store's strings; `UInt32.max` is nil. Writes go to the host as `set`,
        /// unless the text is known as one that the host takes, see ``HostStore/setTextWrites(uses:weight:)``.
        case string = 1
        /// No memory: reads and writes go to the host as `get` and `set`.
        case host = 2
        /// `Double` per row; scripts see 0 as false, any other number as true, and NaN as nil.
        case boolean = 3
    }

    /// What a write does.
    public struct Flags: OptionSet, Sendable {
        /// The raw bits.
        public let rawValue: UInt8
        /// Creates flags from raw bits.
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// Scripts can't write it.
        public static let readOnly = Flags(rawValue: UInt8(PLR_COLUMN_READONLY))
        /// A write of a different number calls the handler (`trigger`) after the number is stored.
        public static let trigger = Flags(rawValue: UInt8(PLR_COLUMN_TRIGGER))
        /// A write of an equal number or text counts as a change.
        public static let alwaysDirty = Flags(rawValue: UInt8(PLR_COLUMN_ALWAYS_DIRTY))
        /// A change puts the row on the moved list.
        public static let moves = Flags(rawValue: UInt8(PLR_COLUMN_MOVES))
        /// nil may be assigned.
        public static let nullable = Flags(rawValue: UInt8(PLR_COLUMN_NULLABLE))
    }

    var raw: plr_column

    /// Describes a column.
    ///
    /// - Parameters:
    ///   - data: The memory, `capacity` elements; nil for `host`.
    ///   - storage: What the memory holds.
    ///   - flags: What a write does.
    ///   - kinds: Bit k is set when rows of kind k have the column.
    ///   - accepted: For `string`: a text with one of these flags in its entry is one that the host takes.
    ///   - dirtyBit: The bit that a change sets in the row's dirty words.
    ///   - id: The host's ``HostCall/memberID`` for it.
    public init(
        data: UnsafeMutableRawPointer?, storage: Storage, flags: Flags = [], kinds: UInt8 = 0b1111,
        accepted: UInt8 = 0, dirtyBit: Int, id: UInt32
    ) {
        raw = plr_column(
            data: data, storage: storage.rawValue, flags: flags.rawValue, kinds: kinds, accepted: accepted,
            dirty_bit: UInt32(dirtyBit), id: id)
    }
}

/// The rows that entity proxies read and write: the host's own memory, described to the VM by pointers.
///
/// The host keeps the memory and calls the setters again whenever it moves, between or inside calls, on the VM's
/// thread. A row is alive while its generation is odd; a reference is alive while its generation equals the row's.
public final class HostStore {
    let pointer: UnsafeMutablePointer<plr_store>
    private var columns: UnsafeMutableBufferPointer<plr_column>

    /// Creates a store without rows.
    public init() {
        pointer = .allocate(capacity: 1)
        pointer.initialize(to: plr_store())
        columns = .allocate(capacity: 0)
    }

    deinit {
        columns.deallocate()
        pointer.deinitialize(count: 1)
        pointer.deallocate()
    }

    /// Sets the memory of the rows.
    ///
    /// - Parameters:
    ///   - capacity: Rows in every array.
    ///   - generation: Per row; odd is alive.
    ///   - kind: Per row, 0 to 3.
    public func setRows(capacity: Int, generation: UnsafePointer<UInt32>, kind: UnsafePointer<UInt8>) {
        pointer.pointee.capacity = UInt32(capacity)
        pointer.pointee.generation = generation
        pointer.pointee.kind = kind
    }

    /// Sets where changes are recorded.
    ///
    /// - Parameters:
    ///   - words: `wordsPerRow` 64-bit words per row.
    ///   - wordsPerRow: At least (highest dirty bit / 64) + 1.
    ///   - flag: Per row, 1 while the row is on the list.
    ///   - list: Room for `capacity` rows.
    ///   - count: The rows on the list.
    public func setDirty(
        words: UnsafeMutablePointer<UInt64>, wordsPerRow: Int, flag: UnsafeMutablePointer<UInt8>,
        list: UnsafeMutablePointer<UInt32>, count: UnsafeMutablePointer<UInt32>
    ) {
        pointer.pointee.dirty = words
        pointer.pointee.dirty_words = UInt32(wordsPerRow)
        pointer.pointee.dirty_flag = flag
        pointer.pointee.dirty_list = list
        pointer.pointee.dirty_count = count
    }

    /// Sets where rows are recorded if a column with the `moves` flag changed; the same layout as the dirty list.
    public func setMoved(
        flag: UnsafeMutablePointer<UInt8>, list: UnsafeMutablePointer<UInt32>, count: UnsafeMutablePointer<UInt32>
    ) {
        pointer.pointee.moved_flag = flag
        pointer.pointee.moved_list = list
        pointer.pointee.moved_count = count
    }

    /// Sets the strings that string columns index: entries of 16 bytes, `{ const uint8_t *bytes; uint32_t length;
    /// uint32_t flags; }`. An entry that is not in use has no flags.
    public func setStrings(entries: UnsafeRawPointer?, count: Int) {
        pointer.pointee.strings = entries?.assumingMemoryBound(to: plr_string_entry.self)
        pointer.pointee.string_count = UInt32(count)
    }

    /// Lets scripts assign texts without asking the host: those that it has taken for a column before, whose entries
    /// have a flag of ``StoreColumn``'s `accepted`.
    ///
    /// - Parameters:
    ///   - uses: How often each string is used, which a write counts; the last use of a string is given up only by the
    ///     host.
    ///   - weight: Three 64-bit numbers: the bytes of all texts, to which a write adds, those of other values, and the
    ///     limit of both; a write that would exceed it goes to the host.
    public func setTextWrites(uses: UnsafeMutablePointer<Int>, weight: UnsafeMutableRawPointer) {
        pointer.pointee.string_uses = UnsafeMutableRawPointer(uses).assumingMemoryBound(to: Int64.self)
        pointer.pointee.weight = weight.assumingMemoryBound(to: plr_weight.self)
    }

    /// Sets all columns. ``HostClass/Member/column(_:_:)`` counts in this order.
    public func setColumns(_ newColumns: [StoreColumn]) {
        let fresh = UnsafeMutableBufferPointer<plr_column>.allocate(capacity: newColumns.count)
        for (index, column) in newColumns.enumerated() {
            fresh.initializeElement(at: index, to: column.raw)
        }
        columns.deallocate()
        columns = fresh
        pointer.pointee.columns = fresh.baseAddress
        pointer.pointee.column_count = UInt32(fresh.count)
    }
}
