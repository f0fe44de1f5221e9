/// The keys and values of one ``JSONNode``. The table is an array while its keys are 1 to n, otherwise an object.
///
/// All keys passed to it must be normalized. The values are kept as `elements` or as `members`; which of them is only a
/// matter of speed.
struct JSONTable {
    /// The values of the keys from 1 on; null for a key without a value, and never null at the end.
    private var elements: [JSONNode.Child] = []
    /// The values of all keys, once a key was added that does not continue `elements`.
    private var members = OrderedMembers()
    private var hasMembers = false
    private var keys = KeyTally()
    /// Whether the table is an array while it is empty.
    private var isListIfEmpty = false

    /// Makes an empty object.
    init() {}

    /// Makes a table with keys from 1 on; a null leaves its key without a value.
    init(elements: [JSONNode.Child]) {
        isListIfEmpty = true
        self.elements = elements
        for (index, element) in elements.enumerated() where !element.isHole { keys.add(.index(index + 1)) }
        trim()
    }

    /// Makes a table of members; a repeated key keeps its last value.
    init(members: some Sequence<(JSONKey, JSONNode.Child)>) {
        for (key, value) in members { store(key, value) }
    }

    /// Whether it is an array.
    var isArray: Bool { isEmpty ? isListIfEmpty : keys.isSequence }

    /// Whether it becomes an array when all its keys are removed.
    var isList: Bool { isListIfEmpty }

    /// The length as Lua's `#` gives it.
    var count: Int {
        if !hasMembers { return elements.count }
        if keys.isSequence { return keys.count }
        var border = 0
        while members[String(border + 1)] != nil { border += 1 }
        return border
    }

    var isEmpty: Bool { keys.count == 0 }

    /// The weight of all children, plus the bytes of an object's keys.
    var weight: Int {
        keys.weight
            + (hasMembers
                ? members.reduce(0) { $0 + $1.value.weight }
                : elements.reduce(0) { $0 + ($1.isHole ? 0 : $1.weight) })
    }

    /// The tables among its children.
    var nodes: [JSONNode] {
        let children = hasMembers ? members.map(\.value) : elements
        return children.compactMap { if case .node(let node) = $0 { node } else { nil } }
    }

    /// The values of an array in order.
    private var sequence: [JSONNode.Child] {
        hasMembers ? (0..<keys.count).compactMap { members[String($0 + 1)] } : elements
    }

    /// A deep copy as a value.
    var json: JSON {
        if isArray { return .array(sequence.map(\.json)) }
        var object = JSONObject()
        forEach { object.append(unique: $0.text, $1.json) }
        return .object(object)
    }

    private func forEach(_ body: (JSONKey, JSONNode.Child) throws -> Void) rethrows {
        if hasMembers {
            for (name, value) in members { try body(JSONKey(member: name), value) }
        } else {
            for (index, element) in elements.enumerated() where !element.isHole { try body(.index(index + 1), element) }
        }
    }

    subscript(key: JSONKey) -> JSONNode.Child? {
        guard !hasMembers else { return members[key.text] }
        guard case .index(let index) = key, index >= 1, index <= elements.count, !elements[index - 1].isHole else {
            return nil
        }
        return elements[index - 1]
    }

    /// The key and value after a key, or the first ones for `nil`; `nil` at the end.
    func next(after key: JSONKey?) -> (key: JSONKey, value: JSONNode.Child)? {
        guard !hasMembers else { return members.next(after: key?.text).map { (JSONKey(member: $0.key), $0.value) } }
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

    /// Computes by how much the weight changes with ``store(_:_:)``.
    ///
    /// - Parameters:
    ///   - new: The weight of the new value; `nil` when the key is removed.
    ///   - key: The key.
    /// - Returns: The difference; negative when the table becomes lighter.
    func growth(putting new: Int?, at key: JSONKey) -> Int {
        let old = self[key]
        var after = keys
        if old == nil, new != nil { after.add(key) }
        if old != nil, new == nil { after.remove(key) }
        return (new ?? 0) - (old?.weight ?? 0) + after.weight - keys.weight
    }

    /// Puts a value under a key; `nil` removes the key.
    mutating func store(_ key: JSONKey, _ value: JSONNode.Child?) {
        let isThere = self[key] != nil
        guard let value else {
            guard isThere else { return }
            keys.remove(key)
            // `members` stay `members`, so that a loop may remove the keys that it visits.
            if hasMembers { return members.set(key.text, nil) }
            if case .index(let index) = key { elements[index - 1] = .scalar(.null) }
            return trim()
        }
        noteKind(key)
        if isEmpty { (hasMembers, members, elements) = (key != .index(1), OrderedMembers(), []) }
        if !isThere { keys.add(key) }
        guard hasMembers else { return storeElement(key, value) }
        members.set(key.text, value)
        // They stay members, so that no order of changes costs more than moving the elements once.
        if keys.isSequence { isListIfEmpty = true }
    }

    private mutating func storeElement(_ key: JSONKey, _ value: JSONNode.Child) {
        if case .index(let index) = key, index >= 1, index <= elements.count + 1 {
            if index > elements.count { elements.append(value) } else { elements[index - 1] = value }
        } else {
            becomeMembers()
            members.set(key.text, value)
        }
    }

    /// An empty table becomes a list with the key 1. A key that no list has ends that.
    private mutating func noteKind(_ key: JSONKey) {
        if case .index(let index) = key, index >= 1 {
            if isEmpty, index == 1 { isListIfEmpty = true }
        } else {
            isListIfEmpty = false
        }
    }

    /// Replaces the table under a key by a table of the same weight.
    mutating func replace(_ key: JSONKey, by node: JSONNode) {
        if !hasMembers, case .index(let index) = key {
            elements[index - 1] = .node(node)
        } else {
            members.set(key.text, .node(node))
        }
    }

    private mutating func trim() {
        while elements.last?.isHole == true { elements.removeLast() }
    }

    private mutating func becomeMembers() {
        hasMembers = true
        members = OrderedMembers()
        for (index, element) in elements.enumerated() where !element.isHole {
            members.set(String(index + 1), element)
        }
        elements = []
    }

    /// Appends the table as compact JSON in UTF-8.
    func write(into out: inout [UInt8]) {
        let isArray = isArray
        var isFirst = true
        func separate() {
            if !isFirst { out.append(UInt8(ascii: ",")) }
            isFirst = false
        }
        out.append(UInt8(ascii: isArray ? "[" : "{"))
        if isArray {
            for element in sequence {
                separate()
                element.write(into: &out)
            }
        } else {
            forEach { key, value in
                separate()
                JSON.write(string: key.text, into: &out)
                out.append(UInt8(ascii: ":"))
                value.write(into: &out)
            }
        }
        out.append(UInt8(ascii: isArray ? "]" : "}"))
    }
}
