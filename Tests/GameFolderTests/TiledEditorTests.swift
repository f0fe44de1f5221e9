import Foundation
import GameFolder
import Testing
import World

@Suite("Maps made by the Tiled editor") struct TiledEditorTests {
    /// Exports `maps/1-field.tmx` and loads the folder.
    private func load(
        _ map: String, beside files: [String: String] = [:], _ options: [String] = []
    ) throws -> (MapGeometry?, [GameFolderProblem]) {
        let folder = try ScratchFolder(["maps/1-field.tmx": map])
        for (file, text) in files { try folder.write(file, text) }
        try TiledEditor.export("maps/1-field.tmx", to: "maps/1-field.tmj", in: folder, options)
        let (game, problems) = try GameFolder.load(directory: folder.path)
        return (game.maps.first { $0.id == 1 && $0.name == "field" }, problems)
    }

    /// 20 × 12 tiles, some of them mirrored and turned.
    static let tiles: [UInt32] = (0..<240).map { index in
        let tile = UInt32(index % 7)
        return tile == 0 ? 0 : tile | UInt32(index % 8) << 29
    }
    static let plainTiles = tiles.map { Int($0 & 0x0FFF_FFFF) }

    @Test("a finite map is the same in every tile layer format", arguments: [TileFormat.csv, .base64, .gzip, .zlib])
    func finite(format: TileFormat) throws {
        let layer = """
            <layer name="ground" width="20" height="12"><data \(format.attributes)>\(format.text(Self.tiles))</data></layer>
            """
        let (map, problems) = try load(tmx(width: 20, height: 12, layer))
        #expect(problems == [])
        #expect(
            map
                == MapGeometry(
                    id: 1, name: "field", width: 20, height: 12, tileWidth: 16, tileHeight: 16,
                    layers: [.init(name: "ground", tiles: Self.plainTiles)]))
    }

    @Test(
        "an infinite map is the same in every tile layer format, from its first chunk to its last",
        arguments: [TileFormat.csv, .base64, .gzip, .zlib])
    func infinite(format: TileFormat) throws {
        func chunk(_ x: Int, _ y: Int) -> String {
            let tiles = (0..<256).map { UInt32($0 + 1 + (x + y) & 0xFF) | 1 << 31 }
            return "<chunk x=\"\(x)\" y=\"\(y)\" width=\"16\" height=\"16\">\(format.text(tiles))</chunk>"
        }
        let layer = """
            <layer name="ground" width="20" height="12"><data \(format.attributes)>\(chunk(-16, -32))\(chunk(0, 0))</data></layer>
            <objectgroup name="o"><object id="3" type="players" x="-255" y="-511"><point/></object></objectgroup>
            """
        let (map, problems) = try load(tmx(width: 20, height: 12, isInfinite: true, layer))
        #expect(problems == [])
        let found = try #require(map)
        let shape: [Int] = [found.originX, found.originY, found.width, found.height]
        #expect(shape == [-16, -32, 32, 48])
        #expect(found.spawns == [.init(id: 3, kind: .players, x: -16, y: -32)])
        let tiles = try #require(found.layers.first?.tiles)
        for (x, y) in [(-16, -32), (0, 0)] {
            for place in [0, 15, 17, 255] {
                let index = (y + 32 + place / 16) * 32 + x + 16 + place % 16
                #expect(tiles[index] == place + 1 + (x + y) & 0xFF, "\(x) \(y) \(place)")
            }
        }
        #expect(tiles.count { $0 == 0 } == 32 * 48 - 512)
    }

    @Test("a map compressed with zstd is refused, and the error names the setting to change")
    func zstd() throws {
        let layer = """
            <layer name="ground" width="20" height="12"><data \(TileFormat.zstd.attributes)>\(TileFormat.zstd.text(Self.tiles))</data></layer>
            """
        let (map, problems) = try load(tmx(width: 20, height: 12, layer))
        #expect(map == nil)
        #expect(problems.count == 1)
        let message = try #require(problems.first?.message)
        for part in ["layer \"ground\"", "zstd", "Map > Map Properties > Tile Layer Format", "CSV"] {
            #expect(message.contains(part), "\(message)")
        }
    }

    @Test("a map without square tiles is refused with the reason", arguments: ["isometric", "staggered", "hexagonal"])
    func orientations(orientation: String) throws {
        let (map, problems) = try load(
            tmx(width: 2, height: 2, orientation: orientation, tmxLayer("ground", width: 2, height: 2)))
        #expect(map == nil)
        #expect(problems.map { $0.message.contains("\"\(orientation)\"; only orthogonal") } == [true])
    }

    @Test("layers in groups: order, hidden ones, what blocks, and offsets in whole tiles and in pixels")
    func layers() throws {
        func one(_ name: String, _ tile: UInt32, at index: Int, _ attributes: String = "", wall: Bool = false) -> String
        {
            var tiles = [UInt32](repeating: 0, count: 12)
            tiles[index] = tile
            let properties = "<properties><property name=\"walkable\" type=\"bool\" value=\"false\"/></properties>"
            return tmxLayer(
                name, width: 4, height: 3, tiles: tiles, attributes: attributes, properties: wall ? properties : "")
        }
        let content = """
            \(one("ground", 1, at: 0))
            <group name="outer" offsetx="16" offsety="16">
              <group name="inner" offsetx="6" offsety="-3">\(one("roof", 2, at: 0, "offsetx=\"16\""))</group>
              \(one("fence", 3, at: 1, wall: true))\(one("Collision", 4, at: 11, "offsety=\"-32\""))
              <objectgroup name="things" offsetx="16">
                <object id="1" type="animals" x="0" y="0"><point/></object></objectgroup>
            </group>
            <group name="hidden" visible="0">\(one("secret", 5, at: 3))\(one("wall", 6, at: 4, wall: true))</group>
            \(one("off the map", 7, at: 3, "offsetx=\"16\""))
            """
        let (map, problems) = try load(tmx(width: 4, height: 3, content))
        #expect(problems == [])
        let found = try #require(map)
        #expect(found.layers.map(\.name) == ["ground", "roof", "fence", "off the map"])
        #expect(found.layers.map(\.offsetX) == [0, 6, 0, 0])
        #expect(found.layers.map(\.offsetY) == [0, -3, 0, 0])
        #expect(found.layers.map { $0.tiles.firstIndex { $0 != 0 } } == [0, 6, 6, nil])
        // Blocked are the wall at 4 and the fence, which moved from 1 by 1, 1. The collision tile at 11 moved by 1, -1
        // and is off the map.
        #expect(found.blocked.indices.filter { found.blocked[$0] } == [4, 6])
        #expect(found.spawns == [.init(id: 1, kind: .animals, x: 2, y: 1)])
    }

    @Test("an infinite map grows by its layers' offsets")
    func infiniteOffset() throws {
        let chunk =
            "<chunk x=\"0\" y=\"0\" width=\"16\" height=\"16\">\(TileFormat.csv.text(Array(repeating: 1, count: 256)))</chunk>"
        let (map, problems) = try load(
            tmx(
                width: 2, height: 2, isInfinite: true,
                """
                <layer name="a" width="2" height="2"><data encoding="csv">\(chunk)</data></layer>
                <layer name="b" width="2" height="2" offsetx="-32"><data encoding="csv">\(chunk)</data></layer>
                """))
        #expect(problems == [])
        let found = try #require(map)
        let shape: [Int] = [found.originX, found.originY, found.width, found.height]
        #expect(shape == [-2, 0, 18, 16])
        let rows = found.layers.map { Array($0.tiles.prefix(18)) }
        #expect(
            rows == [
                [0, 0] + [Int](repeating: 1, count: 16), [Int](repeating: 1, count: 16) + [0, 0],
            ])
    }
}
