import Testing
import World

@Suite("Space") struct SpaceTests {
    @Test("near gives the same entities as a search through all, nearest first", arguments: 0..<6 as Range<UInt64>)
    func nearAgainstAll(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let world = makeWorld()
        let span = [4.0, 60, 2000][Int(seed % 3)]
        func place() -> Double {
            let value = Double.random(in: -span...span, using: &random)
            return Bool.random(using: &random) ? value.rounded() : value
        }
        var handles: [EntityHandle] = []
        for id in 1...150 {
            let kind = EntityKind.allCases.randomElement(using: &random) ?? .objects
            handles.append(try world.spawn(kind, id, x: place(), y: place()))
        }
        for step in 0..<150 {
            for handle in handles.shuffled(using: &random).prefix(10) {
                world.set(.x, place(), slot: Int(handle.slot))
                world.set(.y, place(), slot: Int(handle.slot))
            }
            if step % 5 == 0 {
                world.remove(handles.removeFirst())
                handles.append(try world.spawn(.objects, 1000 + step, x: place(), y: place()))
            }
            let kind = Bool.random(using: &random) ? EntityKind.allCases.randomElement(using: &random) : nil
            let (x, y) = (place(), place())
            let radius = [0, 1, 8, 16, span, span * 3, .infinity].randomElement(using: &random) ?? 1
            let expected = world.entities.compactMap { handle -> (distance: Double, key: EntityKey, EntityHandle)? in
                let (dx, dy) = (
                    world.number(.x, slot: Int(handle.slot)) - x, world.number(.y, slot: Int(handle.slot)) - y
                )
                guard let key = world.key(of: handle), kind == nil || key.kind == kind else { return nil }
                return dx * dx + dy * dy <= radius * radius ? (dx * dx + dy * dy, key, handle) : nil
            }.sorted { ($0.distance, $0.key.kind.rawValue, $0.key.id) < ($1.distance, $1.key.kind.rawValue, $1.key.id) }
            #expect(world.near(x: x, y: y, radius: radius, kind: kind) == expected.map(\.2))
        }
    }

    @Test("an entity exactly at the radius is near; an entity just beyond is not")
    func border() throws {
        let world = makeWorld()
        let at = try world.spawn(.objects, 1, x: 16, y: 8)
        let beyond = try world.spawn(.objects, 2, x: 8, y: 16.000_001)
        #expect(world.near(x: 8, y: 8, radius: 8) == [at])
        #expect(world.near(x: 8, y: 8, radius: 8.1) == [at, beyond])
        #expect(world.near(x: 16, y: 8, radius: 0) == [at])
        #expect(world.near(x: 8, y: 8, radius: -1).isEmpty)
        #expect(world.near(x: .nan, y: 8, radius: 1).isEmpty)
        #expect(world.near(x: 8, y: 8, radius: .nan).isEmpty)
    }

    @Test("entities at extreme positions are found as well")
    func farAway() throws {
        let world = makeWorld()
        let far = try world.spawn(.objects, 1, x: 1e300, y: -1e300)
        #expect(world.near(x: 1e300, y: -1e300, radius: 1) == [far])
        #expect(world.near(x: 0, y: 0, radius: .infinity) == [far])
    }

    @Test("a position belongs to the tile whose centre is nearest: floor(x + 0.5)")
    func tiles() {
        let map = MapGeometry(id: 1, name: "m", originX: -3, originY: 10, width: 4, height: 2)
        #expect(map.tileIndex(x: -3, y: 10) == 0)
        #expect(map.tileIndex(x: -3.5, y: 9.5) == 0)
        #expect(map.tileIndex(x: -3.51, y: 10) == nil)
        #expect(map.tileIndex(x: -2.5, y: 10) == 1)
        #expect(map.tileIndex(x: 0.49, y: 11.49) == 7)
        #expect(map.tileIndex(x: 0.5, y: 11) == nil)
        #expect(map.tileIndex(x: .nan, y: 10) == nil)
        #expect(map.tileIndex(x: .infinity, y: 1e300) == nil)
        for index in 0..<8 {
            let centre = map.centre(of: index)
            #expect(map.tileIndex(x: centre.x, y: centre.y) == index)
        }
    }

    @Test("the nearest walkable place is the one that a search through all finds", arguments: 0..<12 as Range<UInt64>)
    func nearestWalkable(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let map = randomMap(
            seed: seed, width: 7 + Int(seed % 4) * 3, height: 9, wallShare: [0.5, 0.9, 0.97][Int(seed % 3)],
            originX: -4,
            originY: 3)
        for _ in 0..<200 {
            let reach = Bool.random(using: &random) ? 8.0 : 40
            let (x, y) = (
                Double.random(in: -reach...reach, using: &random), Double.random(in: -reach...reach, using: &random)
            )
            // For a position outside, the distance counts from the nearest point of the map.
            let clampedX = min(max(x, Double(map.originX) - 0.5), Double(map.originX + map.width) - 0.5)
            let clampedY = min(max(y, Double(map.originY) - 0.5), Double(map.originY + map.height) - 0.5)
            func distance(_ place: (x: Double, y: Double)) -> Double {
                (place.x - clampedX) * (place.x - clampedX) + (place.y - clampedY) * (place.y - clampedY)
            }
            let best = map.walkableTiles.map { distance(map.centre(of: Int($0))) }.min()
            let found = map.nearestWalkable(x: x, y: y)
            #expect(found.map(distance) == best)
            if let found { #expect(map.isWalkable(x: found.x, y: found.y)) }
        }
    }

    @Test("a map without a walkable tile has no nearest place, and any position may be asked for")
    func noNearest() throws {
        #expect(
            MapGeometry(id: 1, name: "m", width: 2, height: 1, blocked: [true, true]).nearestWalkable(x: 0, y: 0) == nil
        )
        #expect(MapGeometry(id: 1, name: "m", width: 0, height: 0).nearestWalkable(x: 0, y: 0) == nil)
        let map = MapGeometry(id: 1, name: "m", width: 3, height: 3)
        #expect(map.nearestWalkable(x: .nan, y: 0) == nil)
        let corner = try #require(map.nearestWalkable(x: 1e300, y: -.infinity))
        #expect(corner == (2, 0))
    }

    @Test("when the map changes, an entity that is now in a wall moves to the nearest place; a portal in a wall stays")
    func newShape() throws {
        let width = 6
        var blocked = Array(repeating: false, count: width * width)
        blocked[0] = true
        let world = makeWorld(width: width, height: width, blocked: blocked)
        let portal = try world.spawn(.objects, 1, x: 0, y: 0)
        let player = try world.spawn(.players, 1, x: 2, y: 2)
        let other = try world.spawn(.players, 2, x: 5, y: 5)
        blocked[2 * width + 2] = true
        blocked[2 * width + 1] = true
        blocked[1 * width + 2] = true
        let geometry = MapGeometry(id: 4, name: "meadow", width: width, height: width, blocked: blocked)
        #expect(world.apply(geometry) == 1)
        #expect(world.geometry == geometry)
        let record = try #require(world.record(of: player))
        let (x, y) = (try #require(record.x), try #require(record.y))
        #expect(abs(x - 2) + abs(y - 2) == 1 && geometry.isWalkable(x: x, y: y))
        #expect(world.record(of: portal)?.x == 0)
        #expect(world.record(of: other)?.x == 5)
        for _ in 0..<200 {
            let place = try #require(world.randomPlace())
            #expect(geometry.isWalkable(x: place.x, y: place.y))
        }
        #expect(world.apply(geometry) == 0)
    }
}
