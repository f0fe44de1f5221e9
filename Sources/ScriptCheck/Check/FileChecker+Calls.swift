import GameRules
import LuaSyntax
import World

extension FileChecker {
    /// Checks a call, and returns the type of its first result.
    func call(
        _ function: LuaType, _ arguments: [LuaExpression], _ position: SourcePosition, receiver: LuaType? = nil
    ) -> LuaType {
        let types = arguments.map { infer($0) }
        let isOpen = arguments.last?.isOpen ?? false
        switch function {
        case .method(let owner, let member, let of):
            return callMethod(owner, member, of: of, arguments, types, isOpen: isOpen, position)
        case .standard(let name): return callStandard(name, arguments, types, isOpen: isOpen, position)
        case .number, .numberOrNil, .text, .textOrNil, .boolean, .booleanOrNil, .nothing, .entity, .components,
            .events, .group, .objects, .map, .socket, .broadcast, .target, .sockets, .io:
            error(position, "can't call \(function.noun), which is no function")
            return .unknown
        default: return .unknown
        }
    }

    private func callMethod(
        _ owner: ScriptAPI.Class, _ member: APIMember, of type: LuaType, _ arguments: [LuaExpression],
        _ types: [LuaType], isOpen: Bool, _ position: SourcePosition
    ) -> LuaType {
        guard let function = member.function else { return .unknown }
        let name = owner.functionName(member.name)
        if function.changesWorld, isRefused(position, "\(name)()") { return .unknown }
        if arguments.count < function.minimum, !isOpen {
            let needed = function.parameters.prefix(function.minimum).map(\.name).joined(separator: ", ")
            error(position, "\(name) needs \(needed)")
            return .unknown
        }
        // As the VM does, ignores a proxy before the arguments: `object.send(object, message)`.
        if arguments.count > function.minimum, let first = types.first, first.isProxy {
            return callMethod(
                owner, member, of: type, Array(arguments.dropFirst()), Array(types.dropFirst()), isOpen: isOpen,
                position)
        }
        checkExtra(arguments, function, name, isOpen: isOpen)
        if ScriptAPI.socketClasses.contains(where: { $0.name == owner.name }) {
            callSockets(member, arguments, types, name)
            return result(owner, member, arguments)
        }
        switch (owner.name, member.name) {
        case ("Events", "add"): callEventsAdd(arguments, types, isOpen: isOpen)
        case ("Events", "remove"):
            if let group = arguments[safe: 0]?.literalText { _ = isGroup(group, arguments[0].position) }
        case ("Objects", "add"): return addedEntity(arguments, types)
        case ("Entity", "send"):
            if case .entity(let kinds) = type, !kinds.contains(.players) {
                error(position, "send is for players only, and \(kinds.text) have no client")
            }
            checkMessage(arguments, types, "send")
        case ("Map", "broadcast"): checkMessage(arguments, types, "map.broadcast")
        case ("Map", "event"): callMapEvent(arguments, types, isOpen: isOpen)
        case ("Entity", "remove"):
            if let argument = arguments.first, types[0].isNot(.text) {
                error(argument.position, "remove takes nothing, or an entity's key, not \(types[0].name ?? "this")")
            }
        case ("Entity", "distance"):
            if let argument = arguments.first, let given = types[0].name, types[0].isNot(.table) {
                if case .entity = types[0] { break }
                error(argument.position, "distance takes an entity or a table with x and y, not \(given)")
            }
        default:
            for (index, parameter) in function.parameters.enumerated() where index < arguments.count {
                check(types[index], parameter, of: name, arguments[index].position)
            }
        }
        return result(owner, member, arguments)
    }

    /// Reports arguments beyond those that a function has.
    private func checkExtra(_ arguments: [LuaExpression], _ function: APIFunction, _ name: String, isOpen: Bool) {
        let known = function.parameters.count
        guard arguments.count - (isOpen ? 1 : 0) > known, function.parameters.last?.name != "..." else { return }
        let takes = known == 0 ? "no arguments" : function.parameters.map(\.name).joined(separator: ", ")
        error(arguments[known].position, "\(name) takes \(takes); it does not know argument \(known + 1)")
    }

    /// Reports `ipairs` of what has names as keys.
    private func checkCounted(_ type: LuaType, _ position: SourcePosition) {
        switch type {
        case .objects:
            error(
                position,
                "ipairs counts 1, 2, 3, and the keys of objects are texts such as players_1; "
                    + "write for key, entity in pairs(objects)")
        case .sockets:
            error(
                position,
                "ipairs counts 1, 2, 3, and the keys of io.sockets are the sockets' ids; "
                    + "write for id, socket in pairs(io.sockets)")
        case .entity, .components, .events, .group, .map, .socket:
            error(
                position,
                "ipairs counts 1, 2, 3, and \(type.noun) has names; write for name, value in pairs(…)")
        default: break
        }
    }

