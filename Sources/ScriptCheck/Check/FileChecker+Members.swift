import GameFolder
import GameRules
import JSONValues
import LuaSyntax
import World

extension FileChecker {
    /// The type of the field `name`; reports a field that does not exist. `next` is the suffix after the field, if any.
    func member(
        _ name: String, of type: LuaType, _ position: SourcePosition, next: LuaExpression.Suffix?,
        isMethod: Bool = false
    ) -> LuaType {
        switch type {
        case .entity(let kinds): return entityMember(name, kinds, position)
        case .components(let kinds): return component(name, kinds, position)?.valueType ?? .unknown
        case .events:
            if let member = ScriptAPI.events.member(name) { return .method(ScriptAPI.events, member, owner: type) }
            return isGroup(name, position) ? .group(name) : .unknown
        case .group(let group): return groupMember(name, group, position)
        case .objects: return objectsMember(name, position, next)
        case .map: return known(name, of: ScriptAPI.map, type, position)
        case .socket: return known(name, of: ScriptAPI.socket, type, position)
        case .broadcast: return known(name, of: ScriptAPI.broadcast, type, position)
        case .target: return known(name, of: ScriptAPI.target, type, position)
        case .io:
            let isFile = ScriptAPI.fileFunctions.contains(name)
            return known(name, of: ScriptAPI.io, type, position, hint: isFile ? "; scripts reach no files" : "")
        case .sockets: return socketByID(name, position, next)
        case .data: return parameter(name, position)
        case .event: return eventMember(name, position)
        case .library(let library): return libraryMember(name, library, position, next)
        case .libTable(let table): return libMember(name, table, position, next)
        case .text, .textOrNil:
            if ScriptAPI.libraries["string"]?.contains(name) == true { return .standard("string.\(name)") }
            if isMethod, !isModified("string") {
                let names = ScriptAPI.libraries["string"] ?? []
                error(position, "a string has no function '\(name)'\(Suggestion.hint(forName: name, among: names))")
            }
            return .unknown
        case .number, .numberOrNil, .boolean, .booleanOrNil, .nothing, .function, .method, .standard:
            error(position, "can't look up '\(name)' in \(type.noun)")
            return .unknown
        // A json component can hold any JSON value; a text in it has the functions of `string`.
        case .json: return isMethod ? .unknown : .json
        case .socketData: return isMethod ? .unknown : .socketData
        case .unknown, .table, .constructed, .list: return .unknown
        }
    }

    /// The type of a field whose key is computed; `key` is the key's type.
    func element(_ key: LuaType, of type: LuaType, _ position: SourcePosition) -> LuaType {
        switch type {
        case .list(let element): return element
        case .objects: return .entity(.all)
        case .events: return .group(nil)
        case .json: return .json
        case .socketData: return .socketData
        case .sockets: return .socket
        case .data:
            parameterUse.noteEscape()
            return .unknown
        case .number, .numberOrNil, .boolean, .booleanOrNil, .nothing, .function, .method, .standard:
            error(position, "can't look up a field in \(type.noun)")
            return .unknown
        default: return .unknown
        }
    }

    /// The type of a member of a class whose members are the same in all games; reports one that does not exist.
    private func known(
        _ name: String, of owner: ScriptAPI.Class, _ type: LuaType, _ position: SourcePosition, hint: String = ""
    ) -> LuaType {
        guard let member = owner.member(name) else {
            let hint = hint.isEmpty ? self.hint(name, or: "it has", owner.members.map(\.name)) : hint
            error(position, "\(owner.article) has no field '\(name)'\(hint)")
            return .unknown
        }
        if member.function != nil { return .method(owner, member, owner: type) }
        switch member.type {
        case "number", "integer": return .number
        case "string": return .text(nil)
        case "EntityType": return .text(.entityType)
        case "string?": return .textOrNil(nil)
        case "number?", "integer?": return .numberOrNil
        case "boolean": return .boolean
        case "string[]": return .list(.text(nil))
        case "table" where owner.name == ScriptAPI.socket.name: return .socketData
        case "SocketBroadcast": return .broadcast
        case "Sockets": return .sockets
        default: return .unknown
        }
    }

    // MARK: Entities

    private func entityMember(_ name: String, _ kinds: EntityKindSet, _ position: SourcePosition) -> LuaType {
        switch name {
        case "components": return .components(kinds)
        case "events": return .events
        default: return known(name, of: ScriptAPI.entity, .entity(kinds), position, hint: fieldHint(name))
        }
    }

    /// The suggestion for an unknown field of an entity: a similar field or component.
    func fieldHint(_ name: String) -> String {
        if facts.isComponent(name) { return "; did you mean 'components.\(name)'?" }
        let fields = ScriptAPI.entity.members.map(\.name)
        guard Suggestion.nearest(toName: name, among: fields) == nil,
            let component = Suggestion.nearest(toName: name, among: facts.componentNames(of: .all))
        else { return hint(name, or: "it has", fields) }
        return "; did you mean 'components.\(component)'?"
    }

