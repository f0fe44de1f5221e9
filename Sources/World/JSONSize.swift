/// How much a value weighs as part of a json component, and whether it fits.
struct JSONSize {
    /// What any value weighs: 16, and the bytes of a text; a table its children too, and an object its keys.
    private(set) var weight = 0

    static let valueWeight = 16

    static func scalarWeight(_ value: JSON) -> Int {
        if case .string(let text) = value { valueWeight + text.utf8.count } else { valueWeight }
    }

    /// Measures a value, whatever it weighs; one of a component or of an event's parameters, so not too deep.
    init(_ value: JSON) { try? add(value, depth: 0) }

    /// Measures a value.
    ///
    /// - Parameters:
    ///   - value: The value.
    ///   - depth: How many tables it stands in.
    /// - Throws: ``WorldError`` when it is heavier or deeper than a component may be.
    init(checking value: JSON, at depth: Int = 0) throws(WorldError) {
        try add(value, depth: depth)
        guard weight <= JSONNode.maxWeight else { throw .jsonTooLarge(limit: JSONNode.maxWeight) }
    }

    private mutating func add(_ value: JSON, depth: Int) throws(WorldError) {
        switch value {
        case .array(let elements):
            guard depth < JSONNode.maxDepth else { throw .jsonTooDeep(limit: JSONNode.maxDepth) }
            weight += Self.valueWeight
            let end = elements.lastIndex { $0 != .null }
            for element in elements[..<(end.map { $0 + 1 } ?? 0)] { try add(element, depth: depth + 1) }
        case .object(let object):
            guard depth < JSONNode.maxDepth else { throw .jsonTooDeep(limit: JSONNode.maxDepth) }
            weight += Self.valueWeight
            for member in object.members where member.value != .null {
                weight += member.key.utf8.count
                try add(member.value, depth: depth + 1)
            }
        default:
            weight += Self.scalarWeight(value)
        }
    }
}
