import JSONValues

/// Lua has one empty table, JSON has two: which one is meant follows from what stood in its place [`2-lua-api.md` 4].
extension JSON {
    /// Whether an object without members is in it.
    private var hasEmptyObject: Bool {
        switch self {
        case .object(let object): object.isEmpty || object.members.contains { $0.value.hasEmptyObject }
        case .array(let elements): elements.contains(where: \.hasEmptyObject)
        default: false
        }
    }

    /// This value with every empty object an empty array where the value that it replaces has an array, or, where that
    /// one has no table, the declared default has.
    ///
    /// - Parameters:
    ///   - old: What it replaces.
    ///   - model: The default at the same place; asked for only when there is an empty table.
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

/// The members of an object by name, for many questions: each of ``JSONObject/subscript(_:)`` takes as long as it is
/// large.
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
