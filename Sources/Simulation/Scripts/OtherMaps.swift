/// What a map's scripts can reach of other maps.
struct OtherMaps {
    /// The way there; `nil` for a map that stands alone.
    let router: (any MapRouter)?
    /// The maps that exist, where `map_id` may point.
    private(set) var ids: Set<Int> = []
    /// The maps beyond the edges, by side.
    private(set) var sides: [String: Int] = [:]

    init(router: (any MapRouter)?) { self.router = router }

    /// Takes over which maps exist, and where they lie.
    mutating func update(ids: Set<Int>, sides: [String: Int]) { (self.ids, self.sides) = (ids, sides) }

    /// The maps that exist, for messages.
    var knownIDs: String { ids.sorted().map(String.init).joined(separator: ", ") }
}
