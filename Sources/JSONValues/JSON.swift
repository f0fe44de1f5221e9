/// A JSON value.
///
/// Objects keep the order of their keys, but equality ignores the order. Texts and keys are equal when their bytes are
/// equal.
public enum JSON: Sendable, Hashable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSON])
    case object(JSONObject)

    /// The number, if this is one.
    public var number: Double? { if case .number(let value) = self { value } else { nil } }
    /// The text, if this is one.
    public var string: String? { if case .string(let value) = self { value } else { nil } }
    /// The boolean, if this is one.
    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    /// The elements, if this is an array.
    public var array: [JSON]? { if case .array(let value) = self { value } else { nil } }
    /// The object, if this is one.
    public var object: JSONObject? { if case .object(let value) = self { value } else { nil } }

    /// The JSON name of this value's type, for messages.
    public var typeName: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }

    /// Whether two values are the same.
    public static func == (left: JSON, right: JSON) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.number(let left), .number(let right)): left == right
        case (.string(let left), .string(let right)): left.isExactly(right)
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)): left == right
        default: false
        }
    }
}

/// A JSON object: its keys in the order in which they were added, each once.
public struct JSONObject: Sendable, ExpressibleByDictionaryLiteral {
    /// The members in order.
    public private(set) var members: [(key: String, value: JSON)] = []

    /// Makes an empty object.
    public init() {}

    /// Makes an object from a literal; a repeated key keeps its first place and its last value.
    ///
    /// - Parameter elements: The members.
    public init(dictionaryLiteral elements: (String, JSON)...) {
        for (key, value) in elements { self[key] = value }
    }

    /// The value under a key; assigning `nil` removes it.
    ///
    /// - Complexity: O(members).
    public subscript(key: String) -> JSON? {
        get { members.first { $0.key.isExactly(key) }?.value }
        set {
            if let index = members.firstIndex(where: { $0.key.isExactly(key) }) {
                if let newValue { members[index].value = newValue } else { members.remove(at: index) }
            } else if let newValue {
                members.append((key, newValue))
            }
        }
    }

    /// Adds a member whose key is known to be absent.
    ///
    /// - Parameters:
    ///   - key: A key that is not in the object yet.
    ///   - value: Its value.
    /// - Complexity: O(1).
    public mutating func append(unique key: String, _ value: JSON) { members.append((key, value)) }

    /// The number of members.
    public var count: Int { members.count }
    /// Whether there are no members.
    public var isEmpty: Bool { members.isEmpty }
    /// The keys in order.
    public var keys: [String] { members.map(\.key) }
}

extension JSONObject: Hashable {
    /// Compares members without regard to their order.
    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        guard left.count == right.count else { return false }
        // The order is usually the same. When it is not, searching for each key would be too slow for large objects,
        // which clients can send.
        var index = 0
        while index < left.count, left.members[index].key.isExactly(right.members[index].key) {
            if left.members[index].value != right.members[index].value { return false }
            index += 1
        }
        let rest = left.members[index...]
        if rest.count <= 8 { return rest.allSatisfy { right[$0.key] == $0.value } }
        let others = Dictionary(right.members[index...].map { (ExactText($0.key), $0.value) }) { first, _ in first }
        return rest.allSatisfy { others[ExactText($0.key)] == $0.value }
    }

    /// Hashes the members without regard to their order.
    ///
    /// - Parameter hasher: Receives the hash.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(members.count)
        hasher.combine(members.reduce(0) { $0 ^ $1.key.hashValue })
    }
}
