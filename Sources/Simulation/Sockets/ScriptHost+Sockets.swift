import GameRules
import JSONValues
import LuaSandbox
import Wire
import World

/// `socket`, `io` and what they lead to [`docs/lua/sockets.md`].
extension ScriptHost {
    // MARK: socket

    func answerSocket(_ call: HostCall) throws {
        let member = ScriptMember(rawValue: call.memberID)
        let handle = SocketHandle(call.reference)
        if call.operation == .get, member == .socketConnected {
            return call.returnValue(sockets[handle]?.isReachable == true)
        }
        guard let socket = sockets[handle] else { throw ScriptFault("this socket is gone") }
        switch call.operation {
        case .get: try answerField(member, of: socket, call)
        case .set: try setData(call, of: socket)
        case .call: try answerCall(member, of: socket, call)
        case .toString: call.returnValue("socket \(socket.sink.socketID)")
        case .length: call.returnValue(0)
        default: throw unknownField(call, of: ScriptAPI.socket, "a socket's fields can't be assigned, but for data")
        }
    }

    private func answerField(_ member: ScriptMember?, of socket: MapSocket, _ call: HostCall) throws {
        switch member {
        case .socketID: call.returnValue(socket.sink.socketID)
        case .socketLogin: if let login = socket.opening.login { call.returnValue(login) }
        case .socketPlayerID: if let id = socket.opening.playerID { call.returnValue(Double(id)) }
        case .socketAddress: call.returnValue(socket.opening.address)
        case .socketRooms: call.returnPacked(PackedJSON.packed(.array(socket.rooms.map { .string($0) })))
        case .socketBroadcast: call.returnValue(HostReference(to: socket.handle, as: .broadcast))
        default: call.returnValue(reference(of: try data(of: socket)))
        }
    }

    private func answerCall(_ member: ScriptMember?, of socket: MapSocket, _ call: HostCall) throws {
        if member == .socketTo {
            return call.returnValue(try reference(of: .others(than: socket.handle).to(room(call))))
        }
        try requireWritable()
        switch member {
        case .socketEmit:
            let (name, arguments) = try event(call, "socket.emit")
            guard socket.isReachable else { return }
            let packet = sockets.packets.event(name, arguments)
            try effects.spendOnSockets(
                bytes: packet.sizeWithoutOffset, receivers: 1,
                followers: sockets.outbox.hasFollower(for: socket.handle.slot) ? 1 : 0, limit: world.weight.limit)
            sockets.outbox.add(packet, to: socket.handle.slot)
        case .socketJoin: try sockets.join(room(call), socket.handle, in: world)
        case .socketLeave: sockets.leave(try room(call), socket.handle, in: world)
        case .socketDisconnect:
            guard sockets.end(socket.handle, reason: "server namespace disconnect") else { return }
            sockets.outbox.add(.disconnect, to: socket.handle.slot)
        default: throw ScriptFault("a socket has no such function")
        }
    }

    // MARK: socket.data

    /// The table that is kept for a socket.
    private func data(of socket: MapSocket) throws -> JSONNode {
        if let data = socket.data { return data }
        return try setData(.object([:]), of: socket)
    }

    private func setData(_ call: HostCall, of socket: MapSocket) throws {
        try requireWritable()
        let value = try assignedValue(call, at: 0).json
        guard value.array != nil || value.object != nil else {
            throw ScriptFault("a socket's data must be a table, got \(describe(call, at: 0))")
        }
        _ = try setData(value, of: socket)
    }

    private func setData(_ value: JSON, of socket: MapSocket) throws -> JSONNode {
        let node = try withDataLimit { () throws(WorldError) in
            try world.makeOutside(
                value, replacing: sockets[socket.handle]?.data, owner: socket.handle.slot,
                limit: SocketEvents.maxDataWeight)
        }
        sockets.setData(node, of: socket.handle)
        return node
    }

    /// Puts a value under a key of a table of a socket's data.
    func writeSocketData(_ node: JSONNode, _ key: JSONKey, _ value: AssignedValue) throws {
        if value.isOnly(node.table(key)) { return }
        let shaped = value.json.keepingEmptyKinds(of: node.table(key), or: nil)
        try withDataLimit { () throws(WorldError) in
            try world.set(key, ofOutside: node, to: shaped, limit: SocketEvents.maxDataWeight)
        }
    }

