/// To whom a script sends an event: what `to` and `except` choose.
struct SocketTarget: Hashable {
    /// Rooms of whose sockets one gets the event; empty for all sockets. In ascending order, each once.
    private(set) var rooms: [String] = []
    /// Rooms whose sockets do not get it. In ascending order, each once.
    private(set) var excluded: [String] = []
    /// The socket that does not get it, because the script sends for it; `nil` for none.
    var sender: SocketHandle?

    /// How many rooms a target may name.
    static let maxRooms = 64

    /// All sockets.
    static let all = SocketTarget()

    /// All sockets but one.
    static func others(than sender: SocketHandle) -> SocketTarget { SocketTarget(sender: sender) }

    private init(sender: SocketHandle? = nil) { self.sender = sender }

    /// What it weighs while it has a number, in bytes: about what it takes in memory.
    var weight: Int { (rooms + excluded).reduce(256) { $0 + 32 + $1.utf8.count } }

    /// The same without a sender: sockets get the same packets of all senders in the same order.
    var withoutSender: SocketTarget {
        var target = self
        target.sender = nil
        return target
    }

    /// With the sockets of one more room.
    func to(_ room: String) throws(ScriptFault) -> SocketTarget {
        var target = self
        try Self.add(room, to: &target.rooms)
        return target
    }

    /// Without the sockets of a room.
    func except(_ room: String) throws(ScriptFault) -> SocketTarget {
        var target = self
        try Self.add(room, to: &target.excluded)
        return target
    }

    private static func add(_ room: String, to rooms: inout [String]) throws(ScriptFault) {
        guard !rooms.contains(room) else { return }
        guard rooms.count < maxRooms else { throw ScriptFault("a target may name \(maxRooms) rooms") }
        rooms.append(room)
        rooms.sort()
    }
}

/// Numbers for the targets that scripts hold, so that equal targets are one value in Lua.
///
/// A target keeps its number while scripts may hold it. All of them may weigh ``maxWeight``: the memory of the scripts
/// does not hold what the rooms of targets take here.
struct SocketTargets {
    /// The most that all targets may weigh, in bytes.
    static let maxWeight = 4 << 20

    /// What all targets weigh.
    private(set) var weight = 0
    /// The tick in which collecting the VM's garbage freed too little to be worth its time.
    var vainCollection: Int?
    private var numbers: [SocketTarget: UInt64] = [:]
    private var targets: [UInt64: SocketTarget] = [:]
    private var last: UInt64 = 0
    /// With more targets than this, those that no script holds are forgotten.
    private var sweepCount = Self.comfortable

    private static let comfortable = 1024

    /// Whether so many targets got a number that it is time to ``sweep(held:)``.
    var isCrowded: Bool { targets.count > sweepCount }

    /// Whether a target may have a number.
    func hasRoom(for target: SocketTarget) -> Bool {
        weight + target.weight <= Self.maxWeight || numbers[target] != nil
    }

    /// The number of a target.
    mutating func number(of target: SocketTarget) -> UInt64 {
        if let number = numbers[target] { return number }
        last += 1
        numbers[target] = last
        targets[last] = target
        weight += target.weight
        return last
    }

    /// The target of a number; `nil` when it was forgotten.
    subscript(number: UInt64) -> SocketTarget? { targets[number] }

    /// Forgets all targets but those that scripts hold; `nil` when that is not known.
    mutating func sweep(held: Set<UInt64>?) {
        if let held {
            targets = targets.filter { held.contains($0.key) }
            numbers = numbers.filter { targets[$0.value] != nil }
            weight = targets.values.reduce(0) { $0 + $1.weight }
        }
        sweepCount = max(Self.comfortable, targets.count * 2)
    }
}
