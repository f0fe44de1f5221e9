/// The fields of one entity, by its handle.
extension World {
    /// The position of an entity.
    ///
    /// - Parameter handle: The entity.
    /// - Returns: Its position in tiles; `nil` when it was removed.
    public func position(of handle: EntityHandle) -> (x: Double, y: Double)? {
        guard let x = number(.x, of: handle), let y = number(.y, of: handle) else { return nil }
        return (x, y)
    }

    /// Sets an entity's position; does nothing when it was removed. The position may be blocked, or off the map.
    ///
    /// - Parameters:
    ///   - handle: The entity.
    ///   - x: Position in tiles.
    ///   - y: Position in tiles.
    /// - Throws: ``WorldError/notFinite(field:)``; the entity stays where it is then.
    public func move(_ handle: EntityHandle, toX x: Double, y: Double) throws(WorldError) {
        guard y.isFinite else { throw .notFinite(field: SystemField.y.name) }
        try set(.x, to: x, of: handle)
        try set(.y, to: y, of: handle)
    }

    /// The number in a field of an entity.
    ///
    /// - Parameters:
    ///   - field: A field that holds a number: `x`, `y`, `z` or `sort`.
    ///   - handle: The entity.
    /// - Returns: The number; `nil` when the entity was removed.
    public func number(_ field: SystemField, of handle: EntityHandle) -> Double? {
        precondition(field.storage == .number, "the field \(field.name) holds text; read it with text(_:of:)")
        return isAlive(handle) ? number(field, slot: Int(handle.slot)) : nil
    }

    /// The text in a field of an entity.
    ///
    /// - Parameters:
    ///   - field: A field that holds text: `side`, `action` or `prefab`.
    ///   - handle: The entity.
    /// - Returns: The text; `nil` when the entity was removed.
    public func text(_ field: SystemField, of handle: EntityHandle) -> String? {
        precondition(field.storage == .string, "the field \(field.name) holds a number; read it with number(_:of:)")
        return isAlive(handle) ? text(field, slot: Int(handle.slot)) : nil
    }

    /// Sets a number field of an entity; does nothing when the entity was removed.
    ///
    /// - Parameters:
    ///   - field: A field that holds a number: `x`, `y`, `z` or `sort`.
    ///   - value: A finite number.
    ///   - handle: The entity.
    /// - Throws: ``WorldError/notFinite(field:)``.
    public func set(_ field: SystemField, to value: Double, of handle: EntityHandle) throws(WorldError) {
        precondition(field.storage == .number, "the field \(field.name) holds text, not a number")
        guard value.isFinite else { throw .notFinite(field: field.name) }
        if isAlive(handle) { set(field, value, slot: Int(handle.slot)) }
    }

    /// Sets a text field of an entity; does nothing when the entity was removed.
    ///
    /// - Parameters:
    ///   - field: A field that holds text: `side`, `action` or `prefab`.
    ///   - value: Up to 64 KiB of text without the character NUL.
    ///   - handle: The entity.
    /// - Throws: ``WorldError/textTooLong(name:given:limit:)`` or ``WorldError/nulInName(name:)``.
    public func set(_ field: SystemField, to value: String, of handle: EntityHandle) throws(WorldError) {
        precondition(field.storage == .string, "the field \(field.name) holds a number, not text")
        try Self.checkName(value, field.name)
        if isAlive(handle) { set(field, value, slot: Int(handle.slot)) }
    }
}
