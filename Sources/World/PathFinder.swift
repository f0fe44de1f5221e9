/// Shortest walkable ways over a map's tiles: A* with eight directions, never cutting a blocked corner.
package struct PathFinder {
    /// How many tiles one search may look at before it gives up.
    package static let maxVisited = 20_000

    private struct Open {
        var estimate: Double
        var index: Int
    }

    /// Finds the way between two positions.
    ///
    /// - Returns: The positions to step on, without the start and with the goal; empty when both lie on one tile;
    ///   `nil` when the goal is not walkable, can't be reached, or is farther than ``maxVisited`` tiles of search.
    package static func path(
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
        var cost: [Int: Double] = [first: 0]
        var previous: [Int: Int] = [:]
        var closed: Set<Int> = []
        var heap = MinHeap<Open> { $0.estimate < $1.estimate }
        heap.push(Open(estimate: estimate(first), index: first))
        while let current = heap.pop()?.index {
            if current == last { return trace(previous, to: last).map(map.centre) }
            guard closed.insert(current).inserted else { continue }
            if closed.count > maxVisited { return nil }
            let (column, row) = (current % width, current / width)
            for (dx, dy) in directions {
                let (nextColumn, nextRow) = (column + dx, row + dy)
                guard nextColumn >= 0, nextRow >= 0, nextColumn < width, nextRow < map.height else { continue }
                let next = nextRow * width + nextColumn
                if map.blocked[next] || closed.contains(next) { continue }
                if dx != 0, dy != 0, map.blocked[row * width + nextColumn] || map.blocked[nextRow * width + column] {
                    continue
                }
                let total = (cost[current] ?? 0) + (dx != 0 && dy != 0 ? 2.0.squareRoot() : 1)
                if let known = cost[next], known <= total { continue }
                cost[next] = total
                previous[next] = current
                heap.push(Open(estimate: total + estimate(next), index: next))
            }
        }
        return nil
    }

    private static let directions = [(0, -1), (1, 0), (0, 1), (-1, 0), (1, -1), (1, 1), (-1, 1), (-1, -1)]

    private static func trace(_ previous: [Int: Int], to last: Int) -> [Int] {
        var way = [last]
        while let before = previous[way[way.count - 1]] { way.append(before) }
        return way.dropLast().reversed()
    }
}
