/// What a map's scripts can use of other maps.
struct OtherMaps {
    /// Sends entities and events to the other maps; `nil` for a map that is alone.
    let router: (any MapRouter)?
    /// The maps that exist; the values that `map_id` may have.
    private(set) var ids: Set<Int> = []
    /// The maps beyond the edges, by side.
    private(set) var sides: [String: Int] = [:]

    init(router: (any MapRouter)?) { self.router = router }

    /// Sets which maps exist, and which lie beyond the edges.
    mutating func update(ids: Set<Int>, sides: [String: Int]) { (self.ids, self.sides) = (ids, sides) }

    /// The maps that exist, for messages.
    var knownIDs: String { ids.sorted().map(String.init).joined(separator: ", ") }
}
