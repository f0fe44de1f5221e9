import GameRules
import LuaSyntax
import World

extension FileChecker {
    /// Checks an assignment to a field of `owner`; `key` is `nil` when the key is computed.
    func store(_ value: StoredValue, under key: String?, in owner: LuaType, _ position: SourcePosition) {
        switch owner {
        case .entity: storeField(value, key, owner, position)
        case .components(let kinds): storeComponent(value, key, kinds, position)
        case .events: storeGroup(value, key, position)
        case .group(let group): storeGroupField(value, key, group, position)
        case .objects:
            if isRefused(position, "assignment to objects") { return }
            if value.type.name != nil, !value.isNil {
                error(
                    position,
                    "only nil can be assigned to objects[key], it removes the entity; use objects.add(type, data)")
            }
        case .map: error(position, "map\(key.map { ".\($0)" } ?? "") can't be assigned")
        case .socket: storeSocketField(value, key, position)
        case .broadcast, .target, .sockets, .io:
            error(position, "a field of \(owner.noun) can't be assigned")
        case .socketData:
            if isRefused(position, "assignment to a socket's data") { return }
            checkJSON(value, "a socket's data")
        case .json:
            if isRefused(position, "assignment into a component") { return }
            checkJSON(value, "a component")
        case .libTable(let name):
            error(position, "\(name) is \(facts.libGlobals[name]?.file ?? "a lib")'s, and scripts can't change it")
        case .number, .numberOrNil, .boolean, .booleanOrNil, .nothing, .text, .textOrNil, .function, .method,
            .standard:
            error(position, "can't assign a field of \(owner.noun)")
        case .data:
            parameterUse.noteWrite(key)
        case .event, .library, .table, .constructed, .list, .unknown: break
        }
    }

    // MARK: Entities

    private func storeField(_ value: StoredValue, _ key: String?, _ owner: LuaType, _ position: SourcePosition) {
        guard let key else {
            _ = isRefused(position, "assignment to an entity's field")
            return
        }
        guard let member = ScriptAPI.entity.member(key) else {
            return error(position, "an entity has no field '\(key)'\(fieldHint(key))")
        }
        guard member.isWritable else {
            let what = member.function == nil ? "\(key) of an entity" : "\(key), a function of every entity,"
            return error(position, "\(what) can't be assigned")
        }
        if isRefused(position, "assignment to \(key)") { return }
        let isOptional = member.type.hasSuffix("?")
        if isOptional, value.isNil { return }
        let wanted: LuaType.ExpectedType = member.type.hasPrefix("string") ? .text : .number
        if value.type.isNot(wanted) {
            let article = wanted.article + (isOptional ? " or nil" : "")
            return error(position, "\(key) must be \(article), not \(value.type.name ?? "this")")
        }
        checkView(value, key, owner, position)
        if key == "action", value.expression?.literalText == "remove" {
            error(position, "action can't be 'remove', which clients take for the entity's removal; use remove()")
        }
        if key == "map_id", let number = value.expression?.literalNumber,
            !facts.mapIDs.contains(Int(exactly: number) ?? -1)
        {
            let known = facts.mapIDs.sorted().map(String.init).joined(separator: ", ")
            error(position, "map_id must be the number of a map (\(known))")
        }
    }

    /// Checks what is assigned to `view` or `relevant`.
    private func checkView(_ value: StoredValue, _ key: String, _ owner: LuaType, _ position: SourcePosition) {
        if key == "view" {
            if case .entity(let kinds) = owner, !kinds.contains(.players) {
                error(position, "only players have a view")
            } else if let number = value.expression?.literalNumber, !(0...World.maxView).contains(number) {
                error(position, "view must be a number of tiles from 0 to \(Int(World.maxView)), or nil")
            }
        }
        if key == "relevant", let text = value.expression?.literalText, text != "always" {
            error(position, "relevant must be 'always' or nil")
        }
    }

    private func storeComponent(
        _ value: StoredValue, _ key: String?, _ kinds: EntityKindSet, _ position: SourcePosition
    ) {
        if isRefused(position, "assignment to a component") { return }
        guard let key, let component = component(key, kinds, position) else { return }
        check(value, of: component, position)
    }

