import GameFolder
import SimulationTestKit
import Testing
import World

@testable import Simulation

@Suite("Start areas are clipped to the map and sampled [3-game-folder, maps]", .timeLimit(.minutes(5)))
struct StartAreaTests {
    /// 10 × 10 tiles with a wall in column 4, and one object.
    static func file(_ object: String) -> [String: String] {
        var tiles = Array(repeating: "0", count: 100)
        for row in 0..<10 { tiles[row * 10 + 4] = "1" }
        return [
            "maps/1-field.tmj": """
            {"type":"map","version":"1.8","orientation":"orthogonal","infinite":false,"width":10,"height":10,
            "tilewidth":32,"tileheight":32,"tilesets":[],"layers":[{"type":"tilelayer","name":"collision","id":1,
            "width":10,"height":10,"x":0,"y":0,"data":[\(tiles.joined(separator: ","))]},
            {"type":"objectgroup","name":"spawns","id":2,"objects":[{"id":1,"name":"start","type":"players",\(object)}]}]}
            """
        ]
    }

    @Test("with an area of 999,999,999 pixels the first player enters at once, on a free tile of the map")
    func huge() throws {
        let map = try TestMap(Self.file(#""x":96,"y":224,"width":999999999,"height":999999999"#))
        #expect(map.simulation.world.geometry.spawns.map(\.width) == [7])
        var places: Set<[Double]> = []
        for id in 1...300 {
            map.join(id, x: nil, y: nil)
            let entity = try #require(map.entity("players_\(id)"))
            let record = try #require(map.simulation.world.record(of: entity))
            places.insert([record.x ?? -1, record.y ?? -1])
        }
        var free: Set<[Double]> = []
        for x in [3.0, 5, 6, 7, 8, 9] { for y in [7.0, 8, 9] { free.insert([x, y]) } }
        #expect(places == free, "each free tile is taken by some of three hundred")
    }

    @Test("with an area without a walkable tile players start anywhere")
    func walled() throws {
        let map = try TestMap(Self.file(#""x":128,"y":0,"width":32,"height":320"#))
        map.join(1, x: nil, y: nil)
        let entity = try #require(map.entity("players_1"))
        let record = try #require(map.simulation.world.record(of: entity))
        #expect(record.x != 4)
    }

    @Test("an area that is set in code may lie anywhere")
    func anywhere() {
        let world = World(
            geometry: MapGeometry(id: 1, name: "m", originX: -2, originY: -3, width: 3, height: 2), seed: 3)
        #expect(world.randomPlace(x: 0, y: -2, width: 1e300, height: .infinity) ?? (9, 9) == (0, -2))
        #expect(world.randomPlace(x: -1e300, y: -1e300, width: 1e300, height: 1) == nil)
        #expect(world.randomPlace(x: .nan, y: 0, width: 1, height: 1) == nil)
        #expect(world.randomPlace(x: 1, y: -3, width: 5, height: 5) == nil)
        #expect(world.randomPlace(x: -.infinity, y: -3, width: .infinity, height: 1) == nil)
    }
}
