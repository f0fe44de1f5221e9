/// Counts the keys of a table, to know in constant time whether they are 1 to n and how much they weigh.
struct KeyTally {
    /// How many keys there are.
    private(set) var count = 0
    /// How many keys are indices that an array can have, and the sum of these indices.
    private var (indexCount, indexSum) = (0, 0)
    /// The bytes of all keys as text.
    private var bytes = 0

    /// No array is longer. Higher numbers are not counted as indices, so that the sum can't overflow.
    private static let lastIndex = 1 << 31

    /// Whether the keys are 1 to n, for an n from 1.
    var isSequence: Bool {
        // Any other n different numbers from 1 have a larger sum.
        count > 0 && indexCount == count && indexSum == count * (count + 1) / 2
    }

    /// The weight of the keys: nothing for an array, their bytes for an object.
    var weight: Int { isSequence ? 0 : bytes }

    /// Adds a key that is not among them.
    mutating func add(_ key: JSONKey) { change(key, by: 1) }

    /// Removes a key that is among them.
    mutating func remove(_ key: JSONKey) { change(key, by: -1) }

    private mutating func change(_ key: JSONKey, by sign: Int) {
        count += sign
        switch key {
        case .index(let index):
            bytes += sign * Self.digits(of: index)
            guard index >= 1, index <= Self.lastIndex else { return }
            indexCount += sign
            indexSum += sign * index
        case .name(let name): bytes += sign * name.utf8.count
        }
    }

    /// The length of a number as text.
    private static func digits(of number: Int) -> Int {
        var (count, rest) = (number < 0 ? 2 : 1, number.magnitude / 10)
        while rest > 0 { (count, rest) = (count + 1, rest / 10) }
        return count
    }
}