    private func withDataLimit<Value>(_ change: () throws(WorldError) -> Value) throws -> Value {
        do throws(WorldError) {
            return try change()
        } catch {
            guard case .jsonTooLarge = error else { throw error }
            throw ScriptFault(
                "a socket's data may hold about \(SocketEvents.maxDataWeight >> 10) KiB; keep the rest in the map's entities"
            )
        }
    }

    // MARK: socket.broadcast, and what to and except return

    func answerBroadcast(_ call: HostCall) throws {
        let handle = SocketHandle(call.reference)
        guard sockets[handle] != nil else { throw ScriptFault("this socket is gone") }
        let others = SocketTarget.others(than: handle)
        switch (call.operation, ScriptMember(rawValue: call.memberID)) {
        case (.call, .broadcastEmit): try emit(call, to: others, "socket.broadcast.emit")
        case (.call, .broadcastTo): call.returnValue(try reference(of: others.to(room(call))))
        case (.call, .broadcastExcept): call.returnValue(try reference(of: others.except(room(call))))
        case (.toString, _): call.returnValue("broadcast")
        case (.length, _): call.returnValue(0)
        default: throw unknownField(call, of: ScriptAPI.broadcast)
        }
    }

    func answerTarget(_ call: HostCall) throws {
        guard let target = sockets.targets[call.reference.number] else { throw ScriptFault("this target is gone") }
        switch (call.operation, ScriptMember(rawValue: call.memberID)) {
        case (.call, .targetEmit): try emit(call, to: target, "emit")
        case (.call, .targetTo): call.returnValue(try reference(of: target.to(room(call))))
        case (.call, .targetExcept): call.returnValue(try reference(of: target.except(room(call))))
        case (.toString, _): call.returnValue("target")
        case (.length, _): call.returnValue(0)
        default: throw unknownField(call, of: ScriptAPI.target)
        }
    }

    private func reference(of target: SocketTarget) throws(ScriptFault) -> HostReference {
        if !sockets.targets.hasRoom(for: target) {
            makeRoomForTargets()
            guard sockets.targets.hasRoom(for: target) else {
                throw ScriptFault(
                    "scripts hold so many different targets of to and except that these take \(SocketTargets.maxWeight >> 20) MiB; "
                        + "keep the names of their rooms instead")
            }
        }
        return HostReference(classID: .target, number: sockets.targets.number(of: target))
    }

    /// First forgets the targets whose proxies Lua has collected already; if that is not enough, runs a full collection,
    /// unless one of this tick did not help.
    private func makeRoomForTargets() {
        let goal = SocketTargets.maxWeight / 2
        sweepTargets()
        guard sockets.targets.weight > goal, sockets.targets.vainCollection != tick, sandbox.collectAllGarbage() else {
            return
        }
        guest?.collectAllGarbage()
        sweepTargets()
        if sockets.targets.weight > goal { sockets.targets.vainCollection = tick }
    }

    /// Forgets the targets that scripts no longer hold, when there are many; called at the beginning of a tick.
    func sweepTargetsWhenDue() { if sockets.targets.isCrowded { sweepTargets() } }

    private func sweepTargets() {
        var held = sandbox.referencesInUse(ofClass: LuaClass.target.rawValue)
        if let guest {
            held = held.flatMap { own in
                guest.referencesInUse(ofClass: LuaClass.target.rawValue).map { own + $0 }
            }
        }
        sockets.targets.sweep(held: held.map { Set($0.map(\.number)) })
    }

    // MARK: io

    func answerIO(_ call: HostCall) throws {
        switch (call.operation, ScriptMember(rawValue: call.memberID)) {
        case (.get, .ioSockets): call.returnValue(HostReference(classID: LuaClass.sockets.rawValue))
        case (.call, .ioEmit): try emit(call, to: .all, "io.emit")
        case (.call, .ioTo): call.returnValue(try reference(of: .all.to(room(call))))
        case (.call, .ioExcept): call.returnValue(try reference(of: .all.except(room(call))))
        case (.toString, _): call.returnValue("io")
        case (.length, _): call.returnValue(0)
        default:
            if let name = name(call, at: 0), ScriptAPI.fileFunctions.contains(name) {
                throw ScriptFault("scripts reach no files: io has \(ScriptAPI.io.listing.joined(separator: ", "))")
            }
            throw unknownField(call, of: ScriptAPI.io)
        }
    }

