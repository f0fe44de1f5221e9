/// The members of an object node in the order they came, found by name in constant time.
struct OrderedMembers: Sequence {
    private var keys: [String] = []
    private var values: [JSONNode.Child] = []
    /// Positions by key; kept only above eight members, where a search would be slower.
    private var positions: [String: Int]?
    /// The key taken away last and where it stood, for a loop that clears what it visits.
    private var removed: (key: String, position: Int)?

    private static let searchLimit = 8

    var isEmpty: Bool { keys.isEmpty }

    private func position(of key: String) -> Int? {
        if let positions { return positions[key] }
        return keys.firstIndex(of: key)
    }

    subscript(key: String) -> JSONNode.Child? { position(of: key).map { values[$0] } }

    mutating func set(_ key: String, _ value: JSONNode.Child?) {
        switch (position(of: key), value) {
        case (let position?, let value?):
            values[position] = value
        case (let position?, nil):
            keys.remove(at: position)
            values.remove(at: position)
            removed = (key, position)
            reindex()
        case (nil, let value?):
            keys.append(key)
            values.append(value)
            if positions != nil { positions?[key] = keys.count - 1 } else { reindex() }
        case (nil, nil):
            break
        }
    }

    func next(after key: String?) -> (key: String, value: JSONNode.Child)? {
        var index = 0
        if let key {
            if let position = position(of: key) {
                index = position + 1
            } else if let removed, removed.key == key {
                index = removed.position
            } else {
                return nil
            }
        }
        return index < keys.count ? (keys[index], values[index]) : nil
    }

    func makeIterator() -> AnyIterator<(key: String, value: JSONNode.Child)> {
        var index = 0
        return AnyIterator {
            guard index < keys.count else { return nil }
            defer { index += 1 }
            return (keys[index], values[index])
        }
    }

    private mutating func reindex() {
        guard keys.count > Self.searchLimit else { return positions = nil }
        positions = Dictionary(uniqueKeysWithValues: zip(keys, keys.indices))
    }
}
