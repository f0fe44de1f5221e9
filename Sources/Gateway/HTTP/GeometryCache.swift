package import JSONValues
package import NIOCore
import Synchronization
package import World

/// A cache of map geometries as JSON with their entity tags, encoded once per geometry [M3.8].
///
/// Any thread may call it.
package final class GeometryCache: Sendable {
    /// One encoded geometry.
    package struct Entry: Sendable {
        /// The JSON in UTF-8; all answers share this buffer.
        package var bytes: ByteBuffer
        /// A strong entity tag in its quotes, the one that clients are told when the geometry changes.
        package var tag: String
        fileprivate var geometry: MapGeometry
    }

    private let entries = Mutex<[Int: Entry]>([:])

    /// Makes an empty cache.
    package init() {}

    /// The encoded form of a geometry.
    ///
    /// - Parameter geometry: The geometry.
    /// - Returns: The cached entry if the map's geometry is still the same, else a new one.
    /// - Complexity: O(1) while the geometry shares its storage with the last call's, else O(tiles).
    package func entry(for geometry: MapGeometry) -> Entry {
        if let known = entries.withLock({ $0[geometry.id] }), known.geometry == geometry { return known }
        let entry = Entry(
            bytes: ByteBuffer(bytes: geometry.json.bytes), tag: geometry.contentTag, geometry: geometry)
        entries.withLock { $0[geometry.id] = entry }
        return entry
    }
}

extension MapGeometry {
    /// The geometry as clients get it.
    ///
    /// - Complexity: O(tiles).
    package var json: JSON {
        var tiles = JSONObject()
        for (id, properties) in tileProperties.sorted(by: { $0.key < $1.key }) {
            tiles.append(unique: "\(id)", .object(properties))
        }
        return .object([
            "map_id": Self.number(id), "name": .string(name), "x": Self.number(originX),
            "y": Self.number(originY), "width": Self.number(width), "height": Self.number(height),
            "tile_width": Self.number(tileWidth), "tile_height": Self.number(tileHeight),
            "layers": .array(
                layers.map { layer in
                    var members: JSONObject = ["name": .string(layer.name)]
                    // Most layers have no offset, so zero offsets are left out.
                    if layer.offsetX != 0 { members["offset_x"] = .number(layer.offsetX) }
                    if layer.offsetY != 0 { members["offset_y"] = .number(layer.offsetY) }
                    members["data"] = .array(layer.tiles.map(Self.number))
                    return .object(members)
                }),
            "tiles": .object(tiles), "properties": .object(properties),
            "blocked": .array(blocked.map { .number($0 ? 1 : 0) }),
        ])
    }

    private static func number(_ value: Int) -> JSON { .number(Double(value)) }
}
