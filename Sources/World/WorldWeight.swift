/// What the texts, json components and data of pending events of a world weigh, and the tables that scripts hold though
/// they are in no component any more.
package struct WorldWeight {
    /// The most that all of it may weigh, in about bytes; see ``World/World/checkRoom(for:)``.
    package var limit: Int
    /// What the world's own values weigh.
    package private(set) var total = 0
    /// What the tables weigh that scripts hold though they are in no component any more. Never less than it is; their
    /// holder counts them now and then.
    package private(set) var kept = 0
    /// What they weighed when they were counted last.
    private var countedKept = 0
    /// What holds such tables.
    package weak var tableHolder: (any TableHolder)?

    init(limit: Int) { self.limit = limit }

    /// Adds to what the world's own values weigh.
    mutating func add(_ change: Int) { total += change }

    /// Adds to what the tables weigh that only scripts hold.
    mutating func addKept(_ change: Int) { kept += change }

    /// Notes what the tables weigh that only scripts hold, as it was just counted.
    package mutating func setKept(_ counted: Int) {
        kept = counted
        countedKept = counted
    }

    /// Whether so much more fits.
    func hasRoom(for growth: Int) -> Bool { total + kept + growth <= limit }

    /// What the holder should let go of before so much more is added, in bytes; `nil` for nothing.
    func releasable(before growth: Int) -> Int? {
        let excess = total + kept + growth - limit
        if excess > 0, excess <= kept { return excess }
        // In memory a table may take several times what it weighs, and most of these are garbage.
        return kept > countedKept + limit / 4 ? limit / 8 : nil
    }
}
