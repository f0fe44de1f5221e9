extension World {
    /// How often each text stands in the columns. Tests compare it with ``StringTable/liveUses``, which counts the same
    /// as texts come and go.
    package var textUses: [UInt32: Int] {
        var uses: [UInt32: Int] = [:]
        for handle in entities {
            for case let column? in columns.all where column.storage == .string {
                uses[column.strings[Int(handle.slot)], default: 0] += 1
                uses[column.sentStrings[Int(handle.slot)], default: 0] += 1
            }
        }
        uses[StringTable.none] = nil
        return uses
    }
}
