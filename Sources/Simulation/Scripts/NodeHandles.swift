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

    private var entries: [UInt32: Entry] = [:]
    private var last: UInt32 = 0

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

    /// Lets go of nodes that were not used lately; to be called now and then.
    mutating func sweep(now: Double) {
        for (number, entry) in entries where now - entry.lastUsed > Self.grace || now < entry.lastUsed {
            entries[number]?.strong = nil
            if entries[number]?.node == nil { entries[number] = nil }
        }
    }
}
