/// One entry of the heap in ``EventQueue``: a pending event with the time at which it is due.
struct DueEntry: HeapElement {
    var time: Double
    /// The entity's ``EntityKey/rank``.
    var rank: UInt64
    var slot: UInt32
    var generation: UInt32
    var group: Int32
    var stamp: UInt32

    /// By time, then by entity, then by group: so the events of groups with one order come off the heap in the order in
    /// which they run.
    static func isBefore(_ left: DueEntry, _ right: DueEntry) -> Bool {
        if left.time != right.time { return left.time < right.time }
        if left.rank != right.rank { return left.rank < right.rank }
        return left.group < right.group
    }
}

extension EntityKey {
    /// Orders entities by kind, then by number.
    package var rank: UInt64 { UInt64(kind.rawValue) << 56 | UInt64(clamping: id) }
}
