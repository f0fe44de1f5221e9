import GameRules
import JSONValues
import LuaSandbox
import World

/// Why a script's request is refused: the message of the Lua error, without the position.
package struct ScriptFault: Error, CustomStringConvertible {
    var message: String

    init(_ message: String) { self.message = message }

    /// The text.
    package var description: String { message }
}

extension ScriptHost {
    /// Answers one request of the VM.
    func answer(_ call: HostCall) {
        do {
            switch call.operation {
            case .print:
                let text = logText(call, at: 0) ?? ""
                #if DEBUG
                    DebugTrap.spring(at: text)
                #endif
                log.line(text, script: currentPath, time: now, tick: tick)
            case .errorLog: logScriptError(call)
            case .trigger: try numberChanged(call)
            case .global: try answerGlobal(call)
            case .clock: call.returnValue(Double(clock.scriptCPU() / 1000) / 1e6)
            case .removed: throw ScriptFault("\(removedName(call.reference)) was removed")
            default: try answerProxy(call)
            }
        } catch let fault as ScriptFault {
            call.fail(fault.message)
        } catch {
            call.fail("\(error)")
        }
    }

    private func answerProxy(_ call: HostCall) throws {
        if call.operation == .call { try requireKnownArguments(call) }
        try requireLivingArguments(call)
        switch LuaClass(rawValue: call.reference.classID) {
        case .entity: try answerEntity(call)
        case .components: try answerComponents(call)
        case .events: try answerEvents(call)
        case .group: try answerGroup(call)
        case .objects: try answerObjects(call)
        case .map: try answerMap(call)
        case .json: try answerJSON(call)
        case .socket: try answerSocket(call)
        case .broadcast: try answerBroadcast(call)
        case .target: try answerTarget(call)
        case .sockets: try answerSockets(call)
        case .io: try answerIO(call)
        case nil: throw ScriptFault("no such value")
        }
    }

    /// Rejects arguments that are proxies of removed entities; removing such an entity again is no error.
    private func requireLivingArguments(_ call: HostCall) throws {
        if call.reference.classID == LuaClass.objects.rawValue,
            call.operation == .newIndex || call.memberID == ScriptMember.objectsRemove.rawValue
        {
            return
        }
        for index in 0..<call.argumentCount {
            guard let reference = call.reference(at: index) else { continue }
            switch LuaClass(rawValue: reference.classID) {
            case .entity, .components, .events, .group:
                if world.isAlive(EntityHandle(slot: reference.slot, generation: reference.generation)) { continue }
                throw ScriptFault(
                    "\(call.entityKey(at: index).map { "entity \($0)" } ?? removedName(reference)) was removed")
            case .objects, .map, .json, .socket, .broadcast, .target, .sockets, .io, nil: continue
            }
        }
    }

    /// A removed entity's name for messages: its key, which is known until another entity takes its slot.
    private func removedName(_ reference: HostReference) -> String {
        let slot = Int(reference.slot)
        guard slot < world.slots.capacity, world.slots.generations[slot] == reference.generation &+ 1 else {
            return "this entity"
        }
        return "entity \(world.slots.key(slot))"
    }

    private func logScriptError(_ call: HostCall) {
        let message = logText(call, at: 0) ?? ""
        var (script, line) = Self.position(of: message)
        if line == nil, let position = call.position { (script, line) = (position.script, position.line) }
        logError(
            kind: "error", message: message, script: script, line: line, traceback: logText(call, at: 1))
    }

    /// The `file:line` that a message begins with.
    static func position(of message: String) -> (script: String?, line: Int?) {
        let parts = message.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let line = Int(parts[1]), !parts[0].contains(" ") else { return (nil, nil) }
        return (String(parts[0]), line)
    }

    /// A message without the `file:line: ` that it begins with.
    static func withoutPosition(_ message: String) -> String {
        guard position(of: message).line != nil else { return message }
        return String(message.split(separator: ":", maxSplits: 2)[2].dropFirst())
    }

    /// The entity of a request; alive, as the VM has checked.
    func entity(_ call: HostCall) -> EntityHandle {
        EntityHandle(slot: call.reference.slot, generation: call.reference.generation)
    }

    /// An entity given as an argument.
    func entity(_ call: HostCall, at index: Int) throws -> EntityHandle? {
        guard let reference = call.reference(at: index), reference.classID == LuaClass.entity.rawValue else {
            return nil
        }
        let handle = EntityHandle(slot: reference.slot, generation: reference.generation)
        guard world.isAlive(handle) else { throw ScriptFault("\(removedName(reference)) was removed") }
        return handle
    }

