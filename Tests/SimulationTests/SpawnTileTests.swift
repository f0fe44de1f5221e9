import GameFolder
import SimulationTestKit
import Testing
import World

@testable import Simulation

@Suite("New players appear on tiles with the property spawn [checklist 140]") struct SpawnTileTests {
    /// 4 × 2 tiles: spawn tiles in columns 1 and 3, a wall on one of them.
    private static func file(spawn: String, walls: String, objects: String = "") -> [String: String] {
        [
            "maps/1-field.tmj": """
            {"type":"map","orientation":"orthogonal","infinite":false,"width":4,"height":2,"tilewidth":32,"tileheight":32,
            "tilesets":[{"firstgid":1,"name":"t","tiles":[{"id":1,"properties":[{"name":"spawn","type":"bool","value":true}]}]}],
            "layers":[{"type":"tilelayer","name":"ground","width":4,"height":2,"data":[\(spawn)]},
            {"type":"tilelayer","name":"collision","width":4,"height":2,"data":[\(walls)]},
            {"type":"objectgroup","name":"o","objects":[\(objects)]}]}
            """
        ]
    }

    private func places(_ map: TestMap, players: Int = 60) throws -> [[Double]: Int] {
        var places: [[Double]: Int] = [:]
        for id in 1...players {
            map.join(id, x: nil, y: nil)
            let entity = try #require(map.entity("players_\(id)"))
            let record = try #require(map.simulation.world.record(of: entity))
            places[[record.x ?? -1, record.y ?? -1], default: 0] += 1
        }
        return places
    }

    @Test("on each of the walkable ones, and nowhere else")
    func tiles() throws {
        let map = try TestMap(Self.file(spawn: "1,2,1,2,1,2,1,1", walls: "0,0,0,1,0,0,0,0"))
        #expect(Set(try places(map).keys) == [[1, 0], [1, 1]])
        try map.change(Self.file(spawn: "1,1,1,2,1,1,1,1", walls: "0,0,0,0,0,0,0,0"))
        map.join(90, x: nil, y: nil)
        let entity = try #require(map.entity("players_90"))
        #expect(map.simulation.world.record(of: entity)?.x == 3, "the changed map counts at once")
    }

    @Test("beside an area for players they count as one place more")
    func both() throws {
        let start = #"{"id":1,"type":"players","x":0,"y":32,"width":32,"height":32}"#
        let map = try TestMap(Self.file(spawn: "1,1,1,2,1,1,1,2", walls: "0,0,0,0,0,0,0,0", objects: start))
        let found = try places(map, players: 100)
        #expect(Set(found.keys) == [[0, 1], [3, 0], [3, 1]])
        #expect((30...70).contains(found[[0, 1]] ?? 0), "\(found)")
    }

    @Test("when nobody can walk on any of them it is told, and players start anywhere")
    func walled() throws {
        let map = try TestMap(Self.file(spawn: "1,2,1,1,1,1,1,1", walls: "0,1,0,0,0,0,0,0"))
        #expect(map.errors.contains { $0.contains("can't appear on the tiles with spawn") }, "\(map.errors)")
        #expect(try places(map)[[1, 0]] == nil)
    }
}
