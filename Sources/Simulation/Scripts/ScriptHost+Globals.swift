import GameRules
import LuaSandbox
import World

/// The global functions that the host answers, and arguments that no function knows.
extension ScriptHost {
    func answerGlobal(_ call: HostCall) throws {
        if call.memberID >= LuaGlobal.firstAcknowledgement { return try answerAcknowledgement(call) }
        if call.memberID == LuaGlobal.microtime.rawValue {
            if call.argumentCount > 0 { throw unknownArguments(call, "microtime", after: 0, of: []) }
            return call.returnValue(microtime)
        }
        if call.argumentCount > 1 { throw unknownArguments(call, "exists", after: 1, of: ["entity"]) }
        try answerExists(call)
    }

    /// `exists(entity)`: whether an entity that a script kept is still on the map.
    private func answerExists(_ call: HostCall) throws {
        if call.type(at: 0) == .nil, call.argumentCount > 0 { return call.returnValue(false) }
        if let reference = call.reference(at: 0), reference.classID == LuaClass.socket.rawValue {
            return call.returnValue(sockets[SocketHandle(reference)]?.isReachable == true)
        }
        guard let reference = call.reference(at: 0), reference.classID == LuaClass.entity.rawValue else {
            let hint = call.type(at: 0) == .string ? "; for a key, objects[key] is nil when there is none" : ""
            throw ScriptFault("exists takes an entity or nil, got \(describe(call, at: 0))\(hint)")
        }
        let handle = EntityHandle(slot: reference.slot, generation: reference.generation)
        call.returnValue(world.isAlive(handle))
    }

    /// Refuses arguments beyond those that a function of a proxy has.
    func requireKnownArguments(_ call: HostCall) throws {
        guard call.argumentCount > HostFunction.known(call.memberID), let function = HostFunction(call.memberID) else {
            return
        }
        throw unknownArguments(call, function.name, after: function.known, of: function.parameters)
    }

    private func unknownArguments(
        _ call: HostCall, _ name: String, after known: Int, of parameters: [String]
    ) -> ScriptFault {
        let unknown = (known..<call.argumentCount).map { index in
            "argument \(parameters.count + 1 + index - known) (\(described(call, at: index)))"
        }
        let takes = parameters.isEmpty ? "no arguments" : parameters.joined(separator: ", ")
        return ScriptFault("\(name) takes \(takes); it does not know \(unknown.joined(separator: " and "))")
    }

    private func described(_ call: HostCall, at index: Int) -> String {
        switch call.type(at: index) {
        case .bool: "\(call.bool(at: index) ?? false)"
        case .string, .other: "a \(call.typeName(at: index))"
        case .table: "a table"
        default: describe(call, at: index)
        }
    }
}

/// A function of a proxy, as the host is called for it.
private struct HostFunction {
    /// Its name in messages.
    var name: String
    /// The names of its parameters.
    var parameters: [String]
    /// How many arguments of the call it knows; for a lenient function the reason is one of them, see
    /// `HostClass.Member.method`.
    var known: Int

    init?(_ memberID: UInt32) {
        for owner in ScriptAPI.classes {
            for member in owner.members {
                guard case .host(let id) = member.source, id.rawValue == memberID, let function = member.function else {
                    continue
                }
                name = owner.functionName(member.name)
                parameters = function.parameters.map(\.name)
                known = parameters.last == "..." ? .max : parameters.count + (function.isLenient ? 1 : 0)
                return
            }
        }
        return nil
    }

    private static let first = ScriptMember.id.rawValue

    /// How many arguments each member knows, by its distance from the first member.
    private static let counts: [Int] = ScriptMember.allCases.map { HostFunction($0.rawValue)?.known ?? .max }

    /// How many arguments a member knows; any number for what is no function.
    static func known(_ memberID: UInt32) -> Int {
        let place = Int(memberID) - Int(first)
        return counts.indices.contains(place) ? counts[place] : .max
    }
}
