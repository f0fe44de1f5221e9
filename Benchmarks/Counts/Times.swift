/// What one thing takes of a thread's CPU time.
struct Time: Sendable {
    /// What is measured.
    let name: String
    /// Measures it, and says so with a unit.
    let measure: @Sendable () throws -> String

    /// Everything that is measured.
    static let all: [Time] = [
        // The server queues it, takes it from the queue when it is due, calculates its timeout and runs it.
        Time(name: "a due event with an empty body") { try event(.idle) },
        Time(name: "a due event that queues itself again") { try event(.empty) },
        Time(name: "a tick of 10,000 entities whose events sleep") {
            let idle = try CountedMap(npcs: 10_000, players: 1, clock: CountedMap.runningClock).nanoseconds()
            let asleep = try CountedMap(
                npcs: 10_000, routine: .asleep, players: 1, clock: CountedMap.runningClock
            ).nanoseconds()
            return "\(asleep.rounded()) ns, \(idle.rounded()) ns without events"
        },
        turn("objects.near with 9 found, of 1,000", "assert(#objects.near(100, 2, 1.8) == 9)", turns: 1000, npcs: 1000),
        turn("objects.near with 9 found, of 10,000", Case.near9, turns: 1000, npcs: 10_000),
        turn("objects.near with 497 found, of 10,000", Case.near497, turns: 100, npcs: 10_000),
        turn("objects.count of a kind, of 10,001", Case.kindCount, turns: 100, npcs: 10_000),
        turn("pairs(objects), each of 10,001", Case.pairs, turns: 10, npcs: 10_000, each: 10_001),
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

    private static func event(_ routine: CountedMap.Routine) throws -> String {
        let idle = try CountedMap(npcs: 1000, clock: CountedMap.runningClock).nanoseconds()
        let busy = try CountedMap(npcs: 1000, routine: routine, clock: CountedMap.runningClock).nanoseconds()
        return "\(((busy - idle) / 1000).rounded()) ns"
    }

    /// Measures what each turn of a script's loop takes, or each of so many things in a turn. The collection of its
    /// garbage is a part of it.
    private static func turn(_ name: String, _ body: String, turns: Int, npcs: Int, each: Int = 1) -> Time {
        Time(name: name) {
            let time = try CountedMap.turn(body, turns: turns, npcs: npcs, clock: CountedMap.runningClock) {
                map, inputs in
                try map.nanoseconds(ticks: 100) { _ in inputs() }
            }
            return "\((time / Double(each)).rounded()) ns"
        }
    }

    private static func walk(players: Int) throws -> String {
        let map = try CountedMap(npcs: 1000, routine: .walk, players: players, clock: CountedMap.runningClock)
        return "\((try map.nanoseconds() / 10_000).rounded() / 100) ms"
    }
}
