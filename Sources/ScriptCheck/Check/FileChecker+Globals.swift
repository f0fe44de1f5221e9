import GameFolder
import GameRules
import LuaSyntax
import World

/// How an expression uses a global.
enum GlobalContext {
    case read
    /// Its value is put into a local that is never assigned again.
    case alias
    /// It is the operand of an operator that raises an error for nil; the text says what the operator does.
    case operand(String)
    /// It is indexed or called; the value is the first suffix after it.
    case base(LuaExpression.Suffix?)
    /// One of its fields is assigned; the value is the suffix with the field's key.
    case target(LuaExpression.Suffix)

    /// Whether this use raises an error when the global is nil.
    var failsForNil: Bool {
        switch self {
        case .read, .alias: false
        case .operand, .base, .target: true
        }
    }
}

extension FileChecker {
    /// The type of a global's value; reports a global that is defined nowhere.
    func type(ofGlobal name: String, _ position: SourcePosition, use: GlobalContext) -> LuaType {
        if environment.contains(name) { return environmentType(name, use) }
        if uses.assigned.contains(name) { return .unknown }
        if let lib = facts.libGlobals[name] {
            if case .lib = script.role { return .unknown }
            return lib.members == nil ? .unknown : .libTable(name)
        }
        switch name {
        case "objects": return .objects
        case "map": return .map
        case "io" where facts.hasSocketScripts: return .io
        case "_G": return .unknown
        case "_VERSION": return .text(nil)
        default: break
        }
        if ScriptAPI.libraries[name] != nil { return .library(name) }
        if ScriptAPI.commonGlobals.contains(name) { return .standard(name) }
        if !uses.isDynamic, !facts.areLibsDynamic {
            let message = undefined(name)
            if use.failsForNil { error(position, message) } else { warn(position, message) }
        }
        return .unknown
    }

    private func environmentType(_ name: String, _ use: GlobalContext) -> LuaType {
        switch (name, script.role) {
        case ("object", .spawn(let kind, _)), ("object", .leave(let kind, _)): return .entity(EntityKindSet(kind))
        case ("object", .component(let name)): return .entity(facts.components[name]?.kinds ?? .all)
        case ("object", _): return .entity(.all)
        case ("data", .socket(SocketEvents.connect)): return .table
        case ("data", .socket): return .unknown
        case ("socket", _): return .socket
        case ("args", _): return .list(.unknown)
        case ("reason", .socket): return .text(nil)
        case ("data", _):
            switch use {
            case .read, .operand: parameterUse.noteEscape()
            default: break
            }
            return .data
        case ("event", _): return .event
        case ("name", _): return .text(nil)
        case ("reason", _): return .text(.leaveReason)
        case (_, .component(let name)): return facts.components[name]?.valueType ?? .unknown
        default: return .unknown
        }
    }

    // MARK: Undefined globals

    private func undefined(_ name: String) -> String {
        if let global = ScriptAPI.environmentGlobals.first(where: { $0.name == name }) {
            if case .lib = script.role, name == "object" {
                return "lib files have no 'object'; pass the entity to the function as a parameter"
            }
            return "'\(name)' is not there in this script, only in \(global.place)"
        }
        if let advice = ScriptAPI.absentGlobals[name] { return "'\(name)' is not there for scripts; \(advice)" }
        if uses.locals.contains(name) {
            return "global '\(name)' is defined nowhere; the local of that name is not visible here"
        }
        if let files = facts.scriptGlobals[name] {
            return "global '\(name)' is defined only in \(files[0]), and every script has globals of its own; "
                + "define it in a file of lib/"
        }
        if let advice = ForeignNames.globals[name] { return "global '\(name)' is defined nowhere; \(advice)" }
        return "global '\(name)' is defined nowhere\(globalHints.hint(for: name))"
    }

    // MARK: Assigned globals

    /// Warns about assignments to globals that are most likely mistakes.
    func checkAssignedGlobals() {
        let own = Set(ScriptAPI.environment(of: script.role.kind))
        for use in uses.uses where use.kind == .write || use.kind == .function {
            if own.contains(use.name) {
                warn(use.position, assignedEnvironment(use.name))
            } else if facts.commonGlobals.contains(use.name) {
                warn(
                    use.position, "this hides the '\(use.name)' that every script has; choose another name, or a local")
            } else if let lib = facts.libGlobals[use.name], lib.file != script.path, !isLib {
                warn(use.position, "'\(use.name)' is \(lib.file)'s; this changes it for this script alone")
            }
        }
        guard !uses.isDynamic else { return }
        for name in uses.assigned.subtracting(own).subtracting(facts.commonGlobals) { checkAccidental(name) }
    }

    private var isLib: Bool { if case .lib = script.role { true } else { false } }

    private func assignedEnvironment(_ name: String) -> String {
        switch (name, script.role) {
        case ("object", _): return "this changes the variable 'object' alone, and nothing of the entity"
        case ("value", .component(let component)):
            return "this changes the variable 'value' alone; assign object.components.\(component)"
        default: return "this changes the variable '\(name)' alone; choose another name, or a local"
        }
    }

    /// Warns about a global that keeps no value from one run to the next, and so should be a local.
    private func checkAccidental(_ name: String) {
        let mine = uses.byName[name] ?? []
        guard let first = mine.first(where: { $0.kind == .write }), !mine.contains(where: { $0.kind == .function })
        else { return }
        if isLib {
            // A global that a lib assigns at its top level is meant for all scripts.
            if mine.contains(where: { $0.kind == .write && $0.blocks.count == 1 }) { return }
            if facts.uses.contains(where: { $0.key != script.path && $0.value.byName[name] != nil }) {
                return
            }
        } else if facts.libGlobals[name] != nil {
            return
        }
        if mine.allSatisfy({ $0.kind == .write }) {
            warn(
                first.position,
                "global '\(name)' is assigned and never read\(globalHints.hint(for: name)); write local \(name)"
            )
        } else if mine[0].kind == .write, mine.allSatisfy({ $0.blocks.starts(with: first.blocks) }) {
            warn(
                first.position,
                "global '\(name)' is assigned before it is read, so it keeps nothing for the next run; write local \(name)"
            )
        }
    }
}

extension ComponentDefinition {
    /// The type of its values.
    var valueType: LuaType {
        switch type {
        case .number: .numberOrNil
        case .string: .textOrNil(nil)
        case .boolean: .booleanOrNil
        case .json: .json
        }
    }
}
