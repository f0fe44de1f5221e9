extension MapGeometry {
    /// The index of the tile that a position belongs to, row by row from the map's first tile; `nil` off the map.
    ///
    /// - Parameters:
    ///   - x: Position in tiles.
    ///   - y: Position in tiles.
    /// - Returns: The index into `blocked`, or `nil`.
    public func tileIndex(x: Double, y: Double) -> Int? {
        let column = (x + 0.5).rounded(.down) - Double(originX)
        let row = (y + 0.5).rounded(.down) - Double(originY)
        guard column >= 0, row >= 0, column < Double(width), row < Double(height) else { return nil }
        return Int(row) * width + Int(column)
    }

    /// Whether a position is on the map and on a tile that is not blocked.
    ///
    /// - Parameters:
    ///   - x: Position in tiles.
    ///   - y: Position in tiles.
    /// - Returns: `true` for a place an entity may be put on.
    public func isWalkable(x: Double, y: Double) -> Bool {
        tileIndex(x: x, y: y).map { !blocked[$0] } ?? false
    }

    /// The centre of a tile.
    ///
    /// - Parameter index: An index into `blocked`.
    /// - Returns: Its position.
    public func centre(of index: Int) -> (x: Double, y: Double) {
        (Double(originX + index % width), Double(originY + index / width))
    }

    /// The indices of all walkable tiles, ascending.
    public var walkableTiles: [Int32] {
        blocked.indices.filter { !blocked[$0] }.map { Int32($0) }
    }

    /// The indices of all tiles where new players may appear and that are walkable, ascending.
    public var startTiles: [Int32] {
        starts.indices.lazy.filter { starts[$0] && !blocked[$0] }.map { Int32($0) }
    }

    /// The walkable place nearest to a position; a position off the map counts as the nearest point of the map's edge.
    ///
    /// - Parameters:
    ///   - x: Position in tiles.
    ///   - y: Position in tiles.
    ///   - reach: How many tiles to look to each side, at most.
    /// - Returns: The centre of the nearest walkable tile; `nil` when there is none.
    /// - Complexity: O(tiles of the square around the position that contains the returned place).
    public func nearestWalkable(x: Double, y: Double, within reach: Int = .max) -> (x: Double, y: Double)? {
        guard width > 0, height > 0, !x.isNaN, !y.isNaN else { return nil }
        // In tiles from the map's first tile: tile n reaches from n - 0.5 to n + 0.5.
        let x = min(max(x - Double(originX), -0.5), Double(width) - 0.5)
        let y = min(max(y - Double(originY), -0.5), Double(height) - 0.5)
        let column = min(Int(x + 0.5), width - 1)
        let row = min(Int(y + 0.5), height - 1)
        var best: (distance: Double, index: Int)?
        for ring in 0..<min(max(width, height), max(reach, 0)) {
            // Each tile of this ring is at least `least` away. The best tile so far may be a corner of an earlier ring
            // and farther away than that; then this ring must be searched too.
            let least = Double(ring) - 0.5
            if let best, ring > 0, least * least > best.distance { break }
            for candidateRow in max(row - ring, 0)...min(row + ring, height - 1) {
                let isEdge = abs(candidateRow - row) == ring
                for candidateColumn in stride(
                    from: column - ring, through: column + ring, by: isEdge || ring == 0 ? 1 : 2 * ring)
                where candidateColumn >= 0 && candidateColumn < width {
                    let index = candidateRow * width + candidateColumn
                    if blocked[index] { continue }
                    let (dx, dy) = (Double(candidateColumn) - x, Double(candidateRow) - y)
                    let distance = dx * dx + dy * dy
                    if best.map({ distance < $0.distance }) ?? true { best = (distance, index) }
                }
            }
        }
        return best.map { centre(of: $0.index) }
    }
}
