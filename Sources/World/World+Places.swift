/// Searches for walkable places, in bounded time even on large maps.
extension World {
    /// A random walkable place; `nil` when the map has none.
    public func randomPlace() -> (x: Double, y: Double)? {
        walkable.randomElement(using: &random).map { geometry.centre(of: Int($0)) }
    }

    /// Whether there are tiles where new players may appear by a tile's or layer's `spawn`.
    package var hasStartTiles: Bool { !startTiles.isEmpty }

    /// A random place of those where new players may appear by a tile's or layer's `spawn`; `nil` when there are none.
    package func randomStart() -> (x: Double, y: Double)? {
        startTiles.randomElement(using: &random).map { geometry.centre(of: Int($0)) }
    }

    /// A random walkable place in an area.
    ///
    /// - Parameters:
    ///   - x: The area's first column, in tiles.
    ///   - y: Its first row.
    ///   - width: How many columns it has; they need not be on the map.
    ///   - height: How many rows it has.
    /// - Returns: The place; `nil` when the area has no walkable tile.
    /// - Complexity: O(r log n) for the r rows of the area that are on the map and the n walkable tiles of the map.
    package func randomPlace(x: Double, y: Double, width: Double, height: Double) -> (x: Double, y: Double)? {
        guard let columns = Self.part(of: geometry.width, from: x - Double(geometry.originX), count: width),
            let rows = Self.part(of: geometry.height, from: y - Double(geometry.originY), count: height)
        else { return nil }
        // `walkable` is sorted, so the walkable tiles of one row of the area are neighbours in it.
        var (ends, count): ([Int], Int) = ([], 0)
        for row in rows {
            count +=
                firstWalkable(from: row * geometry.width + columns.upperBound)
                - firstWalkable(from: row * geometry.width + columns.lowerBound)
            ends.append(count)
        }
        guard count > 0 else { return nil }
        let chosen = Int.random(in: 0..<count, using: &random)
        let index = ends.partitioningIndex { $0 > chosen }
        let first = firstWalkable(from: (rows.lowerBound + index) * geometry.width + columns.lowerBound)
        return geometry.centre(of: Int(walkable[first + chosen - (index == 0 ? 0 : ends[index - 1])]))
    }

    /// The `count` whole numbers from `start`, cut to `0..<limit`; `nil` when the range is empty.
    private static func part(of limit: Int, from start: Double, count: Double) -> Range<Int>? {
        let (first, end) = (max(start.rounded(), 0), min((start + count).rounded(), Double(limit)))
        return first < end ? Int(first)..<Int(end) : nil
    }

    private func firstWalkable(from tile: Int) -> Int { walkable.partitioningIndex { Int($0) >= tile } }

    /// How far around a position each tile is looked at, in tiles.
    private static let reach = 64
    /// About how many walkable tiles of the whole map are compared when there is none within `reach`.
    private static let samples = 4096

    /// The nearest walkable place; when that is more than `reach` tiles away, a place that is about as near. `nil` when
    /// the map has no walkable tile.
    package func nearestPlace(x: Double, y: Double) -> (x: Double, y: Double)? {
        if let near = geometry.nearestWalkable(x: x, y: y, within: Self.reach) { return near }
        guard !x.isNaN, !y.isNaN else { return nil }
        let step = max(walkable.count / Self.samples, 1)
        return stride(from: 0, to: walkable.count, by: step).lazy.map {
            self.geometry.centre(of: Int(self.walkable[$0]))
        }
        .min { ($0.x - x).magnitude + ($0.y - y).magnitude < ($1.x - x).magnitude + ($1.y - y).magnitude }
    }
}

extension Array {
    /// The first index whose element fits; the count when no element fits. All elements that fit must come last.
    ///
    /// - Complexity: O(log n).
    fileprivate func partitioningIndex(where fits: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if fits(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
