import JSONValues
import Testing
import World

@Suite("Records") struct RecordTests {
    private let full = EntityRecord(
        key: EntityKey(.players, 24), login: "ann", mapID: 4, prefab: "Player", x: 3.5, y: 7, z: 2, sort: -1,
        side: "left", action: "walk", created: 1_668_106_433, spawnID: 9,
        components: [
            "hp": .number(2), "title": .null,
            "bag": .object(["list": .array([.number(1), .null, .string("x")]), "empty": .array([])]),
        ],
        events: [
            "move": EventRecord(
                action: "to", data: .object(["x": .number(1), "y": .number(2)]), commandID: 1_670_069_589_900,
                time: 1_670_069_589.9),
            "regen": EventRecord(time: 12.5),
        ])

    @Test("a record that is added and read again is the same, in another world too")
    func roundTrip() throws {
        let world = makeWorld()
        let (entity, problems) = try world.add(full, now: 10)
        #expect(problems.isEmpty)
        #expect(world.record(of: entity) == full)
        let removed = try #require(world.remove(entity))
        #expect(removed == full)
        let other = makeWorld()
        #expect(other.record(of: try other.add(removed, now: 10).entity) == full)
    }

    @Test("random records survive the round trip", arguments: 0..<5 as Range<UInt64>)
    func randomRoundTrips(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let world = makeWorld()
        for id in 1...100 {
            var record = EntityRecord(key: EntityKey(.animals, id), mapID: 4, x: 1, y: 1, z: Double(id) / 7)
            let numbers: [JSON] = [.null, .number(0), .number(Double.random(in: -9...9, using: &random))]
            record.components = [
                "hp": numbers.randomElement(using: &random) ?? .null, "title": .string("t\(id % 5)"), "mood": .null,
                "bag": [JSON.null, .array([]), .object([:]), .array([.object(["n": .number(1)])])]
                    .randomElement(using: &random) ?? .null,
            ]
            if Bool.random(using: &random) {
                record.events["move"] = EventRecord(action: "up", time: Double.random(in: 0...99, using: &random))
            }
            if Bool.random(using: &random) { record.events["regen"] = EventRecord(time: 1e9) }
            let (entity, problems) = try world.add(record, now: 50)
            #expect(problems.isEmpty)
            #expect(world.record(of: entity) == record)
            if Bool.random(using: &random) { #expect(world.remove(entity) == record) }
        }
    }

    @Test("a restored event waits for its time, or runs at once when that is in the past")
    func restoredEvents() throws {
        let world = makeWorld()
        for (id, time) in [(1, 100.0), (2, 5), (3, 0)] {
            let record = EntityRecord(
                key: EntityKey(.enemys, id), mapID: 4, x: 1, y: 1,
                events: ["move": EventRecord(action: "up", time: time)])
            _ = try world.add(record, now: 50)
        }
        #expect(world.runDue(now: 51).map(\.at) == [51, 51])
        #expect(world.nextDueTime() == 100)
        #expect(world.runDue(now: 101).map(\.at) == [100])
    }

    @Test("values that no longer fit get their default or are dropped, and each is named")
    func problems() throws {
        let world = makeWorld()
        var record = EntityRecord(key: EntityKey(.enemys, 1), mapID: 4, x: 1, y: 1)
        record.components = ["hp": .string("many"), "title": .number(3)]
        record.events = [
            "move": EventRecord(action: "fly", time: 7),
            "regen": EventRecord(action: "index", data: .object(["mana": .null])),
            "gone": EventRecord(action: "index"), "idleAndGone": EventRecord(time: 3),
        ]
        let (entity, problems) = try world.add(record)
        #expect(problems.count == 5, "\(problems)")
        #expect(problems.allSatisfy { $0.hasPrefix("enemys_1: ") })
        for word in ["'hp'", "'title'", "'fly'", "'mana'", "gone/index"] {
            #expect(problems.contains { $0.contains(word) }, "\(word)")
        }
        let stored = try #require(world.record(of: entity))
        #expect(stored.components["hp"] == .number(5))
        #expect(stored.components["title"] == .string("novice"))
        #expect(stored.events == ["move": EventRecord(time: 7), "regen": EventRecord()])
        #expect(world.nextDueTime() == nil)
    }

    @Test("a stored time that is negative or not finite becomes 0, so that no event waits for ever")
    func brokenTime() throws {
        let world = makeWorld()
        for (id, time) in [(1, Double.nan), (2, -5), (3, .infinity)] {
            let record = EntityRecord(
                key: EntityKey(.enemys, id), mapID: 4, x: 1, y: 1,
                events: ["move": EventRecord(action: "up", time: time)])
            _ = try world.add(record, now: 50)
        }
        #expect(world.runDue(now: 51).count == 3)
    }

    @Test("values of components that are not declared are kept with the record [3-game-folder.md]")
    func undeclaredValues() throws {
        let world = makeWorld()
        var record = full
        record.components["wings"] = .object(["left": .number(1)])
        record.components["mood"] = .string("for animals only")
        let (entity, problems) = try world.add(record)
        #expect(problems.isEmpty)
        #expect(world.component("wings", of: entity) == nil)
        #expect(world.record(of: entity) == record)
    }

    @Test("the store gets the changes since the last time, and the entities that were removed for good")
    func unsaved() throws {
        let world = makeWorld()
        let first = try world.spawn(.enemys, 1)
        let second = try world.spawn(.enemys, 2)
        let third = try world.spawn(.enemys, 3)
        #expect(world.takeUnsaved().records.map(\.key.id) == [1, 2, 3])
        world.markAllSent()
        _ = world.takeUnsaved()
        #expect(world.takeUnsaved().records.isEmpty)
        world.set(.x, 9, slot: Int(second.slot))
        try world.addEvent(group: "move", event: "up", to: third, now: 1)
        let changed = world.takeUnsaved()
        #expect(changed.records.map(\.key.id) == [2, 3])
        #expect(changed.records.first?.x == 9)
        #expect(changed.records.last?.events["move"]?.action == "up")
        world.markChangesSent()
        _ = world.takeUnsaved()
        world.set(.x, 10, slot: Int(first.slot))
        world.markChangesSent()
        world.remove(first)
        world.remove(second, isKept: true)
        world.remove(third, movedTo: 5)
        let removed = world.takeUnsaved()
        #expect(removed.records.isEmpty)
        #expect(removed.removed == [EntityKey(.enemys, 1)])
        #expect(world.takeUnsaved().removed.isEmpty)
    }

    @Test("an entity that was removed and added again is written and not deleted")
    func removedAndBack() throws {
        let world = makeWorld()
        world.remove(try world.spawn(.enemys, 1))
        try world.spawn(.enemys, 1)
        let (records, removed) = world.takeUnsaved()
        #expect(records.map(\.key.id) == [1])
        #expect(removed.isEmpty)
    }
}
