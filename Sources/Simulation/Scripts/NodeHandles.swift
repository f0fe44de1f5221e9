import World

/// Numbers for the tables of json components that scripts hold.
///
/// The same table has the same number, so that its proxies are one value. A table that was taken out of its component
/// stays usable for a while, so that `local item = bag.slots[1]; bag.slots[1] = nil; bag.slots[2] = item` works.
struct NodeHandles {
    private struct Entry {
        weak var node: JSONNode?
        /// Keeps the node while a script may still use it.
        var strong: JSONNode?
        var lastUsed: Double
    }

    /// How long a table that left its component stays usable, in seconds.
    private static let grace = 10.0
    /// Up to how many tables it does; above, only through the tick in which it was used. A script that makes a table
    /// anew for every entity and tick would keep thousands of them otherwise.
    private static let comfortable = 4096

    private var entries: [UInt32: Entry] = [:]
    private var last: UInt32 = 0
    private var lastSweep = 0.0
    /// At how many tables to look for those that can go; grows with those that can't, so that looking stays cheap.
    private var sweepCount = comfortable

    /// How many tables have a number.
    var count: Int { entries.count }

    /// The number of a node.
    mutating func number(of node: JSONNode, now: Double) -> UInt32 {
        if node.scriptNumber == 0 {
            last = last == .max ? 1 : last + 1
            node.scriptNumber = last
        }
        entries[node.scriptNumber] = Entry(node: node, strong: node, lastUsed: now)
        return node.scriptNumber
    }

    /// The node of a number; `nil` when it is gone.
    mutating func node(_ number: UInt32, now: Double) -> JSONNode? {
        guard let node = entries[number]?.node else { return nil }
        entries[number]?.strong = node
        entries[number]?.lastUsed = now
        return node
    }

    /// Lets go of nodes that were not used lately; to be called at the beginning of a tick.
    mutating func sweep(now: Double) {
        if entries.count > sweepCount {
            sweep(now: now, grace: 0)
            sweepCount = max(Self.comfortable, entries.count * 2)
        } else if now - lastSweep > Self.grace || now < lastSweep {
            sweep(now: now, grace: Self.grace)
        }
    }

    private mutating func sweep(now: Double, grace: Double) {
        lastSweep = now
        for (number, entry) in entries where now - entry.lastUsed > grace || now < entry.lastUsed {
            entries[number]?.strong = nil
        }
        entries = entries.filter { $0.value.node != nil }
    }
}
