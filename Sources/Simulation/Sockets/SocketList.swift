/// Some of a map's sockets, in the order in which they connected.
struct SocketList {
    /// A socket: when it connected, as a number that grows, and its place in ``MapSockets``.
    struct Member: Equatable {
        let serial: UInt64
        let slot: Int
    }

    /// The sockets in order.
    private(set) var members: [Member] = []

    init() {}

    /// The sockets of some lists, each once. O(n log n)
    init(union lists: [SocketList]) {
        var serials: Set<UInt64> = []
        for list in lists {
            for member in list.members where serials.insert(member.serial).inserted { members.append(member) }
        }
        members.sort { $0.serial < $1.serial }
    }

    var count: Int { members.count }
    var isEmpty: Bool { members.isEmpty }

    /// Adds a socket that is not in the list. O(n); O(log n) for the newest.
    mutating func insert(_ member: Member) { members.insert(member, at: index(of: member.serial)) }

    /// Removes a socket; does nothing when it is not in the list. O(n)
    mutating func remove(_ serial: UInt64) {
        if contains(serial) { members.remove(at: index(of: serial)) }
    }

    /// Removes the sockets of other lists. O(n) in the sockets of all.
    mutating func subtract(_ lists: [SocketList]) {
        let others = lists.flatMap(\.members)
        // For a few, moving what follows them is faster than looking up all.
        guard others.count > 8 else {
            for other in others { remove(other.serial) }
            return
        }
        let serials = Set(others.map(\.serial))
        members.removeAll { serials.contains($0.serial) }
    }

    /// Whether a socket is in the list. O(log n)
    func contains(_ serial: UInt64) -> Bool {
        let index = index(of: serial)
        return index < members.count && members[index].serial == serial
    }

    /// The first socket that connected after this one. O(log n)
    func member(after serial: UInt64) -> Member? {
        let index = index(of: serial + 1)
        return index < members.count ? members[index] : nil
    }

    /// The index of the first socket that did not connect before this one.
    private func index(of serial: UInt64) -> Int {
        var (low, high) = (0, members.count)
        while low < high {
            let middle = (low + high) / 2
            if members[middle].serial < serial { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
