/// The members of an object node in the order in which they were added, found by name in constant time.
///
/// A removed member leaves its place empty until a new key is added. So a loop may remove the members that it visits,
/// each in constant time. As in Lua, only adding a key makes a running loop undefined.
struct OrderedMembers: Sequence {
    /// The places; an empty one has no value.
    private var places: [(key: String, value: JSONNode.Child?)] = []
    /// Positions by key, empty places included; `nil` up to `searchLimit` places, where a linear search is faster.
    private var positions: [ExactText: Int]?
    /// How many places are not empty.
    private(set) var count = 0

    private static let searchLimit = 8

    var isEmpty: Bool { count == 0 }

    private func position(of key: String) -> Int? {
        if let positions { return positions[ExactText(key)] }
        return places.firstIndex { $0.key.isExactly(key) }
    }

    subscript(key: String) -> JSONNode.Child? { position(of: key).flatMap { places[$0].value } }

    mutating func set(_ key: String, _ value: JSONNode.Child?) {
        if let position = position(of: key) {
            count += (value == nil ? 0 : 1) - (places[position].value == nil ? 0 : 1)
            places[position].value = value
        } else if let value {
            // Compact only when at least half of the places are empty, so that adding a member is O(1) on average.
            if places.count > Self.searchLimit, places.count >= 2 * count { compact() }
            places.append((key, value))
            count += 1
            if positions != nil { positions?[ExactText(key)] = places.count - 1 } else { reindex() }
        }
    }

    func next(after key: String?) -> (key: String, value: JSONNode.Child)? {
        var index = 0
        if let key {
            guard let position = position(of: key) else { return nil }
            index = position + 1
        }
        while index < places.count {
            if let value = places[index].value { return (places[index].key, value) }
            index += 1
        }
        return nil
    }

    func makeIterator() -> AnyIterator<(key: String, value: JSONNode.Child)> {
        var index = 0
        return AnyIterator {
            while index < places.count {
                defer { index += 1 }
                if let value = places[index].value { return (places[index].key, value) }
            }
            return nil
        }
    }

    private mutating func compact() {
        places.removeAll { $0.value == nil }
        positions = nil
        reindex()
    }

    private mutating func reindex() {
        guard places.count > Self.searchLimit else { return }
        positions = Dictionary(uniqueKeysWithValues: zip(places.lazy.map { ExactText($0.key) }, places.indices))
    }
}
