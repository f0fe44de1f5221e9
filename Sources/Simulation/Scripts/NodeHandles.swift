import JSONValues
import World

/// Numbers for the tables of json components that scripts hold.
///
/// The same table has the same number, so that its proxies are one value. A table that was taken out of its component
/// stays usable for a while, so that `local item = bag.slots[1]; bag.slots[1] = nil; bag.slots[2] = item` works. It
/// counts as part of the map until then, see ``WorldWeight/kept``.
struct NodeHandles {
    private struct Entry {
        let node: JSONNode
        var lastUsed: Double
    }

    /// How long a table that left its component stays usable, in seconds.
    private static let grace = 10.0
    /// Up to how many tables it does; above, only through the tick in which it was used. A script that makes a table
    /// anew for every entity and tick would keep thousands of them otherwise.
    private static let comfortable = 4096

    private var entries: [UInt64: Entry] = [:]
    private var last: UInt64 = 0
    /// The number that was given last: the VM may not have made the table's proxy yet.
    private var newest: UInt64 = 0
    private var lastSweep = 0.0
    /// At how many tables to look for those that can go; grows with those that can't, so that looking stays cheap.
    private var sweepCount = comfortable

    /// The tick in which collecting the VM's garbage freed too little to be worth its time.
    var vainCollection: Int?

    /// How many tables have a number.
    var count: Int { entries.count }

    /// Whether so many tables were given a number since the last sweep that another one pays. With a tick's begin it is
    /// due earlier.
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

    /// The node of a number; `nil` when it is gone.
    mutating func node(_ number: UInt64, now: Double) -> JSONNode? {
        guard let index = entries.index(forKey: number) else { return nil }
        entries.values[index].lastUsed = now
        return entries.values[index].node
    }

    /// For how long after its use a table that left its component stays usable, in seconds, when a sweep is due at the
    /// begin of a tick; `nil` when none is.
    func graceOfDueSweep(now: Double) -> Double? {
        if entries.count > sweepCount { return 0 }
        return now - lastSweep > Self.grace || now < lastSweep ? Self.grace : nil
    }

    /// Lets go of tables.
    ///
    /// - Parameters:
    ///   - now: Unix time in seconds.
    ///   - held: The numbers of the tables that scripts refer to: the others go. `nil` when that is not known.
    ///   - grace: Tables that left their component go when they were not used for so long, in seconds; `nil` keeps
    ///     them.
    /// - Returns: What the tables that stay and are in no component weigh.
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
