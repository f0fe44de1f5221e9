/// One thing that is counted.
struct Case: Sendable {
    /// What is counted, and for what each.
    let name: String
    /// The allocations that one costs now, or the bytes. A change that takes more fails, and so does one that takes
    /// less until it lowers this limit: else later changes could take back unseen what it saved.
    let limit: Double
    /// How much less a count may be than its limit, by default ``tolerance``.
    var spread = Self.tolerance
    /// Counts it.
    let count: @Sendable () throws -> Double

    /// How much less most counts may be than their limits: many counts are means of 30 ticks, in some of which a table
    /// grows.
    static let tolerance = 0.05

    /// What is wrong with a count; empty if nothing is.
    func verdict(_ count: Double) -> String {
        if count > limit { return "MORE THAN \(limit)" }
        return count < limit - spread ? "LESS THAN \(limit): lower the limit in its list of cases" : ""
    }

    /// Counts what each turn of a script's loop costs: a tick with the loop less one with an empty loop.
    static func turn(_ name: String, _ body: String, turns: Int = 1000, npcs: Int = 100, limit: Double) -> Case {
        Case(name: name, limit: limit) {
            try CountedMap.turn(body, turns: turns, npcs: npcs, clock: CountedMap.stoppedClock) { map, inputs in
                try map.allocations(inputs)
            }
        }
    }
}
