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

        /// The value as JSON; of a node, with all that is in it.
        package var json: JSON {
            switch self {
            case .scalar(let value): value
            case .node(let node): node.json
            }
        }

        var isHole: Bool { if case .scalar(.null) = self { true } else { false } }

        var weight: Int {
            switch self {
            case .scalar(let value): JSONSize.scalarWeight(value)
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
    /// The deepest tree; less than a reader of JSON allows, so that what is stored can be read again.
    package static let maxDepth = 32

    private var elements: [Child] = []
    private var members = OrderedMembers()
    /// Whether it is an array now; an empty one may become an object.
    package private(set) var isArray: Bool
    /// The node that it stands in; `nil` for a component's own value, and for a table that is in no component.
    package private(set) weak var parent: JSONNode?
    /// The number under which scripts know it; 0 for none, and then they know nothing that is in it either.
    package var scriptNumber: UInt64 = 0
    var owner: Owner?
    /// The entity it belonged to until that one was removed.
    package private(set) var removedOwner: EntityKey?
    private var encoded: [UInt8]?
    /// 16, and the weight of all children and of an object's keys; kept up to date with every change below.
    package private(set) var weight = JSONSize.valueWeight

    /// Copies an array or object; any other value gives an empty object.
    package init(_ value: JSON) {
        switch value {
        case .array(let values):
            isArray = true
            elements = values.map(child)
            trim()
            weight += elements.reduce(0) { $0 + $1.weight }
        case .object(let object):
            isArray = false
            for member in object.members where member.value != .null {
                members.set(member.key, child(member.value))
            }
            weight += members.reduce(0) { $0 + $1.key.utf8.count + $1.value.weight }
        default:
            isArray = false
        }
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
        var bytes: [UInt8] = []
        write(into: &bytes)
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
        switch normalized(key) {
        case .index(let index) where isArray:
            guard index >= 1, index <= elements.count, !elements[index - 1].isHole else { return nil }
            return elements[index - 1]
        case .index(let index): return members[String(index)]
        case .name(let name): return isArray ? nil : members[name]
        }
    }

    /// Puts a copy of a value under a key; `nil` takes the key away.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - value: The value.
    ///   - keeper: The world whose ``WorldWeight/kept`` has the tree when it is in no component.
    /// - Throws: ``WorldError/jsonTooLarge(limit:)`` or ``WorldError/jsonTooDeep(limit:)`` when the tree would outgrow
    ///   ``maxWeight`` or ``maxDepth``, ``WorldError/tooHeavy(limit:kept:)``; nothing changes then.
    package func set(_ key: JSONKey, to value: JSON?, keeper: World? = nil) throws(WorldError) {
        let value = value == .null ? nil : value
        let key = normalized(key)
        var (root, depth) = (self, 1)
        while let parent = root.parent { (root, depth) = (parent, depth + 1) }
        let size = try value.map { value throws(WorldError) in try JSONSize(checking: value, at: depth) }
        let change = growth(putting: size?.weight, at: key)
        guard change <= 0 || root.weight + change <= Self.maxWeight else {
            throw .jsonTooLarge(limit: Self.maxWeight)
        }
        let world = root.owner?.world ?? keeper
        var replaced: JSONNode?
        if case .node(let node)? = self[key] { replaced = node }
        let kept = replaced.map { $0.scriptNumber == 0 ? 0 : $0.weight } ?? 0
        try world?.checkRoom(for: change + kept)
        if let replaced { world?.letGo(replaced) ?? replaced.detach() }
        if root.owner == nil { world?.weight.addKept(change) }
        store(key, value.map(child))
        noteChange(of: change)
    }

    /// The key and value after a key in this table's order, or the first for `nil`; `nil` at the end.
    ///
    /// Keys that were taken away since may still be given, so that a loop may clear what it visits.
    package func next(after key: JSONKey?) -> (key: JSONKey, value: Child)? {
        let key = key.map(normalized)
        if isArray {
            var index = 0
            switch key {
            case .index(let given)?: index = max(given, 0)
            case .name?: return nil
            case nil: break
            }
            while index < elements.count {
                index += 1
                if !elements[index - 1].isHole { return (.index(index), elements[index - 1]) }
            }
            return nil
        }
        return members.next(after: key.map(Self.text)).map { (JSONNode.scriptKey($0.key), $0.value) }
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
        encoded = nil
    }

    /// Notes that its entity is gone, for scripts that still hold it or a table in it, and empties it: nothing can be read
    /// any more. Only through the root's number scripts get at the others'.
    func lose(_ entity: EntityKey) {
        if parent == nil, scriptNumber == 0 { return }
        removedOwner = entity
        for element in elements { if case .node(let node) = element { node.lose(entity) } }
        for (_, value) in members { if case .node(let node) = value { node.lose(entity) } }
        elements = []
        members = OrderedMembers()
        weight = JSONSize.valueWeight
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

    private static func text(_ key: JSONKey) -> String {
        switch key {
        case .index(let index): String(index)
        case .name(let name): name
        }
    }

    /// By how much the weight changes with ``store(_:_:)``.
    private func growth(putting new: Int?, at key: JSONKey) -> Int {
        if isArray, !isEmpty || key == .index(1) {
            if case .index(let index) = key, index >= 1, index <= elements.count + 1 {
                if let new { return new - (index <= elements.count ? elements[index - 1].weight : 0) }
                if index > elements.count { return 0 }
                if index < elements.count { return JSONSize.valueWeight - elements[index - 1].weight }
                let holes = elements.dropLast().reversed().prefix { $0.isHole }.count
                return -elements[index - 1].weight - holes * JSONSize.valueWeight
            }
            guard let new else { return 0 }
            let keys = elements.enumerated().reduce(0) {
                $0 + ($1.element.isHole ? -JSONSize.valueWeight : String($1.offset + 1).utf8.count)
            }
            return keys + new + Self.text(key).utf8.count
        }
        let keyWeight = isEmpty && key == .index(1) ? 0 : Self.text(key).utf8.count
        let old = isArray ? nil : members[Self.text(key)]
        return (new.map { $0 + keyWeight } ?? 0) - (old.map { $0.weight + keyWeight } ?? 0)
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
        members.set(Self.text(key), value)
    }

    private func trim() {
        while elements.last?.isHole == true { elements.removeLast() }
    }

    private func becomeObject() {
        isArray = false
        members = OrderedMembers()
        for (index, element) in elements.enumerated() where !element.isHole {
            members.set(String(index + 1), element)
        }
        elements = []
    }

    private func noteChange(of weightChange: Int) {
        var node = self
        node.encoded = nil
        node.weight += weightChange
        while let parent = node.parent {
            parent.encoded = nil
            parent.weight += weightChange
            node = parent
        }
        guard let owner = node.owner else { return }
        owner.world.noteTableChange(of: weightChange, slot: owner.slot, column: owner.column)
    }
}

extension JSONNode {
    fileprivate func write(into out: inout [UInt8]) {
        var isFirst = true
        out.append(UInt8(ascii: isArray ? "[" : "{"))
        if isArray {
            for element in elements {
                if !isFirst { out.append(UInt8(ascii: ",")) }
                isFirst = false
                element.write(into: &out)
            }
        } else {
            for (key, value) in members {
                if !isFirst { out.append(UInt8(ascii: ",")) }
                isFirst = false
                JSON.write(string: key, into: &out)
                out.append(UInt8(ascii: ":"))
                value.write(into: &out)
            }
        }
        out.append(UInt8(ascii: isArray ? "]" : "}"))
    }
}

extension JSONNode.Child {
    fileprivate func write(into out: inout [UInt8]) {
        switch self {
        case .scalar(let value): value.write(into: &out)
        case .node(let node): node.write(into: &out)
        }
    }
}