    private func check(
        _ type: LuaType, _ parameter: APIFunction.Parameter, of name: String, _ position: SourcePosition
    ) {
        if parameter.isOptional, case .nothing = type { return }
        switch parameter.type {
        case "number":
            if type.isNot(.number) {
                error(position, "\(name): \(parameter.name) must be a number, not \(type.name ?? "this")")
            }
        case "EntityType":
            if type.isNot(.text) {
                error(position, "\(name): \(parameter.name) must be an entity type, not \(type.name ?? "this")")
            }
        default: break
        }
    }

    private func result(_ owner: ScriptAPI.Class, _ member: APIMember, _ arguments: [LuaExpression]) -> LuaType {
        switch (owner.name, member.name) {
        case ("Objects", "near"):
            guard let argument = arguments[safe: 3] else {
                return .list(.entity(.all))
            }
            guard let name = argument.literalText else { return .list(.entity(.all)) }
            return .list(.entity(entityKind(name, argument.position).map { EntityKindSet($0) } ?? .all))
        case ("Objects", "count"):
            if let argument = arguments[safe: 0], let name = argument.literalText {
                _ = entityKind(name, argument.position)
            }
            return .number
        default: break
        }
        switch member.function?.results.first {
        case "number", "integer": return .number
        case "string": return .text(nil)
        case "boolean": return .boolean
        case "SocketTarget": return .target
        default: return .unknown
        }
    }

    /// Checks the arguments of a function of `socket` or `io`.
    private func callSockets(
        _ member: APIMember, _ arguments: [LuaExpression], _ types: [LuaType], _ name: String
    ) {
        guard let first = arguments.first else { return }
        let isEmit = member.name == "emit"
        if types[0].isNot(.text) {
            let wanted = isEmit ? "an event's name" : "a room's name"
            return error(first.position, "\(name) takes \(wanted), not \(types[0].name ?? "this")")
        }
        guard isEmit else { return }
        if let text = first.literalText, let problem = SocketEvents.problem(withSent: text) {
            error(first.position, "\(name): \(problem)")
        }
        if arguments.count - 1 > SocketEvents.maxArguments {
            error(
                arguments[SocketEvents.maxArguments + 1].position,
                "\(name) takes \(SocketEvents.maxArguments) values; put more into a table")
        }
        for (argument, type) in zip(arguments, types).dropFirst() {
            checkJSON(StoredValue(expression: argument, type: type), "an event")
        }
    }

    private func checkMessage(_ arguments: [LuaExpression], _ types: [LuaType], _ name: String) {
        guard let argument = arguments.first else { return }
        if types[0].isNot(.table) {
            error(argument.position, "\(name) takes a table, not \(types[0].name ?? "this")")
        } else {
            checkJSON(StoredValue(expression: argument, type: types[0]), "a message")
        }
    }

    // MARK: objects.add

    private func addedEntity(_ arguments: [LuaExpression], _ types: [LuaType]) -> LuaType {
        var kinds = EntityKindSet.all.subtracting(EntityKindSet(.players))
        if types[0].isNot(.text) {
            error(arguments[0].position, "objects.add takes an entity type, not \(types[0].name ?? "this")")
        } else if let name = arguments[0].literalText, let kind = entityKind(name, arguments[0].position) {
            if kind == .players {
                error(arguments[0].position, "players can't be added; they come by logging in")
                return .unknown
            }
            kinds = EntityKindSet(kind)
        }
        guard let argument = arguments[safe: 1] else { return .entity(kinds) }
        if types[1].isNot(.table) {
            error(argument.position, "objects.add takes a table of fields, not \(types[1].name ?? "this")")
        } else if case .constructed(let table) = types[1] {
            checkNewEntity(table, kinds)
        }
        return .entity(kinds)
    }

    private func checkNewEntity(_ table: TableLiteral, _ kinds: EntityKindSet) {
        for item in table.named {
            if case .nothing = item.type { continue }
            guard let field = ScriptAPI.newEntity.first(where: { $0.name == item.name }) else {
                error(item.position, newEntityHint(item.name))
                continue
            }
            let wanted: LuaType.ExpectedType =
                switch field.type {
                case "string": .text
                case "table": .table
                default: .number
                }
            if item.type.isNot(wanted) {
                error(item.value.position, "\(item.name) must be \(wanted.article), not \(item.type.name ?? "this")")
            } else if item.name == "action", item.value.literalText == "remove" {
                error(item.value.position, "action can't be 'remove', which clients take for the entity's removal")
            } else if item.name == "components", case .constructed(let components) = item.type {
                for item in components.named {
                    guard let component = component(item.name, kinds, item.position) else { continue }
                    check(StoredValue(expression: item.value, type: item.type), of: component, item.value.position)
                }
            }
        }
    }

