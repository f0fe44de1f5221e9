extension Case {
    /// What scripts do, each many times in one event.
    static let scripts: [Case] = [
        .turn("a number read, object.x", "local a = o.x", limit: 0),
        .turn("a number written, object.x", "o.x = i % 100", limit: 0),
        .turn("a text read, object.action", "local a = o.action", limit: 0),
        .turn("a text read, object.side", "local a = o.side", limit: 0),
        .turn("a text read, object.prefab", "local a = o.prefab", limit: 0),
        .turn("a text written, object.action", "o.action = i % 2 == 0 and 'walk' or 'stand'", limit: 0),
        .turn("a text written, object.side", "o.side = i % 2 == 0 and 'left' or 'right'", limit: 0),
        .turn("a text written, object.prefab", "o.prefab = i % 2 == 0 and 'Sheep' or 'Cow'", limit: 0),
        .turn("a component read, hp", "local a = o.components.hp", limit: 0),
        .turn("a component written, hp", "o.components.hp = i", limit: 0),
        .turn("a json component read, bag.n", "local a = o.components.bag.n", limit: 0),
        .turn("a json component written, bag.n", "o.components.bag.n = i", limit: 0),
        .turn("another entity, objects.animals_7.x", "local a = objects.animals_7.x", limit: 0),
        .turn("objects.near with 10 found", "assert(#objects.near(5.5, 0, 4.6) == 10)", limit: 0),
        .turn("objects.near with 9 found, of 10,000", Self.near9, turns: 100, npcs: 10_000, limit: 0),
        .turn("objects.near with 497 found, of 10,000", Self.near497, turns: 100, npcs: 10_000, limit: 5),
        .turn("pairs(objects) over 101", "for k, v in pairs(objects) do end", limit: 1),
        .turn("pairs(objects) over 10,001", Self.pairs, turns: 10, npcs: 10_000, limit: 1),
        .turn("objects.count of a kind, of 10,001", Self.kindCount, turns: 100, npcs: 10_000, limit: 0),
        .turn("events.add of the same event", "o.events.add('nothing', 'index')", limit: 0),
    ]

    /// Bodies of loops over many entities. The first two search among entities that stand one on each tile.
    static let near9 = "assert(#objects.near(100, 25, 1.8) == 9)"
    static let near497 = "assert(#objects.near(100, 25, 12.6) == 497)"
    static let kindCount = "assert(objects.count('animals') == 10000)"
    static let pairs = "for k, v in pairs(objects) do end"

    /// What ticks cost.
    static let ticks: [Case] = [
        Case(name: "a tick of 1,000 entities that do nothing", limit: 0) {
            try CountedMap(npcs: 1000).allocations()
        },
        Case(name: "a due event with an empty body", limit: 0) {
            let idle = try CountedMap(npcs: 1000).allocations()
            return (try CountedMap(npcs: 1000, routine: .idle).allocations() - idle) / 1000
        },
        Case(name: "a due event that queues itself again", limit: 0) {
            let idle = try CountedMap(npcs: 1000).allocations()
            return (try CountedMap(npcs: 1000, routine: .empty).allocations() - idle) / 1000
        },
        Case(name: "an NPC that walks, a dozen lines through proxies", limit: 0) {
            let idle = try CountedMap(npcs: 1000).allocations()
            return (try CountedMap(npcs: 1000, routine: .walk).allocations() - idle) / 1000
        },
        Case(name: "a tick of 10,000 entities whose events sleep", limit: 0) {
            try CountedMap(npcs: 10_000, routine: .asleep).allocations()
        },
        Case(name: "a tick of 1,000 idle players", limit: 1) {
            try CountedMap(players: 1000).allocations()
        },
        Case(name: "a tick of 1,000 idle players with a view", limit: 2) {
            try CountedMap(players: 1000, viewDistance: 2).allocations()
        },
        Case(name: "a step that 8 of 1,000 see, each of these", limit: 4.15) {
            let map = try CountedMap(players: 1000, viewDistance: 2)
            return try map.allocations { map.commands("step") } / 8
        },
        Case(name: "a command with an empty script, each of 100", limit: 2.1) {
            let map = try CountedMap(players: 100)
            let idle = try map.allocations()
            return (try map.allocations { map.commands("nothing", players: 100) } - idle) / 100
        },
        Case(name: "a command that moves its player, each of 100", limit: 2.1) {
            let map = try CountedMap(players: 100)
            let idle = try map.allocations()
            return (try map.allocations { map.commands("step", players: 100) } - idle) / 100
        },
        Case(name: "a number in a table, seen by 100 players", limit: 62.03, spread: growth) { try stack(patched: 0) },
        Case(name: "the same, and one of them takes patches", limit: 79.03, spread: growth) { try stack(patched: 1) },
        Case(name: "the same, and all of them take patches", limit: 77.03, spread: growth) { try stack(patched: 100) },
        Case(name: "one more receiver of a delta", limit: 0.02) {
            let (some, more) = (try CountedMap(players: 100), try CountedMap(players: 200))
            let base = try some.allocations { some.commands("step", players: 100) }
            return (try more.allocations { more.commands("step", players: 100) } - base) / 100
        },
    ]

    /// How much counts of tables differ: an array uses the whole block that malloc gave it, and how large a block is
    /// above what was asked for depends on what is free in the heap. So some arrays grow once less or more, and these
    /// limits are two above the most that was seen.
    private static let growth = 6.0

    /// What a tick allocates in which one number inside of a json component changes.
    private static func stack(patched: Int) throws -> Double {
        let map = try CountedMap(players: 100, patched: patched)
        let idle = try map.allocations()
        return try map.allocations { map.commands("stack") } - idle
    }
}
