import Testing

@testable import World

@Suite("\"lifeRadius limits processing\" [checklist 63], for a program that uses the library alone")
struct SleepingTests {
    private static let schema = Schema(groups: [
        EventGroupDefinition(
            name: "graze", lifeRadius: 20, events: [EventDefinition(name: "index"), EventDefinition(name: "rest")]),
        EventGroupDefinition(name: "see", lifeRadius: 40, events: [EventDefinition(name: "index")]),
        EventGroupDefinition(name: "free", events: [EventDefinition(name: "index")]),
    ])
    private let world = makeWorld(schema: Self.schema, width: 300, height: 300)

    /// Runs what is due and returns the events as `GROUP KEY`.
    private func run(now: Double) -> [String] {
        var ran: [String] = []
        world.runDueEvents(now: now) { event in
            ran.append("\(world.names(of: event).group) \(world.key(of: event.entity)?.description ?? "")")
        }
        return ran
    }

    @Test("an event runs once a player is near enough, and not before", arguments: [false, true])
    func waits(collects: Bool) throws {
        let sheep = try world.spawn(.animals, 1, x: 50, y: 5)
        let player = try world.spawn(.players, 1, x: 5, y: 5)
        try world.addEvent(group: "graze", to: sheep, now: 1)
        try world.addEvent(group: "free", to: sheep, now: 1)
        #expect(run(now: 1) == ["free animals_1"])
        #expect(world.nextDueTime() == nil)
        try world.move(player, toX: 29.9, y: 5)
        // The changes say who moved; the event runs also when they were collected in between.
        if collects { _ = world.collectChanges() }
        #expect(run(now: 2) == [])
        try world.move(player, toX: 30, y: 5)
        if collects { _ = world.collectChanges() }
        #expect(world.nextDueTime() == 0, "a program that waits for this time learns that the event can run")
        #expect(run(now: 3) == ["graze animals_1"])
        #expect(world.sleepers.count == 0)
    }

    @Test("a player that is added, or to whom the entity comes, wakes it; one that is removed does not keep it awake")
    func comesAndGoes() throws {
        let sheep = try world.spawn(.animals, 1, x: 50, y: 50)
        try world.addEvent(group: "graze", to: sheep, now: 1)
        #expect(run(now: 1) == [])
        let player = try world.spawn(.players, 1, x: 55, y: 50)
        #expect(run(now: 2) == ["graze animals_1"])
        world.remove(player)
        try world.addEvent(group: "graze", to: sheep, now: 2)
        #expect(run(now: 3) == [])
        try world.spawn(.players, 2, x: 200, y: 50)
        #expect(run(now: 4) == [])
        try world.move(sheep, toX: 190, y: 50)
        #expect(run(now: 5) == ["graze animals_1"])
    }

    @Test("an error leaves those whose turn has not come pending, also with sleepers among them")
    func error() throws {
        struct Stop: Error {}
        let near = try world.spawn(.animals, 1, x: 5, y: 5)
        let far = try world.spawn(.animals, 2, x: 200, y: 5)
        let player = try world.spawn(.players, 1, x: 5, y: 5)
        for entity in [far, near] { try world.addEvent(group: "graze", to: entity, now: 1) }
        try world.addEvent(group: "free", to: near, now: 1)
        #expect(throws: Stop.self) { try world.runDueEvents(now: 1) { _ in throw Stop() } }
        #expect(run(now: 2) == ["graze animals_1"], "free ran before it")
        try world.move(player, toX: 200, y: 6)
        #expect(run(now: 3) == ["graze animals_2"])
    }

    @Test("an entity is listed as a sleeper exactly as long as an event of it waits for a player")
    func leavesList() throws {
        let sheep = try world.spawn(.animals, 1, x: 50, y: 50)
        let (slot, graze) = (Int(sheep.slot), try world.groupIndex("graze"))
        try world.addEvent(group: "graze", to: sheep, now: 1)
        try world.addEvent(group: "see", to: sheep, now: 1)
        _ = run(now: 1)
        #expect(world.sleepers.count == 1)
        world.clearEvent(slot: slot, group: graze)
        #expect(world.sleepers.count == 1, "another event waits")
        world.clearEvent(slot: slot, group: try world.groupIndex("see"))
        #expect(world.sleepers.count == 0)
        try world.addEvent(group: "graze", to: sheep, now: 2)
        _ = run(now: 2)
        world.setEventTime(9, slot: slot, group: graze, now: 2)
        #expect(world.sleepers.count == 0, "it waits for its time first")
        #expect(world.nextDueTime() == 9)
        _ = run(now: 9)
        try world.addEvent(group: "graze", event: "rest", to: sheep, now: 9)
        #expect(world.sleepers.count == 0, "another event took its place and is due")
        _ = run(now: 10)
        #expect(world.sleepers.count == 1)
        world.unpark(now: 10) { _, _ in true }
        #expect(world.sleepers.count == 0)
    }

    @Test("events that are added to sleepers and removed, thousands of times, leave nothing behind")
    func addedAndRemoved() throws {
        let sheep = try (1...100).map { try world.spawn(.animals, $0, x: Double($0), y: 200) }
        try world.spawn(.players, 1, x: 5, y: 5)
        let graze = try world.groupIndex("graze")
        for round in 1...200 {
            let now = Double(round)
            for entity in sheep {
                try world.addEvent(group: "graze", to: entity, now: now)
                try world.addEvent(group: "graze", event: "rest", to: entity, now: now)
            }
            #expect(run(now: now) == [])
            #expect(world.sleepers.count == 100)
            for entity in sheep { world.clearEvent(slot: Int(entity.slot), group: graze) }
            #expect(world.sleepers.count == 0 && world.queue.pendingCount == 0)
            #expect(world.queue.entryCount <= 64 + 2 * 100)
            #expect(world.nextDueTime() == nil)
            _ = world.collectChanges()
        }
        #expect(world.sleepers.examined == 0)
    }
}
