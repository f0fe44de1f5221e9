import JSONValues
import LuaSandbox
import World

/// Changes of operators, carried out as if a script had made them [M9, M10, M11].
extension ScriptHost {
    /// Carries out a change.
    ///
    /// - Returns: What was changed, or why nothing was.
    func edit(_ change: OperatorChange) -> OperatorOutcome {
        do {
            switch change {
            case .set(let key, let fields, let components): return try set(key, fields, components)
            case .add(let kind, let data): return try add(kind, data)
            case .remove(let key): return try remove(key)
            case .queueEvent(let key, let group, let event, let data):
                return try changeEvent(of: key, group: group) { entity, _ in
                    try addEvent(group: group, event: event, data: data, to: entity)
                }
            case .removeEvent(let key, let group):
                return try changeEvent(of: key, group: group) { entity, index in
                    guard world.state(Int(entity.slot), index).isPending else {
                        throw OperatorRefusal(.conflict, "group '\(group)' of \(key) has no pending event")
                    }
                    world.clearEvent(slot: Int(entity.slot), group: index)
                }
            case .run(let snippet): return .ran(try runConsole(snippet))
            }
        } catch let refusal as OperatorRefusal {
            return .refused(refusal)
        } catch {
            return .refused(OperatorRefusal(error))
        }
    }

    private func handle(_ key: EntityKey) throws(OperatorRefusal) -> EntityHandle {
        guard let entity = world[key] else {
            throw OperatorRefusal(.absent, "\(key) is not on map \(world.geometry.id)")
        }
        return entity
    }

    // MARK: Fields and components

    private func set(_ key: EntityKey, _ fields: JSONObject, _ components: JSONObject) throws -> OperatorOutcome {
        let slot = Int(try handle(key).slot)
        if fields.isEmpty, components.isEmpty {
            throw OperatorRefusal(.wrong, "nothing is to be changed; give fields or components")
        }
        // First everything is checked, so that a refused value leaves no others behind.
        var growth = 0
        let assigned = try fields.members.map { name, value in
            let field = try world.field(name, accepting: value)
            if let column = world.columns.all[field.rawValue] {
                growth += value.weight - world.weight(of: column, slot: slot)
            }
            return (field, value)
        }
        let columns = try components.members.map { name, value in
            let column = try world.column(ofComponent: name, slot: slot)
            guard column.accepts(value) else {
                throw WorldError.wrongType(component: name, expected: column.typeName, given: value.typeName)
            }
            growth += try column.checkBound(value) - world.releasedWeight(of: column, slot: slot)
            return (column, value)
        }
        try world.checkRoom(for: growth)
        let before = values(of: key, fields, components)
        for (field, value) in assigned { world.assign(field, value, slot: slot) }
        for (column, value) in columns where world[key].map({ Int($0.slot) }) == slot {
            try assign(value, to: column, slot: slot)
        }
        return .done(key, before: before, after: values(of: key, fields, components))
    }

    /// The current values of some fields and components; empty when the entity is gone.
    private func values(of key: EntityKey, _ fields: JSONObject, _ components: JSONObject) -> JSONObject {
        var values = JSONObject()
        guard let slot = world[key].map({ Int($0.slot) }) else { return values }
        for case let field? in fields.keys.map({ SystemField(named: $0) }) {
            values[field.name] = world.columns.all[field.rawValue].map { world.json(column: $0, slot: slot) }
        }
        var given = JSONObject()
        for case let column? in components.keys.map({ world.columns.components[$0] }) {
            given[column.name] = world.json(column: column, slot: slot)
        }
        if !given.isEmpty { values["components"] = .object(given) }
        return values
    }

    // MARK: Entities

    private func add(_ kind: EntityKind, _ data: JSONObject) throws -> OperatorOutcome {
        guard kind != .players else {
            throw OperatorRefusal(
                .wrong, "players come by logging in; type must be enemys, animals or objects", field: "type")
        }
        var record = try self.record(kind, data)
        guard (record.x == nil) == (record.y == nil) else {
            throw OperatorRefusal(.wrong, "give x and y, or neither for a random place", field: "x")
        }
        for name in ["x", "y"] {
            if let value = data[name] { _ = try world.field(name, accepting: value) }
        }
        try world.checkRoom(for: record.weight)
        record.key.id = ids.nextID(kind)
        let entity = try world.add(record, placement: record.x == nil ? .random : .exact, now: now).entity
        try runTriggers(ofGiven: record.components, entity)
        try runSpawnHooks(entity)
        return .done(record.key, before: [:], after: world.record(of: entity)?.summary ?? [:])
    }