    private func newEntityHint(_ name: String) -> String {
        let names = ScriptAPI.newEntity.map(\.name)
        if facts.isComponent(name) { return "a new entity has no field '\(name)'; write components = {\(name) = …}" }
        let hint = Suggestion.hint(forName: name, among: names)
        return "a new entity has no field '\(name)'"
            + (hint.isEmpty ? "; it is made of \(names.joined(separator: ", "))" : hint)
    }

    // MARK: Standard functions

    /// The functions whose first argument is a table of values; `pairs`, `next`, `keys` and `table.foreach` also list
    /// entities and their members.
    private static let functionsOfTables: Set = [
        "copy", "array", "unpack", "table.insert", "table.remove", "table.concat", "table.sort", "table.getn",
        "table.maxn", "table.foreachi",
    ]

    private func checkTable(_ name: String, _ arguments: [LuaExpression], _ types: [LuaType]) {
        guard Self.functionsOfTables.contains(name), let type = types.first else { return }
        switch type {
        case .entity, .events, .group, .objects, .map, .socket, .broadcast, .target, .sockets, .io:
            error(arguments[0].position, "\(name) takes a table or an entity's components, not \(type.noun)")
        default: break
        }
    }

    private func callStandard(
        _ name: String, _ arguments: [LuaExpression], _ types: [LuaType], isOpen: Bool, _ position: SourcePosition
    ) -> LuaType {
        checkTable(name, arguments, types)
        if let function = ScriptAPI.functions.first(where: { $0.name == name })?.function {
            if arguments.count < function.minimum, !isOpen {
                let needed = function.parameters.prefix(function.minimum).map(\.name).joined(separator: ", ")
                error(position, "\(name) needs \(needed)")
            }
            if name != "error" { checkExtra(arguments, function, name, isOpen: isOpen) }
            switch name {
            case "microtime": return .number
            case "keys", "split": return .list(name == "split" ? .text(nil) : .unknown)
            case "copy", "array": return .table
            case "exists": return .boolean
            default: return .unknown
            }
        }
        if name == "ipairs", let type = types.first { checkCounted(type, arguments[0].position) }
        if name.hasPrefix("math."), name != "math.randomseed" { return .number }
        switch name {
        case "tostring", "type", "string.format", "string.rep", "string.sub", "string.lower", "string.upper",
            "string.reverse", "string.gsub", "string.char", "table.concat":
            return .text(nil)
        case "string.len", "os.clock", "os.time", "os.difftime": return .number
        default: return .unknown
        }
    }

    // MARK: Loops

    /// The types of the variables of a generic `for` loop, as far as they are known.
    func loopTypes(_ values: [LuaExpression]) -> [LuaType] {
        guard let first = values.first else { return [] }
        var table: LuaType = .unknown
        if case .suffixed(let base, let suffixes) = first.kind, suffixes.count == 1, case .global(let name) = base.kind,
            name == "pairs" || name == "ipairs", case .call(let arguments) = suffixes[0].kind, arguments.count == 1
        {
            guard case .standard = type(ofGlobal: name, base.position, use: .base(suffixes[0])) else {
                values.forEach { _ = infer($0) }
                return []
            }
            table = infer(arguments[0])
            if name == "ipairs" { checkCounted(table, arguments[0].position) }
            values.dropFirst().forEach { _ = infer($0) }
        } else {
            let types = values.map { infer($0) }
            if case .standard("next") = types[0], types.count > 1 { table = types[1] }
        }
        switch table {
        case .objects: return [.text(nil), .entity(.all)]
        case .sockets: return [.text(nil), .socket]
        case .events: return [.text(.eventGroup), .group(nil)]
        case .components: return [.text(nil), .unknown]
        case .list(let element): return [.number, element]
        default: return []
        }
    }
}

extension LuaType {
    /// Whether it is a proxy with functions.
    fileprivate var isProxy: Bool {
        switch self {
        case .entity, .events, .group, .objects, .map, .socket, .broadcast, .target, .sockets, .io: true
        default: false
        }
    }
}

extension LuaExpression {
    /// Whether it may give any number of values as the last expression of a list.
    fileprivate var isOpen: Bool {
        if case .varargs = kind { return true }
        return isCall
    }
}

extension Array {
    fileprivate subscript(safe index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
