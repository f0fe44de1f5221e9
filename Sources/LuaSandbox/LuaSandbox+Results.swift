internal import CLuaRuntime

/// One value that a script returned, in a form for people.
public struct LuaResult: Equatable, Sendable {
    /// Its text as `tostring` gives it, any bytes.
    public var text: [UInt8]
    /// The value where it is a boolean, a finite number or a string, else nil.
    public var value: LuaScalar?

    /// A value that needs no Lua.
    public enum LuaScalar: Equatable, Sendable {
        case bool(Bool)
        case number(Double)
        case string(String)
    }
}

extension LuaSandbox {
    /// Runs a script and gives every value that it returned as text; `__tostring` runs under the same limits.
    ///
    /// - Parameters:
    ///   - function: A compiled script.
    ///   - limit: CPU time of this thread, zero for no limit.
    /// - Returns: The returned values in order, at most 250.
    /// - Throws: ``ScriptError``, also when called from inside the handler.
    public func callReturningAll(_ function: LuaFunction, limit: Duration) throws(ScriptError) -> [LuaResult] {
        var raw = plr_value()
        try check(plr_call_returning_all(vm, function.handle, limit.limitNanoseconds, &raw))
        var reader = PackedReader(UnsafeRawBufferPointer(start: raw.bytes, count: Int(raw.length)))
        var results: [LuaResult] = []
        guard case .array = reader.next() else { return [] }
        while case .string(let text)? = reader.next(), let item = reader.next() {
            let value: LuaResult.LuaScalar? =
                switch item {
                case .bool(let value): .bool(value)
                case .number(let value): .number(value)
                case .string(let value): .string(String(decoding: value, as: UTF8.self))
                default: nil
                }
            results.append(LuaResult(text: Array(text), value: value))
        }
        return results
    }
}
