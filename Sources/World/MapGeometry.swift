public import JSONValues

/// The shape of one map: what is walkable, what it looks like, and where things start.
///
/// One map unit is one tile. Whole-number coordinates are tile centres: a position belongs to the tile
/// `floor(x + 0.5)`, `floor(y + 0.5)`. y grows downward.
public struct MapGeometry: Sendable, Equatable {
    /// The map's number, unique in the game.
    public var id: Int
    /// The map's name.
    public var name: String
    /// The column of the leftmost tile; negative on maps that grew to the left.
    public var originX: Int
    /// The row of the topmost tile.
    public var originY: Int
    /// Width in tiles.
    public var width: Int
    /// Height in tiles.
    public var height: Int
    /// Pixels a tile is wide, for clients.
    public var tileWidth: Int
    /// Pixels a tile is high, for clients.
    public var tileHeight: Int
    /// Row-major, `width * height`: whether a tile can't be walked on.
    public var blocked: [Bool]
    /// Row-major, `width * height`: the tiles where new players may appear, beside the start areas in ``spawns``.
    /// Empty when there are none.
    public var starts: [Bool]
    /// The visible tile layers, bottom first.
    public var layers: [TileLayer]
    /// Properties by global tile id.
    public var tileProperties: [Int: JSONObject]
    /// Entities and start places that the map file declares.
    public var spawns: [SpawnPoint]
    /// The map's own properties, such as a title.
    public var properties: JSONObject

    /// One visible layer.
    public struct TileLayer: Sendable, Equatable {
        /// The layer's name.
        public var name: String
        /// Row-major global tile ids; 0 is empty.
        public var tiles: [Int]
        /// How far the layer's picture is drawn to the right of its tiles, in pixels; at most half a tile either way.
        public var offsetX: Double
        /// How far the layer's picture is drawn below its tiles, in pixels; at most half a tile either way.
        public var offsetY: Double

        /// Makes a layer.
        ///
        /// - Parameters:
        ///   - name: The layer's name.
        ///   - tiles: Row-major global tile ids.
        ///   - offsetX: Pixels that the picture is moved to the right.
        ///   - offsetY: Pixels that the picture is moved down.
        public init(name: String, tiles: [Int], offsetX: Double = 0, offsetY: Double = 0) {
            self.name = name
            self.tiles = tiles
            self.offsetX = offsetX
            self.offsetY = offsetY
        }
    }

    /// An object of the map file: an entity to make at start, or a place where players appear.
    public struct SpawnPoint: Sendable, Equatable {
        /// The object's number in the map file.
        public var id: Int
        /// What to make; `players` marks a start place.
        public var kind: EntityKind
        /// The object's name.
        public var name: String
        /// The first column it covers.
        public var x: Double
        /// The first row it covers.
        public var y: Double
        /// Columns it covers, at least 1.
        public var width: Double
        /// Rows it covers, at least 1.
        public var height: Double
        /// The object's properties: entity fields (`prefab`, `side`, …) and components.
        public var properties: JSONObject

        /// Makes a spawn point.
        ///
        /// - Parameters:
        ///   - id: The object's number in the map file.
        ///   - kind: What to make.
        ///   - name: The object's name.
        ///   - x: The first column it covers.
        ///   - y: The first row it covers.
        ///   - width: Columns it covers.
        ///   - height: Rows it covers.
        ///   - properties: The object's properties.
        public init(
            id: Int, kind: EntityKind, name: String = "", x: Double, y: Double, width: Double = 1, height: Double = 1,
            properties: JSONObject = [:]
        ) {
            self.id = id
            self.kind = kind
            self.name = name
            self.x = x
            self.y = y
            self.width = width
            self.height = height
            self.properties = properties
        }
    }

    /// Makes a geometry.
    ///
    /// - Parameters:
    ///   - id: The map's number.
    ///   - name: The map's name.
    ///   - originX: The column of the leftmost tile.
    ///   - originY: The row of the topmost tile.
    ///   - width: Width in tiles.
    ///   - height: Height in tiles.
    ///   - tileWidth: Pixels a tile is wide.
    ///   - tileHeight: Pixels a tile is high.
    ///   - blocked: Row-major, `width * height`; `nil` means that all tiles are walkable.
    ///   - starts: Row-major, `width * height`: tiles where new players may appear; empty for none.
    ///   - layers: The visible tile layers.
    ///   - tileProperties: Properties by global tile id.
    ///   - spawns: What the map file declares.
    ///   - properties: The map's own properties.
    public init(
        id: Int, name: String, originX: Int = 0, originY: Int = 0, width: Int, height: Int, tileWidth: Int = 32,
        tileHeight: Int = 32, blocked: [Bool]? = nil, starts: [Bool] = [], layers: [TileLayer] = [],
        tileProperties: [Int: JSONObject] = [:], spawns: [SpawnPoint] = [],
        properties: JSONObject = [:]
    ) {
        self.id = id
        self.name = name
        self.originX = originX
        self.originY = originY
        self.width = width
        self.height = height
        self.tileWidth = tileWidth
        self.tileHeight = tileHeight
        self.blocked = blocked ?? Array(repeating: false, count: width * height)
        self.starts = starts
        self.layers = layers
        self.tileProperties = tileProperties
        self.spawns = spawns
        self.properties = properties
    }
}
