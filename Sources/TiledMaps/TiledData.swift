import FoundationEssentials
import JSONValues
import World

/// Reads the tile numbers of a layer or a chunk in each format that Tiled writes.
enum TiledData {
    /// Unpacks the `data` of `holder` (a layer or a chunk of it) with the encoding and compression of `layer`; throws
    /// when there are not exactly `count` tiles.
    static func tiles(
        of holder: TiledObject, packing layer: TiledObject, count: Int
    ) throws(TiledMap.Mistake) -> [Int] {
        switch holder.members["data"] {
        case .array(let elements):
            guard elements.count == count else {
                throw TiledMap.Mistake("\(holder.what) has \(elements.count) tiles; it must have \(count)")
            }
            var tiles: [Int] = []
            tiles.reserveCapacity(count)
            for element in elements {
                guard case .number(let number) = element, let tile = UInt32(exactly: number) else {
                    throw TiledMap.Mistake("\(holder.what) holds \(element.text), which is no tile number")
                }
                tiles.append(withoutFlips(tile))
            }
            return tiles
        case .string(let text):
            let bytes = try unpacked(text, of: holder, layer: layer, expected: count * 4)
            return (0..<count).map { index in
                let at = index * 4
                let tile =
                    UInt32(bytes[at]) | UInt32(bytes[at + 1]) << 8 | UInt32(bytes[at + 2]) << 16 | UInt32(bytes[at + 3])
                    << 24
                return withoutFlips(tile)
            }
        default:
            throw holder.wrong("data", "an array of tile numbers, or base64 text")
        }
    }

    private static func unpacked(
        _ text: String, of holder: TiledObject, layer: TiledObject, expected: Int
    ) throws(TiledMap.Mistake) -> [UInt8] {
        guard try layer.text("encoding", default: "") == "base64" else {
            throw layer.wrong("encoding", "\"base64\" for data that is text")
        }
        guard let packed = Data(base64Encoded: Data(text.utf8.filter { $0 > 0x20 })) else {
            throw TiledMap.Mistake("the data of \(holder.what) is no base64; export the map from Tiled again")
        }
        switch try layer.text("compression", default: "") {
        case "":
            guard packed.count == expected else {
                throw TiledMap.Mistake(
                    "\(holder.what) has \(packed.count) bytes of tile data; it must have \(expected)")
            }
            return Array(packed)
        case "zlib", "gzip":
            guard let bytes = inflated(Array(packed), expected: expected) else {
                throw TiledMap.Mistake(
                    "the packed data of \(holder.what) is damaged, or is not \(expected) bytes; export the map again")
            }
            return bytes
        case let other:
            throw TiledMap.Mistake(
                "the tiles of \(layer.what) are packed with \(other), which can't be read; choose CSV, or Base64 uncompressed, zlib or gzip compressed (Map > Map Properties > Tile Layer Format)"
            )
        }
    }

    /// Clears the highest four bits of a global tile id, which mirror and rotate the tile.
    static func withoutFlips(_ tile: UInt32) -> Int { Int(tile & 0x0FFF_FFFF) }
}
