/// One pending event in the heap of a map, by the time it is due.
struct DueEntry {
    var time: Double
    var slot: UInt32
    var generation: UInt32
    var group: Int32
    var stamp: UInt32
}
