import JSONValues
import World

/// Numbers for the tables of json components that scripts hold.
///
/// A table keeps its number, so that its proxies are equal. A table that was removed from its component stays usable
/// for a while, so that `local item = bag.slots[1]; bag.slots[1] = nil; bag.slots[2] = item` works. Until it is
/// released it counts towards the map's weight, see ``WorldWeight/kept``.
struct NodeHandles {
    private struct Entry {
        let node: JSONNode
        var lastUsed: Double
    }

    /// How long a table that left its component stays usable, in seconds.
    private static let grace = 10.0
    /// Up to this many tables `grace` applies; with more tables, one that left its component stays usable only in the
    /// tick in which it was used. Otherwise a script that makes a new table for every entity and tick would keep
    /// thousands.
    private static let comfortable = 4096

    private var entries: [UInt64: Entry] = [:]
    private var last: UInt64 = 0
    /// The number that was given last: the VM may not have made the table's proxy yet.
    private var newest: UInt64 = 0
    private var lastSweep = 0.0
    /// The number of tables above which a sweep is due; grows with the tables that stay, so that sweeps stay cheap.
    private var sweepCount = comfortable

    /// The tick in which collecting the VM's garbage freed too little to be worth its time.
    var vainCollection: Int?

    /// How many tables have a number.
    var count: Int { entries.count }

    /// Whether so many tables got a number since the last sweep that a sweep within the tick pays off. At the beginning
    /// of a tick, a sweep is due with fewer tables.
    var isCrowded: Bool { entries.count > 2 * sweepCount }

    /// The number of a node.
    mutating func number(of node: JSONNode, now: Double) -> UInt64 {
        if node.scriptNumber == 0 {
            last += 1
            node.scriptNumber = last
        }
        newest = node.scriptNumber
        entries[newest] = Entry(node: node, lastUsed: now)
        return node.scriptNumber
    }

    /// The node of a number; `nil` when it was released.
    mutating func node(_ number: UInt64, now: Double) -> JSONNode? {
        guard let index = entries.index(forKey: number) else { return nil }
        entries.values[index].lastUsed = now
        return entries.values[index].node
    }

    /// For a sweep at the beginning of a tick: how long after its last use a table that left its component stays
    /// usable, in seconds; `nil` when no sweep is due.
    func graceOfDueSweep(now: Double) -> Double? {
        if entries.count > sweepCount { return 0 }
        return now - lastSweep > Self.grace || now < lastSweep ? Self.grace : nil
    }

    /// Releases tables.
    ///
    /// - Parameters:
    ///   - now: Unix time in seconds.
    ///   - held: The numbers of the tables that scripts refer to: the others are released. `nil` when that is not
    ///     known.
    ///   - grace: Tables that left their component are released when they were not used for more than this time, in
    ///     seconds; `nil` keeps them.
    /// - Returns: The weight of the tables that stay and are in no component, in bytes.
    mutating func sweep(now: Double, held: Set<UInt64>?, grace: Double? = nil) -> Int {
        if grace != nil { lastSweep = now }
        var (kept, weight) = (Set<ObjectIdentifier>(), 0)
        entries = entries.filter { number, entry in
            if let held, !held.contains(number), number != newest { return false }
            let root = entry.node.root
            if root.place != nil { return true }
            if let grace, now - entry.lastUsed > grace || now < entry.lastUsed { return false }
            weight += World.handleWeight
            if kept.insert(ObjectIdentifier(root)).inserted { weight += root.weight }
            return true
        }
        sweepCount = max(Self.comfortable, entries.count * 2)
        return weight
    }
}
