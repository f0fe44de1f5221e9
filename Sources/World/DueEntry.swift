/// One pending event in the heap of a map, by the time it is due.
///
/// Entries are never searched for: an event that is taken off or moved gets a new stamp, and an entry with an old
/// stamp is dropped when it surfaces. The heap is cleared of stale entries when they outnumber the live ones.
struct DueEntry {
    var time: Double
    var slot: UInt32
    var generation: UInt32
    var group: Int32
    var stamp: UInt32
}
