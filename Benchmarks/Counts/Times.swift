/// What one thing takes of a thread's CPU time.
struct Time: Sendable {
    /// What is measured.
    let name: String
    /// Measures it, and says so with a unit.
    let measure: @Sendable () throws -> String

    /// Everything that is measured.
    static let all: [Time] = [
        Time(name: "a due event that queues itself again") {
            let idle = try CountedMap(npcs: 1000, clock: CountedMap.runningClock).nanoseconds()
            let busy = try CountedMap(npcs: 1000, routine: .empty, clock: CountedMap.runningClock).nanoseconds()
            return "\(((busy - idle) / 1000).rounded()) ns"
        },
        Time(name: "a tick of 10,000 entities whose events sleep") {
            let idle = try CountedMap(npcs: 10_000, players: 1, clock: CountedMap.runningClock).nanoseconds()
            let asleep = try CountedMap(
                npcs: 10_000, routine: .asleep, players: 1, clock: CountedMap.runningClock
            ).nanoseconds()
            return "\(asleep.rounded()) ns, \(idle.rounded()) ns without events"
        },
        Time(name: "a tick of 1,000 NPCs that walk, without players") { try walk(players: 0) },
        Time(name: "a tick of 1,000 NPCs that walk, seen by 1 player") { try walk(players: 1) },
    ]

    private static func walk(players: Int) throws -> String {
        let map = try CountedMap(npcs: 1000, routine: .walk, players: players, clock: CountedMap.runningClock)
        return "\((try map.nanoseconds() / 10_000).rounded() / 100) ms"
    }
}