    /// A finite number given as an argument.
    func number(_ call: HostCall, at index: Int, _ what: String) throws -> Double {
        guard let value = call.number(at: index), value.isFinite else {
            throw ScriptFault("\(what) must be a finite number, got \(describe(call, at: index))")
        }
        return value
    }

    /// A text given as an argument, cut to the length that the log keeps.
    private func logText(_ call: HostCall, at index: Int) -> String? {
        call.withBytes(at: index) { String(clipping: $0, to: MapLog.maxText) }
    }

    /// A name given as an argument, to be looked up and shown in messages. A name that is longer than any declared name
    /// is cut before it is copied; a lookup does not find it.
    func name(_ call: HostCall, at index: Int) -> String? {
        call.withBytes(at: index) { String(clipping: $0, to: World.maxNameBytes) }
    }

    /// As ``name(_:at:)``; anything but a text is refused.
    func name(_ call: HostCall, at index: Int, _ what: String) throws -> String {
        guard let name = name(call, at: index) else {
            throw ScriptFault("\(what) must be a string, got \(describe(call, at: index))")
        }
        return name
    }

    /// A text given as an argument, to be stored. `check` is given its length in bytes and may refuse it, before it is
    /// copied.
    func text(
        _ call: HostCall, at index: Int, _ what: String, check: (Int) throws -> Void
    ) throws -> String {
        guard let length = call.withBytes(at: index, \.count) else {
            throw ScriptFault("\(what) must be a string, got \(describe(call, at: index))")
        }
        try check(length)
        return call.string(at: index) ?? ""
    }

    /// A plain table or a component's table given as an argument, as a JSON value. A table that is certainly heavier
    /// than `maxWeight` is refused before it is unpacked: the packed form of hardly any value has more bytes than its
    /// weight.
    func table(_ call: HostCall, at index: Int, maxWeight: Int = .max) throws -> JSON? {
        let json = try call.withPacked(at: index) { bytes in
            try requireRoom(forPacked: bytes.count, maxWeight: maxWeight)
            var reader = PackedJSONReader(bytes, for: call, table: readableTable)
            return try reader.value()
        }
        if let json { return json }
        guard let reference = call.reference(at: index), reference.classID == LuaClass.json.rawValue else { return nil }
        return try readableTable(reference).json
    }

    /// Refuses a packed value that is heavier than `maxWeight` for certain.
    func requireRoom(forPacked count: Int, maxWeight: Int) throws {
        if count / 2 > maxWeight { throw WorldError.jsonTooLarge(limit: maxWeight) }
    }

    /// Any value given as an argument, as JSON; refuses a function, and a proxy that is not a table.
    func json(_ call: HostCall, at index: Int) throws -> JSON {
        switch call.type(at: index) {
        case .nil: return .null
        case .bool: return .bool(call.bool(at: index) ?? false)
        case .number: return .number(try number(call, at: index, "a value"))
        case .string:
            return .string(
                try text(call, at: index, "a value") { length in
                    guard length > JSONNode.maxWeight else { return }
                    throw ScriptFault(
                        "a value's text may have \(JSONNode.maxWeight) bytes, and this one has \(length)")
                })
        case .table, .reference:
            if let table = try table(call, at: index, maxWeight: JSONNode.maxWeight) { return table }
            if call.reference(at: index)?.classID == LuaClass.entity.rawValue {
                throw ScriptFault("an entity can't be stored as a value; store its key")
            }
            if call.reference(at: index)?.classID == LuaClass.socket.rawValue {
                throw ScriptFault("a socket can't be a value; give its id")
            }
            throw ScriptFault("\(describe(call, at: index)) can't be stored as a value")
        case .other: throw ScriptFault("a \(call.typeName(at: index)) can't be stored as a value")
        }
    }

    /// An argument's type and, for numbers, its value, for messages.
    func describe(_ call: HostCall, at index: Int) -> String {
        if let number = call.number(at: index) { return Self.text(of: number) }
        switch call.reference(at: index).flatMap({ LuaClass(rawValue: $0.classID) }) {
        case .entity?: return "an entity"
        case .components?: return "the components of an entity"
        case .events?: return "the events of an entity"
        case .group?: return "an event group"
        case .objects?: return "objects"
        case .map?: return "map"
        case .socket?: return "a socket"
        case .broadcast?: return "a socket's broadcast"
        case .target?: return "a target of events"
        case .sockets?: return "io.sockets"
        case .io?: return "io"
        case .json?, nil: return call.typeName(at: index)
        }
    }

    /// A number as messages show it.
    static func text(of number: Double) -> String {
        if number.isNaN { return "NaN" }
        if number.isInfinite { return number < 0 ? "-infinity" : "infinity" }
        return JSON.number(number).text
    }
}