    private func remove(_ key: EntityKey) throws -> OperatorOutcome {
        let entity = try handle(key)
        let before = world.record(of: entity)?.summary ?? [:]
        try remove(entity)
        return .done(key, before: before, after: [:])
    }

    // MARK: Events

    private func changeEvent(
        of key: EntityKey, group: String, _ change: (EntityHandle, Int) throws -> Void
    ) throws -> OperatorOutcome {
        let entity = try handle(key)
        let index = try world.groupIndex(group)
        let before = pendingEvent(entity, index)
        try change(entity, index)
        return .done(key, before: before, after: pendingEvent(entity, index))
    }

    private func pendingEvent(_ entity: EntityHandle, _ group: Int) -> JSONObject {
        let state = world.state(Int(entity.slot), group)
        guard state.isPending else { return [:] }
        let definition = world.schema.groups[group]
        return [
            "group": .string(definition.name), "event": .string(definition.events[Int(state.action)].name),
            "data": .object(state.data ?? [:]), "time": .number(state.time),
        ]
    }
}

extension SystemField {
    init?(named name: String) {
        guard let field = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = field
    }
}

extension World {
    /// The field of a name, if a value fits it.
    ///
    /// - Throws: ``OperatorRefusal`` or ``WorldError`` with what is allowed.
    fileprivate func field(_ name: String, accepting value: JSON) throws -> SystemField {
        guard let field = SystemField(named: name) else {
            let known = SystemField.allCases.map(\.name).joined(separator: ", ")
            throw OperatorRefusal(
                .wrong,
                "an entity has no field '\(name.clipped(to: Self.maxNameBytes))' that can be set; it has \(known)",
                field: "fields")
        }
        switch (field.storage, value) {
        case (.number, .number(let number)) where number.isFinite: try checkBounds(number, field)
        case (.string, .string(let text)):
            try Self.checkName(text, name)
            if field == .action { try EntityRecord.checkAction(text) }
        default:
            let type = field.storage == .number ? "number" : "string"
            throw OperatorRefusal(.wrong, "\(name) must be a \(type), got \(value.typeName)", field: name)
        }
        return field
    }

    /// Refuses a position outside of the map: nobody would find the entity again there.
    private func checkBounds(_ value: Double, _ field: SystemField) throws(OperatorRefusal) {
        guard field == .x || field == .y else { return }
        let (first, count) =
            field == .x ? (geometry.originX, geometry.width) : (geometry.originY, geometry.height)
        let (low, high) = (Double(first) - 0.5, Double(first + count) - 0.5)
        guard low <= value, value < high else {
            throw OperatorRefusal(
                .wrong,
                "\(field.name) must be on the map, from \(JSON.number(low).text) to below \(JSON.number(high).text), got \(JSON.number(value).text)",
                field: field.name)
        }
    }

    /// Assigns a value that was checked.
    fileprivate func assign(_ field: SystemField, _ value: JSON, slot: Int) {
        switch value {
        case .number(let number): set(field, number, slot: slot)
        case .string(let text):
            set(field, text, slot: slot)
            strings.accept(columns[field].strings[slot], as: UInt32(field.textFlag))
        default: break
        }
    }
}

extension EntityRecord {
    /// What the audit log shows of an entity that was added or removed.
    fileprivate var summary: JSONObject {
        [
            "key": .string(key.description), "prefab": .string(prefab), "x": .number(x ?? 0), "y": .number(y ?? 0),
            "components": .object(
                components.sorted { $0.key < $1.key }.reduce(into: JSONObject()) { $0[$1.key] = $1.value }),
        ]
    }
}

extension OperatorRefusal {
    /// The refusal that an error of the world or of a script means.
    fileprivate init(_ error: any Error) {
        var field: String?
        switch error as? WorldError {
        case .unknownComponent(let name, _, _), .wrongType(let name, _, _): field = "components.\(name)"
        case .unknownGroup: field = "group"
        case .unknownEvent: field = "event"
        case .undeclaredParameter(_, let name, _), .missingParameter(_, let name, _),
            .wrongParameterType(_, let name, _, _):
            field = "data.\(name)"
        case .full, .nowhereToStand, .tooHeavy:
            self.init(.conflict, "\(error)")
            return
        default: break
        }
        self.init(.wrong, "\(error)", field: field)
    }
}
