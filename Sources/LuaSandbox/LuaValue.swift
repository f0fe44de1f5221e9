/// A value that crosses the border between Swift and Lua.
///
/// Strings of Lua are bytes; here they are text, invalid UTF-8 repaired. Where bytes matter use the accessors of
/// ``HostCall`` or ``PackedReader``.
public enum LuaValue: Sendable, Equatable {
    case `nil`
    case bool(Bool)
    case number(Double)
    case string(String)
    /// A table whose keys are 1 to n, or an empty one marked by `array()`.
    case array([LuaValue])
    /// Any other table, in the order of its fields.
    case object([LuaField])
    /// A proxy of something that the host owns.
    case reference(HostReference)
    /// A function, a coroutine: something that can't cross.
    case other

    /// The name of the value's type as Lua's `type` gives it.
    public var typeName: String {
        switch self {
        case .nil: "nil"
        case .bool: "boolean"
        case .number: "number"
        case .string: "string"
        case .array, .object, .reference: "table"
        case .other: "function"
        }
    }
}

/// One field of a ``LuaValue/object(_:)``.
public struct LuaField: Sendable, Equatable {
    /// The key of a field: text or a whole number.
    public enum Key: Sendable, Hashable {
        case string(String)
        case number(Double)
    }

    /// The field's key.
    public var key: Key
    /// The field's value, never nil.
    public var value: LuaValue

    /// Creates a field with any key.
    public init(key: Key, value: LuaValue) {
        self.key = key
        self.value = value
    }

    /// Creates a field with a text key.
    public init(_ key: String, _ value: LuaValue) {
        self.init(key: .string(key), value: value)
    }
}
