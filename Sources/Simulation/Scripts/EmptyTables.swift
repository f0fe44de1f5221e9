import JSONValues

/// Lua has one empty table, JSON has an empty object and an empty array: the value that is replaced decides which one
/// is meant [`2-lua-api.md` 4].
extension JSON {
    /// Whether this value is or contains an object without members.
    private var hasEmptyObject: Bool {
        switch self {
        case .object(let object): object.isEmpty || object.members.contains { $0.value.hasEmptyObject }
        case .array(let elements): elements.contains(where: \.hasEmptyObject)
        default: false
        }
    }

    /// This value, with some empty objects turned into empty arrays: those at whose place the replaced value has an
    /// array, or has no table and the declared default has an array.
    ///
    /// - Parameters:
    ///   - old: The value that it replaces.
    ///   - model: The default at the same place; evaluated only when there is an empty table.
    /// - Returns: The value to store.
    func keepingEmptyKinds(of old: JSONNode?, or model: @autoclosure () -> JSON?) -> JSON {
        hasEmptyObject ? shaped(like: old, or: model()) : self
    }

    private func shaped(like old: JSONNode?, or model: JSON?) -> JSON {
        switch self {
        case .object(let object) where object.isEmpty:
            if let old { return old.isList ? .array([]) : self }
            if case .array? = model { return .array([]) }
            return self
        case .object(let object):
            var result = JSONObject()
            let models = model?.object.map(MemberLookup.init)
            for member in object.members {
                let value = member.value.shaped(like: old?.table(.name(member.key)), or: models?[member.key])
                result.append(unique: member.key, value)
            }
            return .object(result)
        case .array(let elements):
            let models = model?.array ?? []
            return .array(
                elements.enumerated().map { index, element in
                    element.shaped(
                        like: old?.table(.index(index + 1)), or: index < models.count ? models[index] : nil)
                })
        default: return self
        }
    }
}

/// The members of an object by name, for many lookups: each lookup with ``JSONObject/subscript(_:)`` takes time
/// proportional to the number of members.
private struct MemberLookup {
    private let object: JSONObject
    private let values: [ExactText: JSON]?

    init(_ object: JSONObject) {
        self.object = object
        values =
            object.count <= 8
            ? nil : Dictionary(object.members.map { (ExactText($0.key), $0.value) }) { first, _ in first }
    }

    subscript(key: String) -> JSON? {
        if let values { return values[ExactText(key)] }
        return object[key]
    }
}

extension JSONNode {
    /// What a component's default has at the place of a key of this table.
    func model(_ key: JSONKey, in defaultValue: JSON?) -> JSON? {
        var path = [key]
        var node = self
        while let parent = node.parent {
            guard let place = node.key else { return nil }
            path.append(place)
            node = parent
        }
        return path.reversed().reduce(defaultValue) { model, key in
            switch (model, key) {
            case (.object(let object)?, .name(let name)): object[name]
            case (.object(let object)?, .index(let index)): object[String(index)]
            case (.array(let elements)?, .index(let index)) where index >= 1 && index <= elements.count:
                elements[index - 1]
            default: nil
            }
        }
    }
}
