/// Finds shortest paths over a map's walkable tiles: A* with eight directions that never cuts a blocked corner.
public struct PathFinder {
    /// How many tiles one search may look at before it gives up.
    public static let maxVisited = 20_000

    private struct Open: HeapElement {
        var estimate: Double
        var step: Int

        static func isBefore(_ left: Open, _ right: Open) -> Bool { left.estimate < right.estimate }
    }

    /// A tile that was reached, with the cheapest path known so far.
    private struct Step {
        var tile: Int
        var cost: Double
        /// The step it was reached from; -1 for the start.
        var previous: Int
        var isClosed = false
    }

    /// Finds the shortest path between two positions.
    ///
    /// - Parameters:
    ///   - map: The map.
    ///   - start: Where the path begins, in tiles.
    ///   - goal: Where it ends, in tiles.
    /// - Returns: The positions to step on, without the start and with the goal; empty when both are on one tile; `nil`
    ///   when a position is off the map, when the goal is not walkable or can't be reached, or when the search would
    ///   look at more than ``maxVisited`` tiles.
    public static func path(
        in map: MapGeometry, from start: (x: Double, y: Double), to goal: (x: Double, y: Double)
    ) -> [(x: Double, y: Double)]? {
        guard let first = map.tileIndex(x: start.x, y: start.y), let last = map.tileIndex(x: goal.x, y: goal.y),
            !map.blocked[last]
        else { return nil }
        if first == last { return [] }
        let width = map.width
        func estimate(_ index: Int) -> Double {
            let dx = Double(abs(index % width - last % width))
            let dy = Double(abs(index / width - last / width))
            return max(dx, dy) + (2.0.squareRoot() - 1) * min(dx, dy)
        }
        var steps = [Step(tile: first, cost: 0, previous: -1)]
        var places = TileTable()
        places.insert(0, at: first)
        var closedCount = 0
        var heap = MinHeap<Open>()
        heap.push(Open(estimate: estimate(first), step: 0))
        while let current = heap.pop()?.step {
            let tile = steps[current].tile
            if tile == last { return trace(steps, to: current).map(map.centre) }
            if steps[current].isClosed { continue }
            steps[current].isClosed = true
            closedCount += 1
            if closedCount > maxVisited { return nil }
            let (column, row) = (tile % width, tile / width)
            for (dx, dy) in directions {
                let (nextColumn, nextRow) = (column + dx, row + dy)
                guard nextColumn >= 0, nextRow >= 0, nextColumn < width, nextRow < map.height else { continue }
                let next = nextRow * width + nextColumn
                if map.blocked[next] { continue }
                if dx != 0, dy != 0, map.blocked[row * width + nextColumn] || map.blocked[nextRow * width + column] {
                    continue
                }
                let total = steps[current].cost + (dx != 0 && dy != 0 ? 2.0.squareRoot() : 1)
                if let known = places[next] {
                    if steps[known].isClosed || steps[known].cost <= total { continue }
                    steps[known].cost = total
                    steps[known].previous = current
                    heap.push(Open(estimate: total + estimate(next), step: known))
                } else {
                    places.insert(steps.count, at: next)
                    heap.push(Open(estimate: total + estimate(next), step: steps.count))
                    steps.append(Step(tile: next, cost: total, previous: current))
                }
            }
        }
        return nil
    }

    private static let directions = [(0, -1), (1, 0), (0, 1), (-1, 0), (1, -1), (1, 1), (-1, 1), (-1, -1)]

    private static func trace(_ steps: [Step], to last: Int) -> [Int] {
        var way: [Int] = []
        var step = last
        while steps[step].previous >= 0 {
            way.append(steps[step].tile)
            step = steps[step].previous
        }
        return way.reversed()
    }
}

/// A map from tiles to numbers; its memory grows with the tiles that were looked at, not with the map.
///
/// A hash table with open addressing and linear probing, at most half full. It is several times faster here than a
/// `Dictionary`, whose hashing defends against keys chosen to collide. That defense is not needed, because a search is
/// bounded.
private struct TileTable {
    /// Tile plus 1, so that 0 is free.
    private var tiles = [Int](repeating: 0, count: 256)
    private var numbers = [Int](repeating: 0, count: 256)
    private var count = 0

    private func place(of tile: Int) -> Int {
        let mask = tiles.count - 1
        var place = Int(truncatingIfNeeded: UInt(tile) &* 0x9E37_79B9_7F4A_7C15 >> 32) & mask
        while tiles[place] != 0, tiles[place] != tile + 1 { place = (place + 1) & mask }
        return place
    }

    subscript(tile: Int) -> Int? {
        let place = place(of: tile)
        return tiles[place] == 0 ? nil : numbers[place]
    }

    /// Adds a tile that is not there yet.
    mutating func insert(_ number: Int, at tile: Int) {
        if count * 2 >= tiles.count { grow() }
        let place = place(of: tile)
        tiles[place] = tile + 1
        numbers[place] = number
        count += 1
    }

    private mutating func grow() {
        let (oldTiles, oldNumbers) = (tiles, numbers)
        tiles = Array(repeating: 0, count: oldTiles.count * 2)
        numbers = tiles
        for (index, tile) in oldTiles.enumerated() where tile != 0 {
            let place = place(of: tile - 1)
            tiles[place] = tile
            numbers[place] = oldNumbers[index]
        }
    }
}
