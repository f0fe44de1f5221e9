public import JSONValues

extension World {
    /// The longest text of a field or component, in bytes; it is bounded because it is sent to every client of the map.
    package static let maxTextBytes = 65_536

    /// The longest name of a declared component, group, event or parameter, in bytes: as long as a file's name may be.
    package static let maxNameBytes = 255

    /// Refuses a text that is too long for a field or component.
    package static func checkLength(of text: String, _ name: String) throws(WorldError) {
        try checkLength(text.utf8.count, name)
    }

    /// As ``checkLength(of:_:)``, for a text of `count` bytes that was not copied yet.
    package static func checkLength(_ count: Int, _ name: String) throws(WorldError) {
        guard count <= maxTextBytes else { throw .textTooLong(name: name, given: count, limit: maxTextBytes) }
    }

    /// Refuses a text that can't be a name of an entity: its prefab, side, action or login. Such a name may not be too
    /// long, and it may not contain the character NUL, which other programs take for the end of a text.
    package static func checkName(_ text: String, _ name: String) throws(WorldError) {
        try checkLength(of: text, name)
        try checkNoNUL(text, name)
    }

    /// Refuses a name that contains the character NUL.
    static func checkNoNUL(_ text: String, _ name: String) throws(WorldError) {
        guard !text.utf8.contains(0) else { throw .nulInName(name: name) }
    }

    /// The value of a number field; `field` must be one: `x`, `y`, `z` or `sort`.
    package func number(_ field: SystemField, slot: Int) -> Double {
        columns[field].numbers[slot]
    }

    /// The value of a text field; `field` must be one: `side`, `action` or `prefab`.
    package func text(_ field: SystemField, slot: Int) -> String {
        strings.text(columns[field].strings[slot]) ?? ""
    }

    /// Sets a number field; setting the same value again is not a change.
    package func set(_ field: SystemField, _ value: Double, slot: Int) {
        set(value, column: columns[field], slot: slot)
        if field == .x || field == .y { places.mark(slot) }
    }

    /// Sets a text field. Each assignment of `action` is sent to clients, even of the same text.
    package func set(_ field: SystemField, _ value: String, slot: Int) {
        set(value, column: columns[field], slot: slot, isAlwaysDirty: field == .action)
    }

    /// Sets a number; NaN means nil. Setting the same value again is not a change.
    package func set(_ value: Double, column: Column, slot: Int) {
        let old = column.numbers[slot]
        guard !old.isSame(as: value) else { return }
        column.numbers[slot] = value
        changes.mark(column: column.index, slot: slot)
    }

    /// Sets a text; setting the same text again is a change only if `isAlwaysDirty`.
    package func set(_ value: String?, column: Column, slot: Int, isAlwaysDirty: Bool = false) {
        let new = value.map(strings.intern) ?? StringTable.none
        let old = column.strings[slot]
        if new != old { weight.add(strings.length(new) - strings.length(old)) }
        column.strings[slot] = new
        strings.release(old)
        if new != old || isAlwaysDirty { changes.mark(column: column.index, slot: slot) }
    }

    /// The value of a component of an entity.
    ///
    /// - Parameters:
    ///   - name: The component's name.
    ///   - handle: The entity.
    /// - Returns: Its value, null for nil; `nil` when the entity was removed or has no such component.
    public func component(_ name: String, of handle: EntityHandle) -> JSON? {
        guard isAlive(handle), let column = columns.components[name], column.kinds.contains(kind(Int(handle.slot)))
        else {
            return nil
        }
        return json(column: column, slot: Int(handle.slot))
    }

    /// Sets a component of an entity; does nothing when the entity was removed.
    ///
    /// - Parameters:
    ///   - name: The component's name.
    ///   - value: A value of the declared type, or null.
    ///   - handle: The entity.
    /// - Throws: ``WorldError`` when the component is not declared for the kind or the value is of another type.
    public func setComponent(_ name: String, to value: JSON, of handle: EntityHandle) throws(WorldError) {
        guard isAlive(handle) else { return }
        try setComponent(name, to: value, slot: Int(handle.slot))
    }

    /// As ``setComponent(_:to:of:)``, for the entity in a slot, which must be alive.
    package func setComponent(_ name: String, to value: JSON, slot: Int) throws(WorldError) {
        let column = try column(ofComponent: name, slot: slot)
        guard column.accepts(value) else {
            throw .wrongType(component: name, expected: column.typeName, given: value.typeName)
        }
        try column.checkBound(value)
        setJSON(value, column: column, slot: slot)
    }

    /// The column of a component that an entity has.
    package func column(ofComponent name: String, slot: Int) throws(WorldError) -> Column {
        let kind = kind(slot)
        guard let column = columns.components[name], column.kinds.contains(kind) else {
            let known = columns.components.values.filter { $0.kinds.contains(kind) }.map(\.name).sorted()
            throw .unknownComponent(name: name, kind: kind, known: known)
        }
        return column
    }

    /// Sets a value that is known to fit the column's type.
    package func setJSON(_ value: JSON, column: Column, slot: Int) {
        switch column.storage {
        case .number: set(value.number ?? .nan, column: column, slot: slot)
        case .string: set(value.string, column: column, slot: slot)
        case .boolean: set(value.bool.map { $0 ? 1 : 0 } ?? .nan, column: column, slot: slot)
        case .json:
            let node: JSONNode? = value == .null ? nil : JSONNode(value)
            node?.place = JSONNode.Place(slot: slot, column: column.index)
            weight.add((node?.weight ?? 0) - (column.nodes[slot]?.weight ?? 0))
            if let old = column.nodes[slot] { detachFromComponent(old) }
            column.nodes[slot] = node
            changes.mark(column: column.index, slot: slot)
        }
    }

    /// The value of a column as JSON; null for nil.
    package func json(column: Column, slot: Int) -> JSON {
        switch column.storage {
        case .number:
            let value = column.numbers[slot]
            return value.isNaN ? .null : .number(value)
        case .string: return strings.text(column.strings[slot]).map { .string($0) } ?? .null
        case .boolean:
            let value = column.numbers[slot]
            return value.isNaN ? .null : .bool(value != 0)
        case .json: return column.nodes[slot]?.json ?? .null
        }
    }
}

extension Column {
    /// The declared type's name.
    package var typeName: String {
        switch storage {
        case .number: "number"
        case .string: "string"
        case .boolean: "boolean"
        case .json: "table"
        }
    }

    /// Refuses a value of the column's type that is larger than a component may be, and returns its weight.
    @discardableResult
    package func checkBound(_ value: JSON) throws(WorldError) -> Int { try World.checkBound(value, component: name) }

    /// Whether a value is of the column's type, or null.
    package func accepts(_ value: JSON) -> Bool {
        switch (storage, value) {
        case (_, .null), (.string, .string), (.boolean, .bool), (.json, .array), (.json, .object): true
        case (.number, .number(let number)): number.isFinite
        default: false
        }
    }
}
