/// One thing that is counted.
struct Case: Sendable {
    /// What is counted, and for what each.
    let name: String
    /// Allocations that one may cost; the count on the machine of the project. A change that allocates more is either
    /// mended or raises it, and one that allocates less lowers it.
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
