import JSONValues
import LuaSandbox
import Simulation

/// Implements the members of `world` that play clients of Socket.IO.
extension TestVM {
    private static let closeReason = "client namespace disconnect"

    /// `world.connect(options)`: the id of the socket, or nil and the reason why it was refused.
    func connect(_ call: HostCall, _ map: TestMap) throws {
        let usage = "connect(options) has the options login, auth and address"
        var opening = SocketOpening(address: "127.0.0.1")
        for (name, value) in try data(call, at: 0).members {
            switch (name, value) {
            case ("login", .string(let login)): opening.login = login
            case ("address", .string(let address)): opening.address = address
            case ("auth", .object), ("auth", .array): opening.auth = value
            case ("login", _), ("address", _): throw TestMistake("\(usage); \(name) is a text, not \(value.text)")
            case ("auth", _): throw TestMistake("\(usage); auth is a table, not \(value.text)")
            default: throw TestMistake("\(usage), not '\(name)'")
            }
        }
        let socket = try map.connect(opening)
        guard let refusal = socket.refusal else { return call.returnValue(socket.socketID) }
        call.returnNil()
        call.returnValue(refusal)
    }

    /// `world.emit(socket, name, …)`, and `world.request(socket, name, …)`, which returns the values of the answer.
    func emit(_ call: HostCall, _ map: TestMap, wantsAnswer: Bool) throws {
        let usage = wantsAnswer ? "request(socket, event, …)" : "emit(socket, event, …)"
        let socket = try socket(call, map, usage)
        let name = try text(call, at: 1, usage)
        let arguments = try (2..<max(call.argumentCount, 2)).map { try value(call, at: $0, map) }
        let answer = try map.emit(socket, name, arguments, wantsAnswer: wantsAnswer)
        // A host function has at most four results.
        for value in (answer ?? []).prefix(4) { call.returnPacked(PackedJSON.packed(value)) }
    }

    /// `world.emitted(socket, name)`: the events that the client got, all or those of a name.
    func emitted(_ call: HostCall, _ map: TestMap) throws {
        let usage = "emitted(socket, event)"
        let socket = try socket(call, map, usage)
        let name = call.type(at: 1) == .nil ? nil : try text(call, at: 1, usage)
        let events = socket.events.filter { name == nil || $0.name == name }
        call.returnPacked(PackedJSON.packed(.array(events.map(\.json))))
    }

    /// `world.connected(socket)`.
    func connected(_ call: HostCall, _ map: TestMap) throws {
        call.returnValue(try socket(call, map, "connected(socket)").isConnected)
    }

    /// `world.disconnect(socket, reason)`.
    func disconnect(_ call: HostCall, _ map: TestMap) throws {
        let usage = "disconnect(socket, reason)"
        let socket = try socket(call, map, usage)
        try map.disconnect(socket, reason: call.type(at: 1) == .nil ? Self.closeReason : text(call, at: 1, usage))
    }

    private func socket(_ call: HostCall, _ map: TestMap, _ usage: String) throws(TestMistake) -> RecordedSocket {
        guard let id = call.string(at: 0) else {
            throw TestMistake(
                "\(usage): argument 1 must be the id that connect returned, got \(call.typeName(at: 0))")
        }
        guard let socket = map.sockets[id] else { throw TestMistake("\(usage): there is no socket '\(id)'") }
        return socket
    }

    private func value(_ call: HostCall, at index: Int, _ map: TestMap) throws -> JSON {
        switch call.type(at: index) {
        case .nil: return .null
        case .bool: return .bool(call.bool(at: index) ?? false)
        case .number: return .number(call.number(at: index) ?? 0)
        case .string: return .string(call.string(at: index) ?? "")
        case .table, .reference, .other:
            if let table = try map.guest.table(call, at: index) { return table }
            throw TestMistake("argument \(index + 1) can't be sent: \(call.typeName(at: index))")
        }
    }
}
