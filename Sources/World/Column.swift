package import JSONValues

/// One field of all entities of a world: a system field or a component.
///
/// Numbers, and texts as numbers of the string table, are in plain memory with one place for each slot, so that a
/// script's field access is a single load. Each value has a copy of what clients have, so that a value that was changed
/// and changed back between two sends is not sent.
package final class Column {
    /// What a column's values are.
    package enum Storage: UInt8 {
        case number, string, boolean, json
    }

    /// The field's or component's name.
    package let name: String
    /// What its values are.
    package let storage: Storage
    /// The column's place in the world's list: also its dirty bit.
    package let index: Int
    /// The kinds of entities that have the field.
    @exclusivity(unchecked) package internal(set) var kinds: EntityKindSet
    /// Whether the values are sent only to the player who owns the entity.
    @exclusivity(unchecked) package internal(set) var isPrivate: Bool
    /// Whether a script runs when a value changes.
    package internal(set) var hasTrigger: Bool
    /// The declared default, for components.
    var defaultValue: JSON
    /// The column's name as a JSON key with its colon, ready to be written.
    package let jsonKey: [UInt8]
    /// The values of a number column, or of a boolean one as 1 and 0; NaN means nil.
    @exclusivity(unchecked) package private(set) var numbers: UnsafeMutablePointer<Double>
    /// The numbers that clients have.
    @exclusivity(unchecked) package private(set) var sentNumbers: UnsafeMutablePointer<Double>
    /// The texts of a string column as numbers of the string table.
    @exclusivity(unchecked) package private(set) var strings: UnsafeMutablePointer<UInt32>
    /// The texts that clients have, as numbers of the string table.
    @exclusivity(unchecked) package private(set) var sentStrings: UnsafeMutablePointer<UInt32>
    /// The values of a json column; `nil` means nil.
    @exclusivity(unchecked) package internal(set) var nodes: [JSONNode?] = []
    /// The values of a json column that clients have, as JSON.
    @exclusivity(unchecked) package internal(set) var sentJSON: [[UInt8]?] = []
    /// 10 to the power of the decimals that clients get of the numbers; 0 for full precision.
    @exclusivity(unchecked) var wireScale = 0.0
    private var capacity = 0

    init(name: String, storage: Storage, index: Int, kinds: EntityKindSet = .all) {
        self.name = name
        self.storage = storage
        self.index = index
        self.kinds = kinds
        isPrivate = false
        hasTrigger = false
        defaultValue = .null
        var key: [UInt8] = []
        JSON.write(string: name, into: &key)
        jsonKey = key + [UInt8(ascii: ":")]
        numbers = .allocate(capacity: 0)
        sentNumbers = .allocate(capacity: 0)
        strings = .allocate(capacity: 0)
        sentStrings = .allocate(capacity: 0)
    }

    deinit {
        numbers.deallocate()
        sentNumbers.deallocate()
        strings.deallocate()
        sentStrings.deallocate()
    }

    /// The memory that scripts read: one `Double` or `UInt32` for each slot; `nil` for a json column.
    package var raw: UnsafeMutableRawPointer? {
        switch storage {
        case .number, .boolean: UnsafeMutableRawPointer(numbers)
        case .string: UnsafeMutableRawPointer(strings)
        case .json: nil
        }
    }

    func grow(to newCapacity: Int) {
        switch storage {
        case .number, .boolean:
            numbers = numbers.enlarged(from: capacity, to: newCapacity, filling: .nan)
            sentNumbers = sentNumbers.enlarged(from: capacity, to: newCapacity, filling: .nan)
        case .string:
            strings = strings.enlarged(from: capacity, to: newCapacity, filling: StringTable.none)
            sentStrings = sentStrings.enlarged(from: capacity, to: newCapacity, filling: StringTable.none)
        case .json:
            nodes.append(contentsOf: repeatElement(nil, count: newCapacity - capacity))
            sentJSON.append(contentsOf: repeatElement(nil, count: newCapacity - capacity))
        }
        capacity = newCapacity
    }

    /// The number of a slot as clients get it; what clients have is compared with this, so that rounding errors don't
    /// add up.
    package func wireNumber(slot: Int) -> Double {
        let value = numbers[slot]
        guard wireScale > 0 else { return value }
        let scaled = value * wireScale
        // From 2^52 on a double has no decimals. NaN, which means nil, stays too.
        guard abs(scaled) < 4_503_599_627_370_496 else { return value }
        return scaled.rounded() / wireScale
    }

    /// Notes that clients have the current value of a slot.
    ///
    /// - Parameters:
    ///   - slot: The entity.
    ///   - texts: The world's string table, which counts the uses of each text.
    func markSent(slot: Int, _ texts: StringTable) {
        switch storage {
        case .number, .boolean: sentNumbers[slot] = wireNumber(slot: slot)
        case .string:
            guard sentStrings[slot] != strings[slot] else { return }
            texts.retain(strings[slot])
            texts.release(sentStrings[slot])
            sentStrings[slot] = strings[slot]
        case .json: sentJSON[slot] = nodes[slot]?.bytes
        }
    }

    /// Whether the value of a slot differs from what clients have.
    package func differsFromSent(slot: Int) -> Bool {
        switch storage {
        case .number, .boolean: !wireNumber(slot: slot).isSame(as: sentNumbers[slot])
        case .string: strings[slot] != sentStrings[slot]
        case .json: nodes[slot]?.bytes != sentJSON[slot]
        }
    }

    /// Makes the value of a slot, and the copy that clients have, nil. The caller must have detached a table before.
    func clear(slot: Int, _ texts: StringTable) {
        switch storage {
        case .number, .boolean:
            numbers[slot] = .nan
            sentNumbers[slot] = .nan
        case .string:
            texts.release(strings[slot])
            texts.release(sentStrings[slot])
            strings[slot] = StringTable.none
            sentStrings[slot] = StringTable.none
        case .json:
            nodes[slot] = nil
            sentJSON[slot] = nil
        }
    }
}
