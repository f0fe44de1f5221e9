/// The keys and values of one ``JSONNode``: elements of an array, or members of an object once a key does not fit into
/// an array.
///
/// All keys passed to it must be normalized.
struct JSONTable {
    private var elements: [JSONNode.Child] = []
    private var members = OrderedMembers()
    /// Whether it is an array; the first key that an empty table gets decides.
    private(set) var isArray = false

    /// Makes an empty object.
    init() {}

    /// Makes an array; nulls at its end are dropped.
    init(elements: [JSONNode.Child]) {
        isArray = true
        self.elements = elements
        trim()
    }

    /// Makes an object; a repeated name keeps its last value.
    init(members: some Sequence<(String, JSONNode.Child)>) {
        for (name, value) in members { self.members.set(name, value) }
    }

    /// The length as Lua's `#` gives it.
    var count: Int {
        if isArray { return elements.count }
        var border = 0
        while members[String(border + 1)] != nil { border += 1 }
        return border
    }

    var isEmpty: Bool { isArray ? elements.isEmpty : members.isEmpty }

    /// The weight of all children, plus the bytes of an object's keys.
    var weight: Int {
        isArray
            ? elements.reduce(0) { $0 + $1.weight } : members.reduce(0) { $0 + $1.key.utf8.count + $1.value.weight }
    }

    /// The tables among its children.
    var nodes: [JSONNode] {
        let children = isArray ? elements : members.map(\.value)
        return children.compactMap { if case .node(let node) = $0 { node } else { nil } }
    }

    /// A deep copy as a value.
    var json: JSON {
        if isArray { return .array(elements.map(\.json)) }
        var object = JSONObject()
        for (key, value) in members { object.append(unique: key, value.json) }
        return .object(object)
    }

    subscript(key: JSONKey) -> JSONNode.Child? {
        guard isArray else { return members[key.text] }
        guard case .index(let index) = key, index >= 1, index <= elements.count, !elements[index - 1].isHole else {
            return nil
        }
        return elements[index - 1]
    }

    /// The key and value after a key, or the first ones for `nil`; `nil` at the end.
    func next(after key: JSONKey?) -> (key: JSONKey, value: JSONNode.Child)? {
        guard isArray else { return members.next(after: key?.text).map { (JSONKey(member: $0.key), $0.value) } }
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
            return keys + new + key.text.utf8.count
        }
        let keyWeight = isEmpty && key == .index(1) ? 0 : key.text.utf8.count
        let old = isArray ? nil : members[key.text]
        return (new.map { $0 + keyWeight } ?? 0) - (old.map { $0.weight + keyWeight } ?? 0)
    }

    /// Puts a value under a key; `nil` removes the key.
    mutating func store(_ key: JSONKey, _ value: JSONNode.Child?) {
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
        members.set(key.text, value)
    }

    private mutating func trim() {
        while elements.last?.isHole == true { elements.removeLast() }
    }

    private mutating func becomeObject() {
        isArray = false
        members = OrderedMembers()
        for (index, element) in elements.enumerated() where !element.isHole {
            members.set(String(index + 1), element)
        }
        elements = []
    }

    /// Appends the table as compact JSON in UTF-8.
    func write(into out: inout [UInt8]) {
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