    func answerSockets(_ call: HostCall) throws {
        switch call.operation {
        case .index:
            if call.type(at: 0) == .number {
                throw ScriptFault(
                    "io.sockets has sockets by id, not by number; write for id, socket in pairs(io.sockets)")
            }
            guard let socket = name(call, at: 0).flatMap(sockets.named), socket.isReachable else { return }
            call.returnValue(HostReference(to: socket.handle))
        case .next:
            var after: UInt64 = 0
            if call.type(at: 0) != .nil {
                guard let last = name(call, at: 0).flatMap(sockets.named) else {
                    throw ScriptFault("invalid key to 'next': no socket has this id any more")
                }
                after = last.handle.serial
            }
            guard let socket = sockets.reachable.member(after: after).flatMap({ sockets[$0] }) else { return }
            call.returnValue(socket.sink.socketID)
            call.returnValue(HostReference(to: socket.handle))
        case .length: call.returnValue(Double(sockets.reachable.count))
        case .toString: call.returnValue("io.sockets")
        default:
            throw ScriptFault("io.sockets has the sockets by id, and can't be changed; call disconnect of a socket")
        }
    }

    // MARK: Sending

    private func emit(_ call: HostCall, to target: SocketTarget, _ function: String) throws {
        try requireWritable()
        let (name, arguments) = try event(call, function)
        let receivers = sockets.receivers(of: target)
        let sender = target.sender.flatMap { receivers.contains($0.serial) ? $0.slot : nil }
        let count = receivers.count - (sender == nil ? 0 : 1)
        guard count > 0 else { return }
        let packet = sockets.packets.event(name, arguments)
        let followers = sockets.outbox.followers(of: target, among: receivers.members, except: sender)
        try effects.spendOnSockets(
            bytes: packet.sizeWithoutOffset, receivers: count, followers: followers, limit: world.weight.limit)
        sockets.outbox.add(packet, for: target, to: receivers.members, except: sender)
    }

    /// The name and the arguments of an event that a script sends.
    private func event(_ call: HostCall, _ function: String) throws -> (name: String, arguments: [JSON]) {
        let name = try name(call, at: 0, "the event's name")
        if let problem = SocketEvents.problem(withSent: name) { throw ScriptFault("\(function): \(problem)") }
        return (name, try values(call, from: 1, function))
    }

    /// The arguments of a call from an index on, as JSON.
    func values(_ call: HostCall, from first: Int, _ function: String) throws -> [JSON] {
        // A call has at most 16 arguments here; the VM leaves the others out.
        guard call.argumentCount - first <= SocketEvents.maxArguments else {
            throw ScriptFault("\(function) takes \(SocketEvents.maxArguments) values; put more into a table")
        }
        return try (first..<max(call.argumentCount, first)).map { try json(call, at: $0) }
    }

    private func room(_ call: HostCall) throws -> String {
        let name = try text(call, at: 0, "a room") { length in
            if length == 0 { throw ScriptFault("a room's name must not be empty") }
            guard length > SocketEvents.maxNameBytes else { return }
            throw ScriptFault("a room's name may have \(SocketEvents.maxNameBytes) bytes, and this one has \(length)")
        }
        return name
    }

    private func unknownField(
        _ call: HostCall, of owner: ScriptAPI.Class, _ reason: String? = nil
    ) -> ScriptFault {
        let name = name(call, at: 0) ?? describe(call, at: 0)
        if call.isWriting { return ScriptFault(reason ?? "\(owner.article).\(name) can't be assigned") }
        return ScriptFault("\(owner.article) has no field '\(name)'; it has \(owner.listing.joined(separator: ", "))")
    }
}

extension HostReference {
    /// The reference of a socket, or of its broadcast.
    init(to socket: SocketHandle, as classID: LuaClass = .socket) {
        self.init(
            classID: classID.rawValue, slot: UInt32(truncatingIfNeeded: socket.slot),
            generation: UInt32(truncatingIfNeeded: socket.serial),
            auxiliary: UInt32(truncatingIfNeeded: socket.serial >> 32))
    }

    /// The reference of what has a number alone.
    fileprivate init(classID: LuaClass, number: UInt64) {
        self.init(
            classID: classID.rawValue, slot: UInt32(truncatingIfNeeded: number),
            generation: UInt32(truncatingIfNeeded: number >> 32))
    }

    /// The number of what has a number alone.
    fileprivate var number: UInt64 { UInt64(generation) << 32 | UInt64(slot) }
}

extension SocketHandle {
    /// The socket of a reference.
    init(_ reference: HostReference) {
        self.init(
            slot: Int(reference.slot), serial: UInt64(reference.auxiliary) << 32 | UInt64(reference.generation))
    }
}
