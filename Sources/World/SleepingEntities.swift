/// Entities with events that are due and wait for a player to come near, by where they are; and the players.
///
/// An entity that sleeps costs nothing until a player or the entity itself moves: its events are not in the heap of
/// pending events, and nothing looks at it in a tick.
package struct SleepingEntities {
    private typealias Cell = SpatialGrid.Cell

    /// Where a slot is in `cells`.
    private struct Place {
        var cell: Cell
        var index: Int
    }

    /// The slots of the players on the map, in no order.
    private(set) var players: [UInt32] = []
    /// How many entities searches have looked at so far.
    package private(set) var examined = 0
    /// The greatest radius of all groups, in tiles; 0 when there is no group with one.
    private var reach = 0.0
    /// Not a ``SpatialGrid``, whose removals take longer the more entities sleep in one cell.
    private var cells: [Cell: [UInt32]] = [:]
    private var places: [UInt32: Place] = [:]
    /// For each slot the player that was found near it last; empty when there is no group with a radius.
    private var witnesses: [UInt32] = []

    /// Whether no entity sleeps.
    var isEmpty: Bool { places.isEmpty }

    /// How many entities sleep.
    package var count: Int { places.count }

    /// Wakes all, and begins with other groups.
    ///
    /// - Parameters:
    ///   - radii: The radius of each group; infinite for groups without one.
    ///   - capacity: The number of slots.
    mutating func reset(radii: [Double], capacity: Int) {
        reach = radii.filter(\.isFinite).max() ?? 0
        cells = [:]
        places = [:]
        witnesses = []
        grow(to: capacity)
    }

    /// Makes room for more slots.
    mutating func grow(to capacity: Int) {
        guard reach > 0 else { return }
        witnesses.append(contentsOf: repeatElement(0, count: capacity - witnesses.count))
    }

    /// Notes a player that entered the map.
    mutating func addPlayer(_ slot: Int) { players.append(UInt32(slot)) }

    /// Forgets an entity that leaves the map.
    mutating func forget(_ slot: Int, isPlayer: Bool) {
        remove(slot)
        if isPlayer, let index = players.firstIndex(of: UInt32(slot)) {
            players.swapAt(index, players.count - 1)
            players.removeLast()
        }
    }

    /// The player that was found near a slot last; it may be gone, or far away.
    func witness(of slot: Int) -> Int { Int(witnesses[slot]) }

    /// Notes the player that is near a slot.
    mutating func setWitness(_ player: UInt32, of slot: Int) { witnesses[slot] = player }

    /// Whether an entity sleeps.
    func contains(_ slot: Int) -> Bool { places[UInt32(slot)] != nil }

    /// Notes where an entity sleeps, or sleeps now.
    mutating func insert(_ slot: Int, x: Double, y: Double) {
        let cell = cell(x, y)
        if let old = places[UInt32(slot)] {
            if old.cell == cell { return }
            remove(slot)
        }
        places[UInt32(slot)] = Place(cell: cell, index: cells[cell]?.count ?? 0)
        cells[cell, default: []].append(UInt32(slot))
    }

    /// Notes that an entity sleeps no more.
    mutating func remove(_ slot: Int) {
        guard let place = places.removeValue(forKey: UInt32(slot)), var slots = cells.removeValue(forKey: place.cell)
        else { return }
        // The list was taken out of the dictionary, so that changing it does not copy it.
        let last = slots.removeLast()
        if last != slot {
            slots[place.index] = last
            places[last]?.index = place.index
        }
        if !slots.isEmpty { cells[place.cell] = slots }
    }

    /// The entities that sleep in the cells around a place: all those within the greatest radius, and some others.
    mutating func around(x: Double, y: Double) -> [UInt32] {
        // A little more than the radius: the bounds of the cells and the distances are rounded differently.
        let radius = reach * 1.000_001 + 1e-6
        let (from, to) = (cell(x - radius, y - radius), cell(x + radius, y + radius))
        var found: [UInt32] = []
        for row in from.row...to.row {
            for column in from.column...to.column {
                if let slots = cells[Cell(column: column, row: row)] { found += slots }
            }
        }
        examined += found.count
        return found
    }

    /// A cell is as wide as the greatest radius, so that a search looks at few of them, but not narrower than
    /// 4 tiles.
    private func cell(_ x: Double, _ y: Double) -> Cell { Cell(x: x, y: y, size: max(reach, 4)) }
}
