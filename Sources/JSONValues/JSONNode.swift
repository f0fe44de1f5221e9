/// One array or object of a tree that changes in place [M10.4, `2-lua-api.md` 4].
///
/// A node has at most one parent: what is stored is a copy, and ``takePlace(of:isEqual:)`` puts a table where its copy
/// is. A change at any depth changes the weight and the bytes of all tables above it. As in Lua, an array and an object
/// are two forms of one table: it is an array while its keys are 1 to n, in whatever order they were added, and
/// otherwise an object, with its indices as text. An empty table keeps the form it had.
///
/// A tree does not know the code that stores it. Code that stores trees and counts their weight changes them in two
/// steps: ``change(_:to:)`` checks a change and says by how much the weight will grow, and ``make(_:)`` makes it.
package final class JSONNode {
    /// The value under a key.
    package enum Child {
        /// Anything but an array or object; `null` only inside of a ``JSONTable``, for an index without a value.
        case scalar(JSON)
        case node(JSONNode)

        /// A deep copy as a value.
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

    /// Where a tree is stored, in a table of slots and columns.
    package struct Place: Equatable {
        /// The row.
        package let slot: Int
        /// The column.
        package let column: Int

        /// Makes a place.
        package init(slot: Int, column: Int) {
            self.slot = slot
            self.column = column
        }
    }

    /// A checked change of the value under one key of a table, for ``make(_:)``.
    package struct Change {
        fileprivate let key: JSONKey
        fileprivate let value: JSON?
        /// By how much the weight of the tree grows; negative when it shrinks.
        package let growth: Int
        /// The table under the key, if there is one; it leaves the tree.
        package let replaced: JSONNode?
    }

    /// The most that a tree may weigh: 16 for each value, plus the bytes of its texts and keys.
    package static let maxWeight = 262_144
    /// How deep tables may nest; less than the parser of JSON allows, so that a stored tree can be read again.
    package static let maxDepth = 32

    private var table = JSONTable()
    /// The table that contains this table; `nil` for the root of a tree.
    package private(set) weak var parent: JSONNode?
    /// The key under which ``parent`` contains this table, normalized.
    package private(set) var key: JSONKey?
    /// The number by which scripts refer to this table; 0 when they do not.
    package var scriptNumber: UInt64 = 0 { didSet { isKnown = true } }
    /// Whether scripts may refer to this table or to a table in it.
    package private(set) var isKnown = false
    /// Where the tree is stored; only its root has a place.
    package var place: Place?
    /// The name of the tree's owner, after the owner was removed; `nil` before.
    package private(set) var removedOwner: String?
    private var encoded: [UInt8]?
    /// 16, plus the weight of all children and the bytes of an object's keys; updated with every change in the tables
    /// below.
    package private(set) var weight = JSONSize.valueWeight

    /// Copies an array or object; any other value gives an empty object.
    package init(_ value: JSON) {
        switch value {
        case .array(let values):
            table = JSONTable(elements: values.enumerated().map { child($0.element, .index($0.offset + 1)) })
        case .object(let object):
            table = JSONTable(
                members: object.members.lazy.filter { $0.value != .null }.map {
                    let key = JSONKey(member: $0.key)
                    return (key, self.child($0.value, key))
                })
        default: break
        }
        weight += table.weight
    }

    private func child(_ value: JSON, _ key: JSONKey) -> Child {
        switch value {
        case .array, .object:
            let node = JSONNode(value)
            node.parent = self
            node.key = key
            return .node(node)
        default:
            return .scalar(value)
        }
    }

    /// A deep copy as a value.
    package var json: JSON { table.json }

    /// The tree as compact JSON, kept until the next change.
    package var bytes: [UInt8] {
        if let encoded { return encoded }
        var bytes: [UInt8] = []
        table.write(into: &bytes)
        encoded = bytes
        return bytes
    }

    /// Whether it is an array.
    package var isArray: Bool { table.isArray }

    /// Whether an empty table that replaces this table is an array: this table is an array, or becomes one when it is
    /// emptied.
    package var isList: Bool { table.isArray || table.isList }

    /// The length as Lua's `#` gives it.
    package var count: Int { table.count }

    /// Whether the table is empty.
    package var isEmpty: Bool { table.isEmpty }

    /// The value under a key, or `nil`.
    package subscript(key: JSONKey) -> Child? { table[key.normalized] }

    /// The table under a key; `nil` when the key has no value, or a value that is not a table.
    package func table(_ key: JSONKey) -> JSONNode? {
        if case .node(let node)? = self[key] { node } else { nil }
    }

    /// The key and value after a key in this table's order, or the first ones for `nil`; `nil` at the end.
    ///
    /// `key` may have been removed since it was returned, so that a loop may clear the keys that it visits.
    package func next(after key: JSONKey?) -> (key: JSONKey, value: Child)? { table.next(after: key?.normalized) }

    /// Checks whether a copy of a value may be put under a key; changes nothing.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - value: The value; `nil` or null removes the key.
    /// - Returns: The change, valid as long as nothing else in the tree changes.
    /// - Throws: ``JSONLimitError`` when the tree would outgrow ``maxWeight`` or ``maxDepth``.
    package func change(_ key: JSONKey, to value: JSON?) throws(JSONLimitError) -> Change {
        let value = value == .null ? nil : value
        let key = key.normalized
        var (root, depth) = (self, 1)
        while let parent = root.parent { (root, depth) = (parent, depth + 1) }
        let size = try value.map { value throws(JSONLimitError) in try JSONSize(checking: value, at: depth) }
        let growth = table.growth(putting: size?.weight, at: key)
        guard growth <= 0 || root.weight + growth <= Self.maxWeight else { throw .tooLarge(limit: Self.maxWeight) }
        return Change(key: key, value: value, growth: growth, replaced: self.table(key))
    }

    /// Makes a change that this table checked.
    ///
    /// - Parameter change: What ``change(_:to:)`` of this table returned.
    package func make(_ change: Change) {
        change.replaced?.detach()
        table.store(change.key, change.value.map { child($0, change.key) })
        encoded = nil
        weight += change.growth
        var node = self
        while let parent = node.parent {
            parent.encoded = nil
            parent.weight += change.growth
            node = parent
        }
    }

    /// The root of the tree: the table without a parent.
    package var root: JSONNode {
        var node = self
        while let parent = node.parent { node = parent }
        return node
    }

    /// Separates this table from its parent, or from the place where it is stored.
    package func detach() {
        parent = nil
        key = nil
        place = nil
        encoded = nil
    }

    /// Whether this table may stand where a copy of it does. A table that is a whole stored value stays in its place,
    /// and no table may stand inside itself.
    ///
    /// - Complexity: O(depth).
    package func canTakePlace(of copy: JSONNode) -> Bool {
        guard place == nil else { return false }
        var above: JSONNode? = copy
        while let node = above {
            if node === self { return false }
            above = node.parent
        }
        return true
    }

    /// Takes the place of a copy of this table, and leaves a copy where this table was. The values and weights of all
    /// trees stay the same.
    ///
    /// - Parameters:
    ///   - copy: A table for which ``canTakePlace(of:)`` is true.
    ///   - isEqual: Whether the copy is equal to this table. If not, an empty table in it may be of the other kind.
    package func takePlace(of copy: JSONNode, isEqual: Bool) {
        if let parent, let key {
            let rest = isEqual ? copy : JSONNode(json)
            let (newParent, newKey, newPlace) = (copy.parent, copy.key, copy.place)
            parent.adopt(rest, under: key)
            rest.place = nil
            stand(in: newParent, under: newKey, at: newPlace)
        } else {
            stand(in: copy.parent, under: copy.key, at: copy.place)
            copy.detach()
        }
    }

    private func stand(in newParent: JSONNode?, under newKey: JSONKey?, at newPlace: Place?) {
        parent = nil
        key = nil
        place = newPlace
        guard let newParent, let newKey else { return }
        newParent.adopt(self, under: newKey)
        var above: JSONNode? = newParent
        while let node = above, !node.isKnown {
            node.isKnown = true
            above = node.parent
        }
    }

    private func adopt(_ node: JSONNode, under key: JSONKey) {
        node.parent = self
        node.key = key
        table.replace(key, by: node)
    }

    /// Empties a tree whose owner was removed, so that scripts that still hold a table of it can't read old values.
    ///
    /// Does nothing for a tree of which scripts hold no table.
    ///
    /// - Parameter owner: The name of the owner, for messages.
    package func invalidate(owner: @autoclosure () -> String) {
        if parent == nil, !isKnown { return }
        invalidate(owner())
    }

    fileprivate func write(into out: inout [UInt8]) { table.write(into: &out) }

    private func invalidate(_ owner: String) {
        removedOwner = owner
        for node in table.nodes { node.invalidate(owner) }
        table = JSONTable()
        weight = JSONSize.valueWeight
    }
}

extension JSONNode.Child {
    /// Appends the value as compact JSON in UTF-8.
    func write(into out: inout [UInt8]) {
        switch self {
        case .scalar(let value): value.write(into: &out)
        case .node(let node): node.write(into: &out)
        }
    }
}
