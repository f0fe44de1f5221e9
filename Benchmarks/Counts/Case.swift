/// One thing that is counted.
struct Case: Sendable {
    /// What is counted, and for what each.
    let name: String
    /// The most allocations that one may cost: what it costs now, so a change that allocates more fails. A change that
    /// allocates less lowers the limit.
    let limit: Double
    /// Counts it.
    let count: @Sendable () throws -> Double

    /// Counts what each turn of a script's loop costs: a tick with the loop less one with an empty loop.
    static func turn(_ name: String, _ body: String, limit: Double) -> Case {
        Case(name: name, limit: limit) {
            let map = try CountedMap(loops: ["body": body, "empty": ""], npcs: 100, players: 1)
            let empty = try map.allocations { map.commands("loop", "empty") }
            return (try map.allocations { map.commands("loop", "body") } - empty) / Double(CountedMap.turns)
        }
    }
}
