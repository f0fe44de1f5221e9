/// How much a value weighs as part of a tree, and whether it fits into one.
package struct JSONSize {
    /// The weight: 16 for any value, plus the bytes of a text, the weight of a table's children and the bytes of an
    /// object's keys. A null in a table counts as no value, so an array with nulls is an object.
    package private(set) var weight = 0
    private var countsNulls = false

    static let valueWeight = 16

    static func scalarWeight(_ value: JSON) -> Int {
        if case .string(let text) = value { valueWeight + text.utf8.count } else { valueWeight }
    }

    /// Measures a value of any weight, which must not be nested deeper than ``JSONNode/maxDepth``.
    package init(_ value: JSON) { try? add(value, depth: 0) }

    /// Measures a value that is kept as it is and not as a tree: its nulls take memory, and count.
    package init(keeping value: JSON) {
        countsNulls = true
        try? add(value, depth: 0)
    }

    /// Measures a value.
    ///
    /// - Parameters:
    ///   - value: The value.
    ///   - depth: How many tables will contain it.
    /// - Throws: ``JSONLimitError`` when it is heavier or deeper than a tree may be.
    package init(checking value: JSON, at depth: Int = 0) throws(JSONLimitError) {
        try add(value, depth: depth)
        guard weight <= JSONNode.maxWeight else { throw .tooLarge(limit: JSONNode.maxWeight) }
    }

    private mutating func add(_ value: JSON, depth: Int) throws(JSONLimitError) {
        switch value {
        case .array(let elements):
            guard depth < JSONNode.maxDepth else { throw .tooDeep(limit: JSONNode.maxDepth) }
            var keys = KeyTally()
            for (index, element) in elements.enumerated() where countsNulls || element != .null {
                keys.add(.index(index + 1))
                try add(element, depth: depth + 1)
            }
            weight += Self.valueWeight + keys.weight
        case .object(let object):
            guard depth < JSONNode.maxDepth else { throw .tooDeep(limit: JSONNode.maxDepth) }
            var keys = KeyTally()
            for member in object.members where countsNulls || member.value != .null {
                keys.add(JSONKey(member: member.key))
                try add(member.value, depth: depth + 1)
            }
            weight += Self.valueWeight + keys.weight
        default:
            weight += Self.scalarWeight(value)
        }
    }
}
