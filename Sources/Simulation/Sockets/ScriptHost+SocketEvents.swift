import GameFolder
import GameRules
import JSONValues
import LuaSandbox
import World

/// Running the scripts of `sockets/`.
extension ScriptHost {
    /// The event of a client that runs and that asked for an answer.
    struct Acknowledging {
        /// The number of the function `ack` that belongs to it.
        let functionID: UInt32
        let socket: SocketHandle
        /// The number that the client gave the event.
        let number: Int
        var isDone = false
    }

    /// Runs `sockets/connect.lua` for a client that wants to connect.
    ///
    /// - Parameters:
    ///   - socket: The socket.
    ///   - isDeclared: Whether the game folder has the script: a game that chooses its clients takes none while that
    ///     does not compile.
    /// - Returns: Why the connection is refused; `nil` when it is accepted.
    func runConnect(_ socket: MapSocket, isDeclared: Bool) -> String? {
        guard let script = scripts[.socket(SocketEvents.connect)] else {
            return isDeclared ? "the game takes no connections now" : nil
        }
        guard let script = runnable(script) else { return "the game takes no connections now" }
        sandbox.bind(names.socket, HostReference(to: socket.handle))
        if script.readsData {
            let auth = socket.opening.auth
            bind(names.data, auth == .null ? .object([:]) : auth)
        }
        guard let result = run(script, frame(script, socket), limit: limits.event) else {
            return "the game could not take the connection"
        }
        if sockets[socket.handle]?.isReachable != true { return "the game refused the connection" }
        switch result {
        case .bool(false): return "the game refused the connection"
        case .string(let reason): return reason.clipped(to: SocketEvents.maxReasonBytes)
        default: return nil
        }
    }

    /// Runs `sockets/disconnect.lua` for a socket that has ended.
    func runDisconnect(_ socket: MapSocket, reason: String) {
        guard let script = runnable(scripts[.socket(SocketEvents.disconnect)]) else { return }
        sandbox.bind(names.socket, HostReference(to: socket.handle))
        sandbox.bind(names.reason, .string(reason))
        run(script, frame(script, socket), limit: limits.event)
    }

    /// Runs the script of a client's event; answers with an error when the game has no script for the event.
    func runSocketEvent(_ name: String, _ arguments: [JSON], _ acknowledgement: Int?, of socket: MapSocket) {
        guard !SocketEvents.reserved.contains(name), let script = scripts[.socket(name)] else {
            let name = name.clipped(to: SocketEvents.maxNameBytes)
            if sockets.noteUnknown(name) {
                log.line(
                    "socket \(socket.sink.socketID) sent the event '\(name)', and there is no sockets/\(name).lua",
                    time: now, tick: tick)
            }
            return refuse(acknowledgement, of: socket, Self.error("there is no event '\(name)'", code: "unknown_event"))
        }
        guard let script = runnable(script) else {
            // No refusal: it is not this client's fault that the script is suspended.
            guard let acknowledgement else { return }
            let error = Self.error("the event failed too often", code: "failed")
            return sockets.outbox.add(.acknowledge(acknowledgement, [error]), to: socket.handle.slot)
        }
        sockets.noteEvent()
        sandbox.bind(names.socket, HostReference(to: socket.handle))
        if script.readsData { bind(names.data, arguments.first ?? .null) }
        if script.readsArguments { bind(names.arguments, .array(arguments)) }
        bindAcknowledgement(acknowledgement, of: socket)
        let succeeded = run(script, frame(script, socket), limit: limits.event) != nil
        if !succeeded {
            let isUnanswered = acknowledging?.isDone == false
            refuse(
                isUnanswered ? acknowledgement : nil, of: socket, Self.error("the event failed", code: "failed"))
        }
        acknowledging = nil
    }

    private func frame(_ script: CompiledScript, _ socket: MapSocket) -> Frame {
        Frame(path: script.path, socket: socket.sink.socketID)
    }

    /// Binds the global `ack`: a function of this event's own, so that one that a script kept is known as such.
    private func bindAcknowledgement(_ number: Int?, of socket: MapSocket) {
        guard let number else { return sandbox.bindNil(names.acknowledge) }
        acknowledgementCount &+= 1
        let id = LuaGlobal.firstAcknowledgement | acknowledgementCount & ~LuaGlobal.firstAcknowledgement
        acknowledging = Acknowledging(functionID: id, socket: socket.handle, number: number)
        sandbox.bind(names.acknowledge, functionID: id)
    }

    private func refuse(_ number: Int?, of socket: MapSocket, _ error: JSON) {
        guard sockets[socket.handle]?.isReachable == true else { return }
        sockets.outbox.add(.refuseEvent(number, error), to: socket.handle.slot)
    }

    private static func error(_ text: String, code: String) -> JSON {
        .object(["error": .string(text), "code": .string(code)])
    }

    /// `ack(…)`: answers the event that runs.
    func answerAcknowledgement(_ call: HostCall) throws {
        guard let current = acknowledging, current.functionID == call.memberID else {
            throw ScriptFault("this ack is of an event that is over; call it while its event runs")
        }
        guard !current.isDone else { throw ScriptFault("this event has its answer already; ack can be called once") }
        try requireWritable()
        let arguments = try values(call, from: 0, "ack")
        if let socket = sockets[current.socket], socket.isReachable {
            let weight = arguments.reduce(0) { $0 + 16 + $1.weight }
            // Throws before the event counts as answered, so that the script can call ack again with less.
            try effects.spendOnSockets(bytes: weight, receivers: 1, limit: world.weight.limit)
            sockets.outbox.add(.acknowledge(current.number, arguments), to: socket.handle.slot)
        }
        acknowledging?.isDone = true
    }
}
