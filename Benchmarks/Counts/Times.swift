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
        Time(name: "a tick in which 167 of 1,000 players move, view 7") { try moves(players: 1000) },
        Time(name: "a tick in which 833 of 5,000 players move, view 7") { try moves(players: 5000) },
    ]

    /// Each player moves five times a second, and sees nine.
    private static func moves(players: Int) throws -> String {
        let map = try CountedMap(players: players, viewDistance: 7, spacing: 4, clock: CountedMap.runningClock)
        let nanoseconds = try map.nanoseconds { tick in
            map.commands(tick / 6 % 2 == 0 ? "step" : "back", players: players / 6, from: players / 6 * (tick % 6))
        }
        let each = (nanoseconds / Double(players / 6)).rounded() / 1000
        return "\((nanoseconds / 10_000).rounded() / 100) ms, \(each) us a move"
    }

    private static func walk(players: Int) throws -> String {
        let map = try CountedMap(npcs: 1000, routine: .walk, players: players, clock: CountedMap.runningClock)
        return "\((try map.nanoseconds() / 10_000).rounded() / 100) ms"
    }
}
