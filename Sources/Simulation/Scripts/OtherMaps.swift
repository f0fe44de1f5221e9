/// What a map's scripts can use of other maps.
struct OtherMaps {
    /// Sends entities and events to the other maps; `nil` for a map that is alone.
    let router: (any MapRouter)?
    /// The maps that exist; the values that `map_id` may have.
    private(set) var ids: Set<Int> = []
    /// What keeps each closed map closed.
    private(set) var closed: [Int: String] = [:]
    /// The maps beyond the edges, by side.
    private(set) var sides: [String: Int] = [:]

    init(router: (any MapRouter)?) { self.router = router }

    /// Sets which maps exist, which are closed and why, and which lie beyond the edges.
    mutating func update(ids: Set<Int>, closed: [Int: String], sides: [String: Int]) {
        (self.ids, self.closed, self.sides) = (ids, closed, sides)
    }

    /// The map that a script names by its number.
    ///
    /// - Parameters:
    ///   - number: The number; `nil` for a value that is none.
    ///   - problem: What is allowed and what was given, for a number that no map has.
    /// - Returns: A map that exists.
    /// - Throws: ``ScriptFault``, which says of a closed map why it is closed.
    func map(_ number: Double?, otherwise problem: @autoclosure () -> String) throws(ScriptFault) -> Int {
        guard let mapID = number.flatMap({ Int(exactly: $0) }) else { throw ScriptFault(problem()) }
        if ids.contains(mapID) { return mapID }
        throw ScriptFault(closed[mapID].map { "map \(mapID) is closed (\($0))" } ?? problem())
    }

    /// The maps that exist, for messages.
    var knownIDs: String { ids.sorted().map(String.init).joined(separator: ", ") }
}
