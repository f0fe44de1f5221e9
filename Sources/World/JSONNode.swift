/// A key of a table as scripts use it.
package enum JSONKey: Hashable {
    /// A whole number; 1 is the first element of an array.
    case index(Int)
    case name(String)
}

/// One array or object inside a json component, changeable in place [M10.4, `2-lua-api.md` 4].
///
/// Nodes form a tree: a node has one parent, and assigning a table that already has one stores a copy. A change at any
/// depth reaches the component through the parents. Following Lua, an array and an object are two sides of one table:
/// an empty one takes the kind of the first key it gets, and an array that gets a key that does not fit turns into an
/// object with the numbers as text.
package final class JSONNode {
    /// What stands under a key.
    package enum Child {
        /// Anything but an array or object; `null` only inside arrays.
        case scalar(JSON)
        case node(JSONNode)

        package var json: JSON {
            switch self {
            case .scalar(let value): value
            case .node(let node): node.json
            }
        }

        var weight: Int {
            switch self {
            case .scalar(.string(let text)): 16 + text.utf8.count
            case .scalar: 16
            case .node(let node): node.weight
            }
        }
    }

    /// The component that a tree belongs to.
    struct Owner {
        unowned let world: World
        let slot: Int
        let column: Int
    }

    /// The largest tree, as the sum of 16 for each value and the bytes of its texts and keys.
    package static let maxWeight = 262_144

    private var elements: [Child] = []
    private var members = OrderedMembers()
    package private(set) var isArray: Bool
    package private(set) weak var parent: JSONNode?
    /// The number under which scripts know it; 0 for none.
    package var scriptNumber: UInt32 = 0
    var owner: Owner?
    private var encoded: [UInt8]?
    private var treeWeight = 0

    /// Copies an array or object; any other value gives an empty object.
    package init(_ value: JSON) {
        switch value {
        case .array(let values):
            isArray = true
            elements = values.map(child)
            trim()
        case .object(let object):
            isArray = false
            for member in object.members where member.value != .null {
                members.set(member.key, child(member.value))
            }
        default:
            isArray = false
        }
        treeWeight = weight
    }

    private func child(_ value: JSON) -> Child {
        switch value {
        case .array, .object:
            let node = JSONNode(value)
            node.parent = self
            return .node(node)
        default:
            return .scalar(value)
        }
    }

    /// A deep copy as a value.
    package var json: JSON {
        if isArray { return .array(elements.map(\.json)) }
        var object = JSONObject()
        for (key, value) in members { object.append(unique: key, value.json) }
        return .object(object)
    }

    /// The tree as compact JSON, kept until the next change.
    package var bytes: [UInt8] {
        if let encoded { return encoded }
        let bytes = json.bytes
        encoded = bytes
        return bytes
    }

    /// What `#` gives.
    package var count: Int {
        if isArray { return elements.count }
        var border = 0
        while members[String(border + 1)] != nil { border += 1 }
        return border
    }

    /// Whether nothing is in it.
    package var isEmpty: Bool { isArray ? elements.isEmpty : members.isEmpty }

    /// The value under a key, or `nil`.
    package subscript(key: JSONKey) -> Child? {
        switch key {
        case .index(let index) where isArray:
            guard index >= 1, index <= elements.count else { return nil }
            if case .scalar(.null) = elements[index - 1] { return nil }
            return elements[index - 1]
        case .index(let index): return members[String(index)]
        case .name(let name): return isArray ? Int(name).flatMap { self[.index($0)] } : members[name]
        }
    }

    /// Puts a copy of a value under a key; `nil` takes the key away.
    ///
    /// - Throws: ``WorldError/jsonTooLarge(limit:)`` when the tree would outgrow ``maxWeight``; nothing changes then.
    package func set(_ key: JSONKey, to value: JSON?) throws(WorldError) {
        let new = value.flatMap { $0 == .null ? nil : child($0) }
        let root = root
        let key = normalized(key)
        let keyWeight = if case .name(let name) = key { name.utf8.count } else { 0 }
        let old = self[key]
        let change = (new.map { $0.weight + keyWeight } ?? 0) - (old.map { $0.weight + keyWeight } ?? 0)
        guard change <= 0 || root.treeWeight + change <= Self.maxWeight else {
            throw .jsonTooLarge(limit: Self.maxWeight)
        }
        if case .node(let node)? = old { node.detach() }
        store(key, new)
        root.treeWeight += change
        noteChange()
    }

    /// The key and value after a key in this table's order, or the first for `nil`; `nil` at the end.
    ///
    /// The key that was taken away last may still be given, so that a loop may clear what it visits.
    package func next(after key: JSONKey?) -> (key: JSONKey, value: Child)? {
        if isArray {
            var index = 0
            if case .index(let given)? = key.map(normalized) { index = max(given, 0) }
            while index < elements.count {
                index += 1
                if let value = self[.index(index)] { return (.index(index), value) }
            }
            return nil
        }
        let name: String? =
            switch key {
            case .index(let index)?: String(index)
            case .name(let name)?: name
            case nil: nil
            }
        return members.next(after: name).map { (JSONNode.scriptKey($0.key), $0.value) }
    }

    /// The topmost table of the tree.
    package var root: JSONNode {
        var node = self
        while let parent = node.parent { node = parent }
        return node
    }

    /// The entity's slot and the column of the component that this is the root of; `nil` for other nodes.
    package var place: (slot: Int, column: Int)? { owner.map { ($0.slot, $0.column) } }

    /// Forgets the tree it was in: changes no longer reach a component.
    func detach() {
        parent = nil
        owner = nil
        treeWeight = weight
    }

    private var weight: Int {
        if isArray { return elements.reduce(16) { $0 + $1.weight } }
        return members.reduce(16) { $0 + $1.key.utf8.count + $1.value.weight }
    }

    /// Text that is a whole number is that number, so that `t["5"]` and `t[5]` are one place before and after storage.
    private static func scriptKey(_ name: String) -> JSONKey {
        if let number = Int(name), String(number) == name { return .index(number) }
        return .name(name)
    }

    private func normalized(_ key: JSONKey) -> JSONKey {
        if case .name(let name) = key { return Self.scriptKey(name) }
        return key
    }

    private func store(_ key: JSONKey, _ value: Child?) {
        if isEmpty, value != nil { isArray = key == .index(1) }
        if isArray {
            if case .index(let index) = key, index >= 1, index <= elements.count + 1 {
                guard let value else {
                    if index <= elements.count { elements[index - 1] = .scalar(.null) }
                    return trim()
                }
                if index > elements.count { elements.append(value) } else { elements[index - 1] = value }
                return
            }
            if value == nil { return }
            becomeObject()
        }
        switch key {
        case .index(let index): members.set(String(index), value)
        case .name(let name): members.set(name, value)
        }
    }

    private func trim() {
        while case .scalar(.null)? = elements.last { elements.removeLast() }
    }

    private func becomeObject() {
        isArray = false
        for (index, element) in elements.enumerated() {
            if case .scalar(.null) = element { continue }
            members.set(String(index + 1), element)
        }
        elements = []
    }

    private func noteChange() {
        var node = self
        node.encoded = nil
        while let parent = node.parent {
            parent.encoded = nil
            node = parent
        }
        if let owner = node.owner { owner.world.noteJSONChange(slot: owner.slot, column: owner.column) }
    }
}

extension JSON {
    /// Whether a table is small enough for a json component.
    package var fitsComponent: Bool {
        switch self {
        case .array, .object: JSONNode.Child.node(JSONNode(self)).weight <= JSONNode.maxWeight
        default: true
        }
    }
}
