import JSONValues
import Testing
import World

@Suite("Entities") struct EntityTests {
    @Test("a removed entity's handle stays invalid, also when its slot is used again")
    func generations() throws {
        let world = makeWorld()
        let first = try world.spawn(.enemys, 1)
        world.remove(first)
        #expect(!world.isAlive(first))
        let second = try world.spawn(.enemys, 2)
        #expect(second.slot == first.slot)
        #expect(second.generation != first.generation)
        #expect(!world.isAlive(first))
        #expect(world.isAlive(second))
        #expect(world.key(of: first) == nil)
        #expect(world.record(of: first) == nil)
        #expect(world.remove(first) == nil)
        #expect(world.count == 1)
    }

    @Test("a reused slot has no data of its former entity")
    func cleanSlot() throws {
        let world = makeWorld()
        let old = try world.spawn(.players, 1, x: 9, y: 8)
        try world.setComponent("hp", to: .number(77), of: old)
        try world.setComponent("title", to: .string("king"), of: old)
        try world.setComponent("bag", to: .array([.number(1)]), of: old)
        try world.addEvent(group: "move", event: "up", to: old, now: 10)
        world.remove(old)
        let fresh = try world.spawn(.players, 2)
        let record = try #require(world.record(of: fresh))
        #expect(
            record
                == EntityRecord(
                    key: EntityKey(.players, 2), mapID: 4, x: 1, y: 1,
                    components: ["hp": .number(5), "title": .string("novice"), "bag": .array([])]))
        #expect(world.nextDueTime() == nil)
    }

    @Test("slots are reused: a thousand entities that are added and removed one by one do not make the world larger")
    func reuse() throws {
        let world = makeWorld()
        for id in 1...1000 { world.remove(try world.spawn(.objects, id)) }
        #expect(world.slots.capacity == 64)
        #expect(world.entities.isEmpty)
    }

    @Test("a random history leaves exactly the entities that were not removed", arguments: 0..<4 as Range<UInt64>)
    func history(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let world = makeWorld(maxEntities: 300)
        var living: [(key: EntityKey, handle: EntityHandle)] = []
        var dead: [EntityHandle] = []
        for id in 1...3000 {
            if let index = living.indices.randomElement(using: &random),
                living.count == 300 || Int.random(in: 0..<5, using: &random) < 2
            {
                let (key, handle) = living.remove(at: index)
                #expect(world.remove(handle)?.key == key)
                dead.append(handle)
            } else {
                let kind = EntityKind.allCases.randomElement(using: &random) ?? .objects
                living.append((EntityKey(kind, id), try world.spawn(kind, id)))
            }
        }
        #expect(world.count == living.count)
        for kind in EntityKind.allCases {
            #expect(world.count(of: kind) == living.count { $0.key.kind == kind })
        }
        #expect(Set(world.entities) == Set(living.map(\.handle)))
        #expect(world.entities.map(\.slot) == world.entities.map(\.slot).sorted())
        for (key, handle) in living {
            #expect(world[key] == handle)
            #expect(world.key(of: handle) == key)
        }
        #expect(dead.allSatisfy { !world.isAlive($0) })
        #expect(world.slots.capacity <= 300)
    }

    @Test("a full map refuses the next entity with its bound, and accepts one again after a removal")
    func full() throws {
        let world = makeWorld(maxEntities: 3)
        let handles = try (1...3).map { try world.spawn(.objects, $0) }
        let error = #expect(throws: WorldError.self) { try world.spawn(.objects, 4) }
        #expect(error == .full(limit: 3))
        world.remove(handles[1])
        try world.spawn(.objects, 4)
        #expect(world.count == 3)
    }

    @Test("a key is on a map only once; entities of different kinds may have the same id [M6.1]")
    func duplicate() throws {
        let world = makeWorld()
        try world.spawn(.players, 24)
        let error = #expect(throws: WorldError.self) { try world.spawn(.players, 24) }
        #expect(error == .duplicate(EntityKey(.players, 24)))
        try world.spawn(.enemys, 24)
        #expect(world.count == 2)
    }

    @Test("a handle made by hand never matches a free or unknown slot")
    func forgedHandles() throws {
        let world = makeWorld()
        world.remove(try world.spawn(.objects, 1))
        #expect(!world.isAlive(EntityHandle(slot: 5000, generation: 1)))
        #expect(!world.isAlive(EntityHandle(slot: 3, generation: 0)))
        #expect(!world.isAlive(EntityHandle(slot: 0, generation: 2)))
    }

    @Test("\"missing, not walkable or off the map: a random walkable place\" [M9.6]")
    func randomPlacement() throws {
        let map = randomMap(seed: 3, width: 12, height: 9, wallShare: 0.6, originX: -5, originY: -3)
        let world = World(geometry: map, schema: sampleSchema)
        let wall = try #require(map.blocked.firstIndex(of: true))
        let places: [(Double?, Double?)] = [
            (nil, nil), (0, nil), (nil, 0), (500, 500), (-1e300, 2), (.nan, 1), (1, .infinity),
            (map.centre(of: wall).x, map.centre(of: wall).y),
        ]
        for (index, place) in places.enumerated() {
            let record = EntityRecord(key: EntityKey(.enemys, index + 1), mapID: 1, x: place.0, y: place.1)
            let stored = try #require(world.record(of: try world.add(record).entity))
            #expect(map.isWalkable(x: try #require(stored.x), y: try #require(stored.y)), "\(place)")
        }
        let exact = EntityRecord(key: EntityKey(.objects, 1), mapID: 1, x: 500, y: -7.5)
        let kept = world.record(of: try world.add(exact, placement: .exact).entity)
        #expect(kept?.x == 500 && kept?.y == -7.5)
        let near = EntityRecord(key: EntityKey(.objects, 2), mapID: 1, x: 500, y: -7.5)
        let moved = world.record(of: try world.add(near, placement: .nearest).entity)
        let nearest = try #require(map.nearestWalkable(x: 500, y: -7.5))
        #expect(moved?.x == nearest.x && moved?.y == nearest.y)
    }

    @Test("a walkable place is kept as given, fractions too")
    func keptPlace() throws {
        let world = makeWorld()
        let record = EntityRecord(key: EntityKey(.players, 1), mapID: 4, x: 3.25, y: 7.4999)
        let stored = world.record(of: try world.add(record).entity)
        #expect(stored?.x == 3.25 && stored?.y == 7.4999)
    }

    @Test("a map without a walkable tile refuses entities with an error that says so")
    func nowhere() throws {
        let world = makeWorld(width: 2, height: 2, blocked: [true, true, true, true])
        let error = #expect(throws: WorldError.self) {
            try world.add(EntityRecord(key: EntityKey(.players, 1), mapID: 4))
        }
        #expect(error == .nowhereToStand(map: "4 (meadow)"))
        #expect(world.count == 0)
        #expect(world[EntityKey(.players, 1)] == nil)
    }

    @Test("height and order of a record that are not finite become 0, so that columns hold numbers only")
    func notFinite() throws {
        let world = makeWorld()
        var record = EntityRecord(key: EntityKey(.players, 1), mapID: 4, x: 1, y: 1)
        record.z = .nan
        record.sort = .infinity
        let (entity, problems) = try world.add(record)
        #expect(world.record(of: entity)?.z == 0)
        #expect(world.record(of: entity)?.sort == 0)
        #expect(problems.count == 2)
    }

    @Test("the same seed gives the same places, another seed others")
    func seeds() {
        func places(_ seed: UInt64) -> [Double] {
            let world = makeWorld(width: 100, height: 100, seed: seed)
            return (0..<20).compactMap { _ in world.randomPlace().map { $0.x * 100 + $0.y } }
        }
        #expect(places(7) == places(7))
        #expect(places(7) != places(8))
    }

    @Test("random places are walkable and reach every walkable tile")
    func randomPlaces() {
        let map = randomMap(seed: 11, width: 8, height: 6, wallShare: 0.5, originX: -3, originY: 20)
        let world = World(geometry: map)
        var seen: Set<Int> = []
        for _ in 0..<2000 {
            guard let place = world.randomPlace(), let tile = map.tileIndex(x: place.x, y: place.y) else { continue }
            seen.insert(tile)
        }
        #expect(seen == Set(map.blocked.indices.filter { !map.blocked[$0] }))
    }

    @Test(
        "a key is read from exactly the text in which it is written [M6.1]",
        arguments: [
            ("players_24", EntityKey(.players, 24)), ("enemys_1", EntityKey(.enemys, 1)), ("players_0", nil),
            ("players_-3", nil), ("players_+3", nil), ("players_007", nil), ("players_", nil), ("_1", nil),
            ("Players_1", nil), ("players_1 ", nil), ("players_99999999999999999999", nil), ("", nil),
            ("24_players", nil),
        ])
    func keys(text: String, key: EntityKey?) {
        #expect(EntityKey(text) == key)
        if let key { #expect(key.description == text) }
    }
}
