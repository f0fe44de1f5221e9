import JSONValues

extension MapGeometry {
    /// Names what clients get of the map: an HTTP entity tag in its quotes, the same for the same content.
    ///
    /// Entities and start places are not in it, as they are not in what clients get.
    ///
    /// - Complexity: O(tiles).
    public var contentTag: String {
        var hash = ContentHash()
        for number in [id, originX, originY, width, height, tileWidth, tileHeight] {
            hash.add(UInt64(bitPattern: Int64(number)))
        }
        hash.add(name.utf8)
        hash.add(UInt64(layers.count))
        for layer in layers {
            hash.add(layer.name.utf8)
            hash.add(layer.offsetX.bitPattern)
            hash.add(layer.offsetY.bitPattern)
            hash.add(UInt64(layer.tiles.count))
            for tile in layer.tiles { hash.add(UInt64(bitPattern: Int64(tile))) }
        }
        for (tile, properties) in tileProperties.sorted(by: { $0.key < $1.key }) {
            hash.add(UInt64(bitPattern: Int64(tile)))
            hash.add(JSON.object(properties).bytes)
        }
        hash.add(JSON.object(properties).bytes)
        for isBlocked in blocked { hash.add(isBlocked ? 1 : 0) }
        return "\"\(hash.text)\""
    }
}

/// A hash of 128 bits that distinguishes versions; a collision can be made on purpose.
private struct ContentHash {
    private var first: UInt64 = 0xcbf2_9ce4_8422_2325
    private var second: UInt64 = 0x6c62_272e_07bb_0142

    mutating func add(_ value: UInt64) {
        first = (first ^ value) &* 0x9e37_79b9_7f4a_7c15
        first ^= first >> 29
        second = (second &+ value) &* 0xbf58_476d_1ce4_e5b9
        second ^= second >> 32
    }

    /// Adds bytes and their number, so that two texts don't run into each other.
    mutating func add(_ bytes: some Sequence<UInt8>) {
        var count: UInt64 = 0
        for byte in bytes {
            add(UInt64(byte))
            count += 1
        }
        add(count)
    }

    /// 32 hexadecimal digits.
    var text: String { Self.hex(first) + Self.hex(second) }

    private static func hex(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
