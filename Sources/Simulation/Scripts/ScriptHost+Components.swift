import JSONValues
import LuaSandbox
import World

/// `object.components` and the triggers that run when a value changes [`2-lua-api.md` 4, M8.6 Env 1, M10].
extension ScriptHost {
    func answerComponents(_ call: HostCall) throws {
        let slot = Int(call.reference.slot)
        switch call.operation {
        case .get:
            guard let node = column(call)?.nodes[slot] else { return call.returnNil() }
            call.returnValue(reference(of: node))
        case .set: try writeComponent(call, slot: slot)
        case .toString: call.returnValue("components of \(world.slots.key(slot))")
        case .length: call.returnValue(0)
        case .pack: call.returnPacked(packedComponents(slot: slot))
        case .undeclared:
            guard let column = column(call) else { fallthrough }
            _ = try world.column(ofComponent: column.name, slot: slot)
        default:
            let name = name(call, at: 0) ?? describe(call, at: 0)
            _ = try world.column(ofComponent: name, slot: slot)
        }
    }

    /// The components of an entity that are not nil, as a table in packed form.
    private func packedComponents(slot: Int) -> [UInt8] {
        let kind = world.kind(slot)
        let values = world.columns.components.values.filter { $0.kinds.contains(kind) }.sorted { $0.name < $1.name }
            .map { (column: $0, value: world.json(column: $0, slot: slot)) }.filter { $0.value != .null }
        var writer = PackedWriter()
        writer.beginObject(count: values.count)
        for (column, value) in values {
            writer.append(column.name)
            PackedJSON.pack(value, into: &writer, hasNumbers: true)
        }
        return writer.bytes
    }

    private func column(_ call: HostCall) -> Column? {
        let index = Int(call.memberID)
        return index < world.columns.all.count ? world.columns.all[index] : nil
    }

    /// Assigns a text or a table; the VM itself writes numbers and booleans.
    private func writeComponent(_ call: HostCall, slot: Int) throws {
        guard let column = column(call) else { throw ScriptFault("this component is not declared any more") }
        let assigned = try assignedValue(call, at: 0)
        let value = assigned.json
        guard column.accepts(value) else {
            throw WorldError.wrongType(component: column.name, expected: column.typeName, given: describe(call, at: 0))
        }
        if column.storage == .json, let node = column.nodes[slot], assigned.isOnly(node) { return }
        let script = trigger(for: column, slot: slot)
        let old = script == nil ? JSON.null : world.json(column: column, slot: slot)
        let growth = try column.checkBound(value) - world.releasedWeight(of: column, slot: slot)
        if column.storage == .json {
            let shaped = value.keepingEmptyKinds(
                of: column.nodes[slot], or: defaultValue(ofColumn: column.index))
            let moved = assigned.moved(storedAs: shaped)
            try world.checkRoom(for: growth - world.returningWeight(of: moved, replacing: column.nodes[slot]))
            world.setJSON(shaped, column: column, slot: slot)
            world.move(moved, into: column.nodes[slot])
        } else {
            try world.checkRoom(for: growth)
            world.setJSON(value, column: column, slot: slot)
        }
        guard let script, old != world.json(column: column, slot: slot) else { return }
        try runTrigger(script, column: column, slot: slot, old: old)
    }

    /// Sets a component as an assignment by a script does: its trigger runs when the value changes.
    ///
    /// - Parameters:
    ///   - value: A value that was checked: its type, its size, and the room for it.
    ///   - column: The component.
    ///   - slot: The entity.
    /// - Throws: ``ScriptFault`` when triggers nest too deep; the value is set even then.
    func assign(_ value: JSON, to column: Column, slot: Int) throws {
        let script = trigger(for: column, slot: slot)
        let old = script == nil ? JSON.null : world.json(column: column, slot: slot)
        let shaped =
            column.storage == .json
            ? value.keepingEmptyKinds(of: column.nodes[slot], or: defaultValue(ofColumn: column.index)) : value
        world.setJSON(shaped, column: column, slot: slot)
        guard let script, old != world.json(column: column, slot: slot) else { return }
        try runTrigger(script, column: column, slot: slot, old: old)
    }

    /// The declared default of a component.
    func defaultValue(ofColumn index: Int) -> JSON? {
        world.columns.all[index].flatMap { column in
            world.schema.components.first { $0.name == column.name }?.defaultValue
        }
    }