    /// The component with this name; reports an error when it is not declared or these entities can't have it.
    func component(_ name: String, _ kinds: EntityKindSet, _ position: SourcePosition) -> ComponentDefinition? {
        guard let component = facts.components[name] else {
            if !facts.brokenComponents.contains(name) {
                let known = facts.componentNames(of: kinds).sorted()
                error(position, "there is no component '\(name)'\(hint(name, or: "there are", known))")
            }
            return nil
        }
        if component.kinds.isDisjoint(with: kinds) {
            error(position, "\(kinds.text) have no component '\(name)'; it is declared for \(component.kinds.text)")
            return nil
        }
        return component
    }

    // MARK: Objects, data and event

    private func objectsMember(
        _ name: String, _ position: SourcePosition, _ next: LuaExpression.Suffix?
    ) -> LuaType {
        if let member = ScriptAPI.objects.member(name) {
            return .method(ScriptAPI.objects, member, owner: .objects)
        }
        if let key = EntityKey(name) { return .entity(EntityKindSet(key.kind)) }
        let names = ScriptAPI.objects.members.map(\.name)
        if next?.isCall == true {
            error(position, "objects has no function '\(name)'\(hint(name, or: "it has", names))")
        } else {
            let hint = Suggestion.hint(forName: name, among: names)
            warn(position, "no entity has the key '\(name)'; keys are written like players_24\(hint)")
        }
        return .unknown
    }

    /// `io.sockets.NAME`: no id of a socket is written into a script.
    private func socketByID(
        _ name: String, _ position: SourcePosition, _ next: LuaExpression.Suffix?
    ) -> LuaType {
        if next?.isCall == true {
            let hint = name == "emit" ? "; io.emit sends to everyone" : ""
            error(position, "io.sockets has the sockets by id, and no function '\(name)'\(hint)")
        } else {
            warn(position, "no socket has the id '\(name)'; write io.sockets[id]")
        }
        return .unknown
    }

    private func parameter(_ name: String, _ position: SourcePosition) -> LuaType {
        guard case .event(let group, let event) = script.role, !facts.brokenEvents.contains("\(group)/\(event)"),
            let definition = facts.groups[group]?[event]
        else { return .unknown }
        parameterUse.noteRead(name, position)
        guard let parameter = definition.parameters.first(where: { $0.name == name }) else { return .unknown }
        if parameterUse.mayBeChanged || parameter.defaultValue == .null { return .unknown }
        switch parameter.type {
        case .number: return .number
        case .string: return .text(nil)
        case .boolean: return .boolean
        case .table: return .table
        case .any: return .unknown
        }
    }

    private func eventMember(_ name: String, _ position: SourcePosition) -> LuaType {
        let type = known(name, of: ScriptAPI.event, .event, position)
        switch (name, script.role) {
        case ("action", .event(let group, _)): return .text(.event(group: group))
        // No event may be pending when a script asks for the group's timeout.
        case ("action", .timeout(let group)): return .textOrNil(.event(group: group))
        default: return type
        }
    }

    // MARK: Libraries

    /// Whether this script or a lib may have added functions of its own to one of Lua's libraries.
    private func isModified(_ library: String) -> Bool {
        uses.isDynamic || facts.areLibsDynamic || facts.libWrites.contains(library) || uses.written.contains(library)
    }

    private func libraryMember(
        _ name: String, _ library: String, _ position: SourcePosition, _ next: LuaExpression.Suffix?
    ) -> LuaType {
        guard let members = ScriptAPI.libraries[library] else { return .unknown }
        if members.contains(name) {
            return library == "math" && (name == "pi" || name == "huge") ? .number : .standard("\(library).\(name)")
        }
        if isModified(library) { return .unknown }
        let message =
            ScriptAPI.absentMembers[library]?.contains(name) == true
            ? "\(library).\(name) is not there for scripts"
            : "\(library) has no '\(name)'\(Suggestion.hint(forName: name, among: members))"
        if next == nil { warn(position, message) } else { error(position, message) }
        return .unknown
    }

    private func libMember(
        _ name: String, _ table: String, _ position: SourcePosition, _ next: LuaExpression.Suffix?
    ) -> LuaType {
        guard let lib = facts.libGlobals[table], let members = lib.members, !members.contains(name) else {
            return .unknown
        }
        let message = "\(table) of \(lib.file) has no '\(name)'\(Suggestion.hint(forName: name, among: members))"
        if next == nil { warn(position, message) } else { error(position, message) }
        return .unknown
    }
}

extension EntityKindSet {
    /// The names of its members, for messages.
    var text: String {
        let names = EntityKind.allCases.filter(contains).map(\.name)
        guard let last = names.last, names.count > 1 else { return names.first ?? "no entities" }
        return names.dropLast().joined(separator: ", ") + " and " + last
    }
}
