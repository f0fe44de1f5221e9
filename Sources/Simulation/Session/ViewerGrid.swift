import World

/// The circles that clients see, by the cells of a grid that they touch: finds the clients that see a position without
/// a look at the others.
///
/// There is a grid for each size of circles: a circle is in the grid whose cells are at least half as wide as its
/// radius, and less than that wide, so that it touches at most 36 cells, however large it is. Cells only make the
/// search short; what a client sees is exactly what its circle contains.
struct ViewerGrid {
    /// One client's view.
    private struct Viewer {
        /// The circle of the last message to the client.
        var sent: ViewCircle
        /// What it sees now.
        var now: ViewCircle
        /// The search that found it last.
        var search: UInt64 = 0
    }

    /// The circles of one size.
    private struct Level {
        /// The length of a cell's side, in tiles.
        let size: Double
        var viewerCount = 0
        var grid = SpatialGrid()

        mutating func insert(_ viewer: Int, _ circle: ViewCircle, except old: ViewCircle? = nil) {
            SpatialGrid.Cell.forEach(touchedBy: circle, size: size) { cell in
                if let old, cell.isTouched(by: old, size: size) { return }
                grid.insert(UInt32(viewer), into: cell)
            }
        }

        mutating func remove(_ viewer: Int, _ circle: ViewCircle, except kept: ViewCircle? = nil) {
            SpatialGrid.Cell.forEach(touchedBy: circle, size: size) { cell in
                if let kept, cell.isTouched(by: kept, size: size) { return }
                grid.remove(UInt32(viewer), from: cell)
            }
        }
    }

    private var viewers: [Viewer?] = []
    private var levels: [Level] = []
    private var search: UInt64 = 0
    /// How many circles were compared with a position, ever.
    private(set) var comparisons = 0

    /// The level of a circle: its cells are at least half as wide as the radius, and at least one tile.
    private static func level(of circle: ViewCircle) -> Int {
        var (level, size) = (0, 1.0)
        while size < circle.radius / 2 { (level, size) = (level + 1, size * 2) }
        return level
    }

    private mutating func makeLevel(_ level: Int) {
        while levels.count <= level { levels.append(Level(size: Double(1 << levels.count))) }
    }

    private func contains(_ viewer: Int) -> Bool { viewer < viewers.count && viewers[viewer] != nil }

    /// The circle of the last message to a client, and that of now.
    func circles(of viewer: Int) -> (sent: ViewCircle, now: ViewCircle)? {
        guard viewer < viewers.count else { return nil }
        return viewers[viewer].map { ($0.sent, $0.now) }
    }

    /// Gives a client the circle of the message that it gets now.
    mutating func insert(_ viewer: Int, _ circle: ViewCircle) {
        remove(viewer)
        if viewer >= viewers.count { viewers.append(contentsOf: repeatElement(nil, count: viewer + 1 - viewers.count)) }
        viewers[viewer] = Viewer(sent: circle, now: circle)
        let level = Self.level(of: circle)
        makeLevel(level)
        levels[level].insert(viewer, circle)
        levels[level].viewerCount += 1
    }

    /// Takes a client out.
    mutating func remove(_ viewer: Int) {
        guard contains(viewer) else { return }
        settle(viewer)
        guard let circle = viewers[viewer]?.now else { return }
        let level = Self.level(of: circle)
        levels[level].remove(viewer, circle)
        levels[level].viewerCount -= 1
        viewers[viewer] = nil
    }

    /// Changes what a client sees now; at most once before ``settle(_:)``. Until then searches find the client by both
    /// circles.
    mutating func move(_ viewer: Int, to circle: ViewCircle) {
        guard let (sent, now) = circles(of: viewer), sent == now, sent != circle else { return }
        let (old, new) = (Self.level(of: sent), Self.level(of: circle))
        makeLevel(new)
        levels[new].insert(viewer, circle, except: old == new ? sent : nil)
        levels[new].viewerCount += 1
        viewers[viewer]?.now = circle
    }

    /// Notes that a message with the circle of now was sent to a client.
    mutating func settle(_ viewer: Int) {
        guard let (sent, now) = circles(of: viewer), sent != now else { return }
        let (old, new) = (Self.level(of: sent), Self.level(of: now))
        levels[old].remove(viewer, sent, except: old == new ? now : nil)
        levels[old].viewerCount -= 1
        viewers[viewer]?.sent = now
    }

    /// Calls a closure for each client that saw an entity at its old position, or sees it at its new one.
    ///
    /// - Parameters:
    ///   - old: The position that clients have; `nil` for an entity that they don't have.
    ///   - new: The position now; `nil` for an entity that is gone.
    ///   - body: Gets a client, whether its circle of the last send contains the old position, and whether its circle
    ///     of now contains the new one. Must not use this grid.
    mutating func search(
        old: (x: Double, y: Double)?, new: (x: Double, y: Double)?,
        _ body: (_ viewer: Int, _ saw: Bool, _ sees: Bool) -> Void
    ) {
        search &+= 1
        for level in levels where level.viewerCount > 0 {
            let before = old.map { SpatialGrid.Cell(x: $0.x, y: $0.y, size: level.size) }
            let after = new.map { SpatialGrid.Cell(x: $0.x, y: $0.y, size: level.size) }
            if let before, let found = level.grid[before] { compare(found, old, new, body) }
            if let after, after != before, let found = level.grid[after] { compare(found, old, new, body) }
        }
    }

    /// Calls a closure for each client with a circle, in the order of their numbers.
    func forEach(_ body: (_ viewer: Int, _ sent: ViewCircle, _ now: ViewCircle) -> Void) {
        for (viewer, known) in viewers.enumerated() {
            if let known { body(viewer, known.sent, known.now) }
        }
    }

    private mutating func compare(
        _ found: [UInt32], _ old: (x: Double, y: Double)?, _ new: (x: Double, y: Double)?,
        _ body: (_ viewer: Int, _ saw: Bool, _ sees: Bool) -> Void
    ) {
        for viewer in found.lazy.map(Int.init) {
            // A client is in both cells, or by both of its circles in two grids.
            guard let known = viewers[viewer], known.search != search else { continue }
            viewers[viewer]?.search = search
            comparisons += 1
            let saw = old.map { known.sent.contains($0.x, $0.y) } ?? false
            let sees = new.map { known.now.contains($0.x, $0.y) } ?? false
            if saw || sees { body(viewer, saw, sees) }
        }
    }
}