    /// Runs the trigger of a number or boolean component whose value has changed; the VM has stored the new value
    /// already.
    func numberChanged(_ call: HostCall) throws {
        guard let column = column(call) else { return }
        let slot = Int(call.reference.slot)
        guard let script = trigger(for: column, slot: slot) else { return }
        let old: JSON = call.number(at: 0).map { .number($0) } ?? call.bool(at: 0).map { .bool($0) } ?? .null
        try runTrigger(script, column: column, slot: slot, old: old)
    }

    /// Runs the trigger of a json component after one of its tables was changed in place.
    func nodeChanged(_ root: JSONNode, old: JSON) throws {
        guard let place = root.place, let column = world.columns.all[place.column],
            let script = trigger(for: column, slot: place.slot)
        else { return }
        try runTrigger(script, column: column, slot: place.slot, old: old)
    }

    /// Runs the triggers of the components that were given to a new entity, by ascending name: each as if its component
    /// had just taken the given value in place of its default. Call it before the spawn hooks.
    func runTriggers(ofGiven components: [String: JSON], _ entity: EntityHandle) throws {
        let slot = Int(entity.slot)
        for name in components.keys.sorted() {
            guard world.isAlive(entity), let column = world.columns.components[name],
                column.kinds.contains(world.kind(slot)),
                let script = trigger(for: column, slot: slot)
            else { continue }
            let old = defaultValue(ofColumn: column.index) ?? .null
            if old != world.json(column: column, slot: slot) {
                try runTrigger(script, column: column, slot: slot, old: old)
            }
        }
    }

    /// The trigger to run for a change; `nil` while the same component's trigger runs for the same entity.
    func trigger(for column: Column, slot: Int) -> CompiledScript? {
        guard let script = runnable(scripts.trigger(column: column.index)) else { return nil }
        let entity = world.slots.handle(slot)
        return running.isTriggerRunning(column: column.index, of: entity) ? nil : script
    }

    private func runTrigger(_ script: CompiledScript, column: Column, slot: Int, old: JSON) throws {
        do {
            try running.requireNestable()
        } catch {
            throw ScriptFault("\(error.message): \(column.name) was set, its trigger not run")
        }
        let entity = world.slots.handle(slot)
        sandbox.bind(names.object, HostReference(to: entity))
        let name = column.name
        sandbox.bind(names.name, .string(name))
        bind(names.old, old, hasNumbers: true)
        if column.storage == .json, let node = column.nodes[slot] {
            sandbox.bind(names.value, reference(of: node))
        } else {
            bind(names.value, world.json(column: column, slot: slot))
        }
        let frame = Frame(path: script.path, entity: entity, column: column.index)
        guard let result = run(script, frame, limit: limits.event), result != .nil else { return }
        // [M8.6 Env 1] The error log shows a trigger's result to its author.
        log.error(
            .init(
                time: now, tick: UInt64(max(tick, 0)), script: script.path, line: nil, kind: "returned",
                message: "\(script.path) returned \(describe(result))", traceback: nil,
                entity: world.key(of: entity)?.description))
    }

    /// Binds a global of the next call; `hasNumbers` for what was a component's table.
    func bind(_ name: LuaName, _ value: JSON, hasNumbers: Bool = false) {
        switch value {
        case .null: sandbox.bindNil(name)
        case .number(let number): sandbox.bind(name, number)
        case .string(let text): sandbox.bind(name, .string(text))
        default:
            packed.removeAll()
            PackedJSON.pack(value, into: &packed, hasNumbers: hasNumbers)
            packed.bytes.withUnsafeBytes { sandbox.bind(name, packed: $0) }
        }
    }

    /// A value for people.
    func describe(_ value: LuaValue) -> String {
        switch value {
        case .nil: "nil"
        case .bool(let value): "\(value)"
        case .number(let value): Self.text(of: value)
        case .string(let value): value
        case .array, .object: PackedWriter.pack(value).withUnsafeBytes { try? PackedJSON.json($0).text } ?? "a table"
        case .reference(let reference) where reference.classID == LuaClass.entity.rawValue:
            world.key(of: EntityHandle(slot: reference.slot, generation: reference.generation))?.description
                ?? "a removed entity"
        case .reference: "a table"
        case .other: "a function, or a table that is too large to be shown"
        }
    }
}
