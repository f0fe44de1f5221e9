/// The members of an object node in the order in which they were added, found by name in constant time.
///
/// A removed member leaves its place empty until a new key is added. So a loop may remove the members that it visits,
/// each in constant time. As in Lua, only adding a key makes a running loop undefined.
struct OrderedMembers: Sequence {
    private var keys: [String] = []
    private var values: [JSONNode.Child?] = []
    /// Positions by key, empty places included; `nil` up to `searchLimit` places, where a linear search is faster.
    private var positions: [ExactText: Int]?
    /// How many places are not empty.
    private(set) var count = 0

    private static let searchLimit = 8

    var isEmpty: Bool { count == 0 }

    private func position(of key: String) -> Int? {
        if let positions { return positions[ExactText(key)] }
        return keys.firstIndex { $0.isExactly(key) }
    }

    subscript(key: String) -> JSONNode.Child? { position(of: key).flatMap { values[$0] } }

    mutating func set(_ key: String, _ value: JSONNode.Child?) {
        if let position = position(of: key) {
            count += (value == nil ? 0 : 1) - (values[position] == nil ? 0 : 1)
            values[position] = value
        } else if let value {
            // Compact only when at least half of the places are empty, so that adding a member is O(1) on average.
            if keys.count > Self.searchLimit, keys.count >= 2 * count { compact() }
            keys.append(key)
            values.append(value)
            count += 1
            if positions != nil { positions?[ExactText(key)] = keys.count - 1 } else { reindex() }
        }
    }

    func next(after key: String?) -> (key: String, value: JSONNode.Child)? {
        var index = 0
        if let key {
            guard let position = position(of: key) else { return nil }
            index = position + 1
        }
        while index < keys.count {
            if let value = values[index] { return (keys[index], value) }
            index += 1
        }
        return nil
    }

    func makeIterator() -> AnyIterator<(key: String, value: JSONNode.Child)> {
        var index = 0
        return AnyIterator {
            while index < keys.count {
                defer { index += 1 }
                if let value = values[index] { return (keys[index], value) }
            }
            return nil
        }
    }

    private mutating func compact() {
        keys = keys.indices.filter { values[$0] != nil }.map { keys[$0] }
        values.removeAll { $0 == nil }
        positions = nil
        reindex()
    }

    private mutating func reindex() {
        guard keys.count > Self.searchLimit else { return }
        positions = Dictionary(uniqueKeysWithValues: zip(keys.lazy.map(ExactText.init), keys.indices))
    }
}