    /// Reports a value that certainly does not fit a component.
    func check(_ value: StoredValue, of component: ComponentDefinition, _ position: SourcePosition) {
        let wanted = LuaType.ExpectedType(component.type)
        if !value.isNil, value.type.isNot(wanted) {
            let hint = component.type == .json ? "a table (it is declared json)" : wanted.article
            error(position, "component \(component.name) must be \(hint) or nil, not \(value.type.name ?? "this")")
        } else {
            checkJSON(value, "a component")
        }
    }

    /// Reports values that JSON can't hold, at any depth of a table constructor.
    func checkJSON(_ value: StoredValue, _ holder: String) {
        guard let position = value.expression?.position else { return }
        switch value.type {
        case .function, .method, .standard: error(position, "\(holder) can't hold a function")
        case .entity: error(position, "\(holder) can't hold an entity; take its key")
        case .socket: error(position, "\(holder) can't hold a socket; take its id")
        case .constructed(let table):
            for (item, type) in zip(table.items, table.types) {
                if case .expression(let key) = item.key, case .boolean = key.kind {
                    error(key.position, "\(holder) can't hold a key that is a boolean; take text or whole numbers")
                }
                checkJSON(StoredValue(expression: item.value, type: type), holder)
            }
        default: break
        }
    }

    // MARK: Sockets

    private func storeSocketField(_ value: StoredValue, _ key: String?, _ position: SourcePosition) {
        guard let key else {
            _ = isRefused(position, "assignment to a socket's field")
            return
        }
        guard let member = ScriptAPI.socket.member(key) else {
            let hint = hint(key, or: "it has", ScriptAPI.socket.members.map(\.name))
            return error(position, "a socket has no field '\(key)'\(hint); keep values in socket.data")
        }
        guard member.isWritable else { return error(position, "\(key) of a socket can't be assigned") }
        if isRefused(position, "assignment to \(key)") { return }
        if value.type.isNot(.table) {
            error(position, "a socket's data must be a table, not \(value.type.name ?? "this")")
        } else {
            checkJSON(value, "a socket's data")
        }
    }

    // MARK: Events

    private func storeGroup(_ value: StoredValue, _ key: String?, _ position: SourcePosition) {
        if isRefused(position, "assignment to an entity's events") { return }
        if let key {
            if ScriptAPI.events.member(key) != nil { return error(position, "events.\(key) can't be assigned") }
            guard isGroup(key, position) else { return }
        }
        if value.type.name != nil, !value.isNil {
            error(
                position,
                "only nil can be assigned to an event group, it takes the pending event off; "
                    + "use events.add(group, event, data)")
        }
    }

    private func storeGroupField(
        _ value: StoredValue, _ key: String?, _ group: String?, _ position: SourcePosition
    ) {
        guard let key else {
            _ = isRefused(position, "assignment to an event group")
            return
        }
        guard let member = ScriptAPI.eventGroup.member(key) else {
            let hint = hint(key, or: "it has", ScriptAPI.eventGroup.members.map(\.name))
            return error(position, "an event group has no field '\(key)'\(hint)")
        }
        guard member.isWritable else { return error(position, "\(key) of an event group can't be assigned") }
        if isRefused(position, "assignment to \(key)") { return }
        switch key {
        case "action":
            if value.type.isNot(.text) {
                error(position, "action must be the name of an event, not \(value.type.name ?? "this")")
            } else if let group, let event = value.expression?.literalText, let place = value.expression?.position,
                isEvent(event, of: group, place)
            {
                checkParameters(.constructed(TableLiteral([], [])), group, event, place)
            }
        case "data":
            if value.type.isNot(.table) {
                error(
                    position, "data must be a table, not \(value.type.name ?? "this"); assign {} to have the defaults")
            }
            checkJSON(value, "an event's data")
        default:
            if value.type.isNot(.number) {
                error(position, "time must be a number of seconds, not \(value.type.name ?? "this")")
            } else if let number = value.expression?.literalNumber, number < 0 {
                error(position, "time must be a number of seconds from 0")
            }
        }
    }
}
