import Glibc
import JSONValues
import World

/// The area that an object covers, in pixels from the map's origin.
struct TiledArea {
    /// An axis-aligned rectangle.
    struct Box: Equatable {
        var left: Double
        var top: Double
        var right: Double
        var bottom: Double
    }

    /// The smallest axis-aligned rectangle around the object.
    var box: Box
    /// Where a tile object stands: the middle of its lower edge, as a rectangle without size. `nil` for other objects.
    var foot: Box?

    /// - Parameters:
    ///   - object: The object, completed with its template's values.
    ///   - alignment: The `objectalignment` of the tileset, for an object that is drawn as a tile.
    ///   - offsetX: How many pixels its layer is moved to the right.
    ///   - offsetY: How many pixels its layer is moved down.
    /// - Throws: A mistake in the object.
    init(_ object: TiledObject, alignment: String?, offsetX: Double, offsetY: Double) throws(TiledMap.Mistake) {
        let x = try object.number("x") + offsetX
        let y = try object.number("y") + offsetY
        let width = try max(0, object.number("width", default: 0))
        let height = try max(0, object.number("height", default: 0))
        let isTile = object.members["gid"] != nil
        let anchor = isTile ? try Self.anchor(alignment ?? "") : (x: 0, y: 0)
        let (left, top) = (-anchor.x * width, -anchor.y * height)
        var corners = [(left, top), (left + width, top), (left, top + height), (left + width, top + height)]
        let drawn = try object.list("polygon") + object.list("polyline")
        if !drawn.isEmpty {
            corners = []
            for corner in drawn {
                let corner = try TiledObject(corner, "a corner of \(object.what)")
                corners.append(try (corner.number("x"), corner.number("y")))
            }
        }
        // The file's rotation is in degrees, clockwise around (x, y); y grows downward.
        let turn = try object.number("rotation", default: 0) * .pi / 180
        func turned(_ corner: (Double, Double)) -> (x: Double, y: Double) {
            (
                Self.settled(x + corner.0 * cos(turn) - corner.1 * sin(turn)),
                Self.settled(y + corner.0 * sin(turn) + corner.1 * cos(turn))
            )
        }
        let places = corners.map(turned)
        let (xs, ys) = (places.map(\.x), places.map(\.y))
        // There is always a corner: four of a rectangle, or those of the polygon or polyline.
        box = Box(left: xs.min() ?? x, top: ys.min() ?? y, right: xs.max() ?? x, bottom: ys.max() ?? y)
        if isTile {
            // Half a pixel above the lower edge: the edge itself belongs to the tiles below.
            let place = turned((left + max(width / 2 - 0.5, 0), top + max(height - 0.5, 0)))
            foot = Box(left: place.x, top: place.y, right: place.x, bottom: place.y)
        }
    }

    /// Rounds away the errors of sine and cosine: a rotation by 90 degrees must not reach over the edge of a tile.
    private static func settled(_ value: Double) -> Double { (value * 65_536).rounded() / 65_536 }

    /// The point of a tile object that lies at its x and y, as fractions of its width and height.
    private static func anchor(_ alignment: String) throws(TiledMap.Mistake) -> (x: Double, y: Double) {
        switch alignment {
        case "", "unspecified", "bottomleft": (0, 1)
        case "topleft": (0, 0)
        case "top": (0.5, 0)
        case "topright": (1, 0)
        case "left": (0, 0.5)
        case "center": (0.5, 0.5)
        case "right": (1, 0.5)
        case "bottom": (0.5, 1)
        case "bottomright": (1, 1)
        default:
            throw TiledMap.Mistake(
                "a tileset has the objectalignment \"\(alignment)\", which Tiled does not know; export it again")
        }
    }
}
