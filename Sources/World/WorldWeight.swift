/// How much a world's texts, json components and data of pending events weigh, and the tables that scripts still hold
/// after they were taken out of their components ("kept" tables).
package final class WorldWeight {
    /// The most that all of it may weigh, in bytes, approximately; see ``World/World/checkRoom(for:)``.
    package var limit: Int {
        get { sums.pointee.limit }
        set { sums.pointee.limit = newValue }
    }
    /// The weight of the world's own values.
    package private(set) var total: Int {
        get { sums.pointee.total }
        set { sums.pointee.total = newValue }
    }
    /// The weight of the kept tables. Never less than the true weight: a table that scripts no longer hold is included
    /// until ``tableHolder`` counts the tables again.
    package private(set) var kept: Int {
        get { sums.pointee.kept }
        set { sums.pointee.kept = newValue }
    }
    private let sums: UnsafeMutablePointer<Sums>
    /// The memory of ``total``, ``kept`` and ``limit``, in this order: scripts that assign texts add to the first.
    package var memory: UnsafeMutableRawPointer { UnsafeMutableRawPointer(sums) }
    /// The weight of the kept tables when they were last counted.
    private var countedKept = 0
    /// The object that holds the kept tables for scripts.
    package weak var tableHolder: (any TableHolder)?

    private struct Sums {
        var total = 0
        var kept = 0
        var limit: Int
    }

    init(limit: Int) {
        sums = .allocate(capacity: 1)
        sums.initialize(to: Sums(limit: limit))
    }

    deinit { sums.deallocate() }

    /// Adds to the weight of the world's own values.
    func add(_ change: Int) { total += change }

    /// Adds to the weight of the kept tables.
    func addKept(_ change: Int) { kept += change }

    /// Sets the weight of the kept tables, which was just counted.
    package func setKept(_ counted: Int) {
        kept = counted
        countedKept = counted
    }

    /// Whether the weight may grow by `growth`.
    func hasRoom(for growth: Int) -> Bool { total + kept + growth <= limit }

    /// How much of the kept tables the holder should release before `growth` is added, in bytes; `nil` for nothing.
    func releasable(before growth: Int) -> Int? {
        let excess = total + kept + growth - limit
        if excess > 0, excess <= kept { return excess }
        // A table may take several times its weight in memory, and most kept tables are garbage by now. So they are
        // also released when they have grown by a quarter of the limit since the last count.
        return kept > countedKept + limit / 4 ? limit / 8 : nil
    }
}
