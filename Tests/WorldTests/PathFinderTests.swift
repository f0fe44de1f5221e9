import Testing
import World

@Suite("Paths") struct PathFinderTests {
    /// The costs from a tile to all others, found by trying every step until no way gets shorter.
    private func costs(_ map: MapGeometry, from start: Int) -> [Double] {
        var costs = Array(repeating: Double.infinity, count: map.width * map.height)
        costs[start] = 0
        var frontier = [start]
        while !frontier.isEmpty {
            var next: Set<Int> = []
            for tile in frontier {
                let (column, row) = (tile % map.width, tile / map.width)
                for (dx, dy) in [(-1, -1), (0, -1), (1, -1), (-1, 0), (1, 0), (-1, 1), (0, 1), (1, 1)] {
                    guard isStep(map, column, row, dx, dy) else { continue }
                    let target = (row + dy) * map.width + column + dx
                    let cost = costs[tile] + (dx != 0 && dy != 0 ? 2.0.squareRoot() : 1)
                    if cost < costs[target] - 1e-9 {
                        costs[target] = cost
                        next.insert(target)
                    }
                }
            }
            frontier = next.sorted()
        }
        return costs
    }

    private func isStep(_ map: MapGeometry, _ column: Int, _ row: Int, _ dx: Int, _ dy: Int) -> Bool {
        func isFree(_ column: Int, _ row: Int) -> Bool {
            column >= 0 && row >= 0 && column < map.width && row < map.height && !map.blocked[row * map.width + column]
        }
        return isFree(column + dx, row + dy)
            && (dx == 0 || dy == 0 || (isFree(column + dx, row) && isFree(column, row + dy)))
    }

    @Test(
        "a path is as short as possible, all its steps are allowed, and no path is found where none exists",
        arguments: 0..<12 as Range<UInt64>)
    func againstAll(seed: UInt64) throws {
        let map = randomMap(
            seed: seed, width: 13, height: 11, wallShare: [0, 0.2, 0.35, 0.5][Int(seed % 4)], originX: -6, originY: 2)
        var random = SeededGenerator(seed: seed)
        for _ in 0..<8 {
            let start = Int.random(in: map.blocked.indices, using: &random)
            let costs = costs(map, from: start)
            for goal in map.blocked.indices {
                let path = PathFinder.path(in: map, from: map.centre(of: start), to: map.centre(of: goal))
                guard !map.blocked[goal], costs[goal].isFinite else {
                    #expect(path == nil)
                    continue
                }
                var (tile, length) = (start, 0.0)
                for place in try #require(path) {
                    let next = try #require(map.tileIndex(x: place.x, y: place.y))
                    let (dx, dy) = (next % map.width - tile % map.width, next / map.width - tile / map.width)
                    try #require(max(abs(dx), abs(dy)) == 1)
                    #expect(isStep(map, tile % map.width, tile / map.width, dx, dy))
                    length += Double(dx * dx + dy * dy).squareRoot()
                    tile = next
                }
                #expect(tile == goal)
                #expect(abs(length - costs[goal]) < 1e-6)
            }
        }
    }

    @Test("a path within one tile is empty; there is none to a wall, or from or to outside of the map")
    func special() {
        let map = MapGeometry(id: 1, name: "m", width: 3, height: 1, blocked: [false, false, true])
        #expect(PathFinder.path(in: map, from: (0, 0), to: (0.4, 0.2))?.isEmpty == true)
        #expect(PathFinder.path(in: map, from: (0, 0), to: (2, 0)) == nil)
        #expect(PathFinder.path(in: map, from: (-1, 0), to: (1, 0)) == nil)
        #expect(PathFinder.path(in: map, from: (0, 0), to: (9, 0)) == nil)
        #expect(PathFinder.path(in: map, from: (.nan, 0), to: (1, 0)) == nil)
        #expect(PathFinder.path(in: map, from: (2, 0), to: (0, 0))?.count == 2)
    }

    @Test("a search is bounded: `map.path` is A*, bounded [2-lua-api.md 6]")
    func bounded() {
        let side = 400
        var blocked = Array(repeating: false, count: side * side)
        // The last tile is surrounded by walls, so that a search for it would visit all other tiles.
        for tile in [side * side - 2, side * side - 1 - side, side * side - 2 - side] { blocked[tile] = true }
        let map = MapGeometry(id: 1, name: "m", width: side, height: side, blocked: blocked)
        #expect(PathFinder.path(in: map, from: (0, 0), to: (Double(side - 1), Double(side - 1))) == nil)
        #expect(PathFinder.path(in: map, from: (0, 0), to: (Double(side - 1), 0))?.count == side - 1)
    }
}
