import JSONValues
import LuaSandbox

extension ScriptHost {
    /// The table that a script sends to clients, as the object that they get: each message of the protocol is one JSON
    /// object, so a list is its `data`.
    ///
    /// - Parameters:
    ///   - call: The call of the host function.
    ///   - index: Which of its arguments.
    ///   - function: Its name, for the error.
    /// - Returns: A JSON object.
    /// - Throws: ``ScriptFault`` for anything but a table of values.
    func message(_ call: HostCall, at index: Int, of function: String) throws -> JSON {
        guard let table = try table(call, at: index) else {
            throw ScriptFault("\(function) takes a table, got \(describe(call, at: index))")
        }
        return table.array == nil ? table : .object(["data": table])
    }
}
