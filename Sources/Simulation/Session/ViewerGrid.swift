/// The circles that clients see, by the cells of a grid that they touch: finds the clients that see a position without
/// a look at the others.
///
/// There is a grid for each size of circles: a circle is in the grid whose cells are at least half as wide as its
/// radius, and less than that wide, so that it touches at most 36 cells, however large it is. Cells only make the
/// search short; what a client sees is exactly what its circle contains.
struct ViewerGrid {
    /// One client's view.
    private struct Viewer {
        /// What the client was told of, up to the last send.
        var told: ViewCircle
        /// What it sees now.
        var now: ViewCircle
        /// The search that found it last.
        var search: UInt64 = 0
    }

    /// The cells of one size.
    private struct Level {
        let size: Double
        var viewerCount = 0
        var cells: [ViewCell: [Int32]] = [:]

        mutating func insert(_ viewer: Int, _ circle: ViewCircle, except old: ViewCircle? = nil) {
            ViewCell.forEach(touchedBy: circle, size: size) { cell in
                if let old, cell.isTouched(by: old, size: size) { return }
                cells[cell, default: []].append(Int32(viewer))
            }
        }

        mutating func remove(_ viewer: Int, _ circle: ViewCircle, except kept: ViewCircle? = nil) {
            ViewCell.forEach(touchedBy: circle, size: size) { cell in
                if let kept, cell.isTouched(by: kept, size: size) { return }
                guard let place = cells.index(forKey: cell),
                    let index = cells.values[place].firstIndex(of: Int32(viewer))
                else { return }
                cells.values[place].swapAt(index, cells.values[place].count - 1)
                cells.values[place].removeLast()
                if cells.values[place].isEmpty { cells.remove(at: place) }
            }
        }
    }

    private var viewers: [Viewer?] = []
    private var levels: [Level] = []
    private var search: UInt64 = 0
    /// How many clients have a circle.
    private(set) var count = 0
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

    /// Whether a client has a circle.
    func contains(_ viewer: Int) -> Bool { viewer < viewers.count && viewers[viewer] != nil }

    /// What a client was told of, and what it sees now.
    func circles(of viewer: Int) -> (told: ViewCircle, now: ViewCircle)? {
        guard viewer < viewers.count else { return nil }
        return viewers[viewer].map { ($0.told, $0.now) }
    }

    /// Gives a client a circle whose entities it was told of.
    mutating func insert(_ viewer: Int, _ circle: ViewCircle) {
        remove(viewer)
        if viewer >= viewers.count { viewers.append(contentsOf: repeatElement(nil, count: viewer + 1 - viewers.count)) }
        viewers[viewer] = Viewer(told: circle, now: circle)
        let level = Self.level(of: circle)
        makeLevel(level)
        levels[level].insert(viewer, circle)
        levels[level].viewerCount += 1
        count += 1
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
        count -= 1
    }

    /// Changes what a client sees now; at most once before ``settle(_:)``. Until then searches find the client by both
    /// circles.
    mutating func move(_ viewer: Int, to circle: ViewCircle) {
        guard let (told, now) = circles(of: viewer), told == now, told != circle else { return }
        let (old, new) = (Self.level(of: told), Self.level(of: circle))
        makeLevel(new)
        levels[new].insert(viewer, circle, except: old == new ? told : nil)
        levels[new].viewerCount += 1
        viewers[viewer]?.now = circle
    }

    /// Notes that a client was told of what it sees now.
    mutating func settle(_ viewer: Int) {
        guard let (told, now) = circles(of: viewer), told != now else { return }
        let (old, new) = (Self.level(of: told), Self.level(of: now))
        levels[old].remove(viewer, told, except: old == new ? now : nil)
        levels[old].viewerCount -= 1
        viewers[viewer]?.told = now
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
            let before = old.map { ViewCell(x: $0.x, y: $0.y, size: level.size) }
            let after = new.map { ViewCell(x: $0.x, y: $0.y, size: level.size) }
            if let before, let found = level.cells[before] { compare(found, old, new, body) }
            if let after, after != before, let found = level.cells[after] { compare(found, old, new, body) }
        }
    }

    /// Calls a closure for each client with a circle, in the order of their numbers.
    func forEach(_ body: (_ viewer: Int, _ told: ViewCircle, _ now: ViewCircle) -> Void) {
        for (viewer, known) in viewers.enumerated() {
            if let known { body(viewer, known.told, known.now) }
        }
    }

    private mutating func compare(
        _ found: [Int32], _ old: (x: Double, y: Double)?, _ new: (x: Double, y: Double)?,
        _ body: (_ viewer: Int, _ saw: Bool, _ sees: Bool) -> Void
    ) {
        for viewer in found.lazy.map(Int.init) {
            // A client is in both cells, or by both of its circles in two grids.
            guard let known = viewers[viewer], known.search != search else { continue }
            viewers[viewer]?.search = search
            comparisons += 1
            let saw = old.map { known.told.contains($0.x, $0.y) } ?? false
            let sees = new.map { known.now.contains($0.x, $0.y) } ?? false
            if saw || sees { body(viewer, saw, sees) }
        }
    }
}
