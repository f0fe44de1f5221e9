import NIOCore

/// The peers that are not open yet: how many there are, and of which source.
struct HalfOpenPeers {
    private struct Waiting {
        let id: UInt32
        let since: NIODeadline
    }

    private var sources: [UInt32: String?] = [:]
    private var counts: [String: Int] = [:]
    /// The peers in the order of their offers. Those that are open or have ended are removed when they become the
    /// first, so it has no more than the offers of the time in which a peer must open.
    private var queue = CircularBuffer<Waiting>(initialCapacity: 0)

    /// How many there are.
    var count: Int { sources.count }

    /// How many of them, and of the former ones behind the first of them, are kept in mind.
    var keptCount: Int { queue.count }

    /// How many a source has.
    func count(of source: String) -> Int { counts[source] ?? 0 }

    /// Adds a peer.
    mutating func add(_ id: UInt32, source: String?, now: NIODeadline) {
        sources[id] = .some(source)
        if let source { counts[source, default: 0] += 1 }
        while let first = queue.first, sources[first.id] == nil { queue.removeFirst() }
        queue.append(Waiting(id: id, since: now))
    }

    /// Removes a peer that is open or has ended.
    mutating func remove(_ id: UInt32) {
        guard let source = sources.removeValue(forKey: id) else { return }
        guard let source, let count = counts[source] else { return }
        counts[source] = count > 1 ? count - 1 : nil
    }

    /// The peer that has waited for its first check for longest.
    ///
    /// - Parameters:
    ///   - deadline: The peer must have been added before.
    ///   - hasChecked: Whether a peer has sent a valid check.
    /// - Returns: Its number; `nil` when no such peer waits.
    mutating func oldest(addedBefore deadline: NIODeadline, hasChecked: (UInt32) -> Bool) -> UInt32? {
        while let first = queue.first, sources[first.id] == nil || hasChecked(first.id) { queue.removeFirst() }
        guard let first = queue.first, first.since <= deadline else { return nil }
        return first.id
    }
}
