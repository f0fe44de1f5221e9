/// One entry of the heap in ``EventQueue``: a pending event with the time at which it is due.
struct DueEntry {
    var time: Double
    var slot: UInt32
    var generation: UInt32
    var group: Int32
    var stamp: UInt32
}
