import GameFolder
import GameRules
import LuaSyntax
import World

extension FileChecker {
    /// Whether an event group with this name is declared; reports an error if not.
    func isGroup(_ name: String, _ position: SourcePosition) -> Bool {
        if facts.groups[name] != nil { return true }
        error(position, "there is no event group '\(name)'\(Suggestion.hint(forName: name, among: facts.groups.keys))")
        return false
    }

    /// Whether the group has an event with this name; reports an error if the group exists and the event does not.
    func isEvent(_ name: String, of group: String, _ position: SourcePosition) -> Bool {
        guard let events = facts.groups[group] else { return false }
        if events[name] != nil { return true }
        let hint = Suggestion.hint(forName: name, among: events.keys)
        let known = hint.isEmpty ? "; its events are \(events.keys.sorted().joined(separator: ", "))" : hint
        error(position, "group '\(group)' has no event '\(name)'\(known)")
        return false
    }

    func groupMember(_ name: String, _ group: String?, _ position: SourcePosition) -> LuaType {
        guard let member = ScriptAPI.eventGroup.member(name) else {
            let hint = Suggestion.hint(forName: name, among: ScriptAPI.eventGroup.members.map(\.name))
            error(position, "an event group has no field '\(name)'\(hint)")
            return .unknown
        }
        switch name {
        case "action": return .textOrNil(group.map { .event(group: $0) })
        case "time": return .number
        case "command_id": return .numberOrNil
        default: return member.function == nil ? .unknown : .method(ScriptAPI.eventGroup, member, owner: .group(group))
        }
    }

    /// Checks the arguments of `map.event(map, key, group, event, data)`.
    func callMapEvent(_ arguments: [LuaExpression], _ types: [LuaType], isOpen: Bool) {
        if let map = arguments.first, types[0].isNot(.text), types[0].isNot(.number) {
            error(map.position, "map.event takes a side or a map's number, not \(types[0].name ?? "this")")
        } else if let side = arguments.first, let name = side.literalText, MapSide(rawValue: name) == nil {
            let names = MapSide.allCases.map(\.rawValue)
            error(
                side.position,
                "there is no side '\(name)'\(Suggestion.hint(forName: name, among: names)); there are \(names.joined(separator: ", "))"
            )
        }
        if arguments.count > 1, types[1].isNot(.text) {
            error(arguments[1].position, "map.event takes an entity's key, not \(types[1].name ?? "this")")
        }
        callEventsAdd(Array(arguments.dropFirst(2)), Array(types.dropFirst(2)), of: "map.event", isOpen: isOpen)
    }

    /// Checks the arguments of `events.add(group, event, data)`, or the same last arguments of `map.event`.
    func callEventsAdd(
        _ arguments: [LuaExpression], _ types: [LuaType], of function: String = "events.add", isOpen: Bool
    ) {
        guard let first = arguments.first else { return }
        if types[0].isNot(.text) {
            return error(first.position, "\(function) takes a group's name, not \(types[0].name ?? "this")")
        }
        guard let group = first.literalText, isGroup(group, first.position) else { return }
        let eventName: String?
        let place: SourcePosition
        if arguments.count > 1 {
            place = arguments[1].position
            if case .nothing = types[1] {
                eventName = "index"
            } else if types[1].isNot(.text) {
                return error(place, "\(function) takes an event's name, not \(types[1].name ?? "this")")
            } else {
                eventName = arguments[1].literalText
            }
        } else {
            // A call as the last argument gives an unknown number of values.
            if isOpen { return }
            place = first.position
            eventName = "index"
        }
        guard let event = eventName, isEvent(event, of: group, place) else { return }
        if arguments.count > 2 {
            if case .nothing = types[2] {
                checkParameters(.constructed(TableLiteral([], [])), group, event, place)
            } else if types[2].isNot(.table) {
                error(arguments[2].position, "\(function) takes a table of parameters, not \(types[2].name ?? "this")")
            } else {
                checkParameters(types[2], group, event, arguments[2].position)
            }
        } else if !isOpen {
            checkParameters(.constructed(TableLiteral([], [])), group, event, place)
        }
    }

    /// Compares the fields of a table constructor with the parameters that an event declares.
    func checkParameters(_ type: LuaType, _ group: String, _ event: String, _ position: SourcePosition) {
        guard case .constructed(let table) = type, let definition = facts.groups[group]?[event],
            !facts.brokenEvents.contains("\(group)/\(event)")
        else { return }
        var given: Set<String> = []
        for item in table.named {
            let parameter = definition.parameters.first { $0.name == item.name }
            guard let parameter else {
                // A field whose value is nil does not exist in the table.
                if case .nothing = item.type { continue }
                let names = definition.parameters.map(\.name)
                let hint = Suggestion.hint(forName: item.name, among: names)
                let known = names.isEmpty ? "; it has none" : "; it has \(names.joined(separator: ", "))"
                error(
                    item.position,
                    "event \(group)/\(event) has no parameter '\(item.name)'\(hint.isEmpty ? known : hint)")
                continue
            }
            if case .nothing = item.type { continue }
            given.insert(item.name)
            let wanted = LuaType.ExpectedType(parameter.type)
            if item.type.isNot(wanted) {
                error(
                    item.value.position,
                    "parameter \(item.name) of \(group)/\(event) must be \(wanted.article), "
                        + "not \(item.type.name ?? "this")"
                )
            } else {
                checkJSON(StoredValue(expression: item.value, type: item.type), "an event's data")
            }
        }
        guard table.isComplete else { return }
        for parameter in definition.parameters where parameter.defaultValue == nil && !given.contains(parameter.name) {
            error(
                position,
                "event \(group)/\(event) needs the parameter '\(parameter.name)' (\(parameter.type.rawValue))")
        }
    }
}
