import GameFolder
import GameRules
import LuaSyntax
import World

/// Checks how one script uses the server's values and globals.
///
/// It knows the type of a local only when the local is never assigned again, and it does not follow branches: what it
/// reports as an error is wrong whenever that line runs.
final class FileChecker {
    let script: GameScript
    let facts: GameFacts
    /// This script's own uses of globals.
    let uses: GlobalUses
    /// The globals that the server sets for this script, without those that the script assigns itself.
    let environment: Set<String>
    let isReadOnly: Bool
    private(set) var diagnostics: Set<Diagnostic> = []
    /// The types of locals that are never assigned again.
    private var types: [ObjectIdentifier: LuaType] = [:]
    var parameterUse: ParameterUse
    var globalHints: GlobalHints
    /// How many functions are around; a `return` of the script itself has none.
    private var functionDepth = 0
    private var hasReturn = false

    init(_ script: GameScript, _ block: LuaBlock, facts: GameFacts) {
        self.script = script
        self.facts = facts
        uses = facts.uses[script.path] ?? GlobalUses()
        environment = Set(ScriptAPI.environment(of: script.role.kind)).subtracting(uses.assigned)
        parameterUse = ParameterUse(uses)
        globalHints = GlobalHints { [uses, environment] in
            Array(
                facts.commonGlobals.union(facts.libGlobals.keys).union(uses.locals).union(uses.assigned)
                    .union(environment))
        }
        isReadOnly = if case .timeout = script.role { true } else { false }
        visit(block)
        checkAssignedGlobals()
        checkReturn(block)
        checkParameters()
    }

    // MARK: Reports

    func error(_ position: SourcePosition, _ message: String) { report(.error, position, message) }

    func warn(_ position: SourcePosition, _ message: String) { report(.warning, position, message) }

    private func report(_ severity: Diagnostic.Severity, _ position: SourcePosition, _ message: String) {
        diagnostics.insert(Diagnostic(file: script.path, position: position, severity: severity, message: message))
    }

    /// The name that was probably meant; when none is similar, all names, as the running script's error lists them.
    func hint(_ name: String, or verb: String, _ names: [String]) -> String {
        let hint = Suggestion.hint(forName: name, among: names)
        guard hint.isEmpty, !names.isEmpty else { return hint }
        return "; \(verb) \(names.prefix(30).joined(separator: ", "))\(names.count > 30 ? ", …" : "")"
    }

    /// Reports a change of the world as an error if the script is a timeout formula; returns whether it is one.
    func isRefused(_ position: SourcePosition, _ what: String) -> Bool {
        guard isReadOnly else { return false }
        error(position, "\(what): a timeout formula can't change the world")
        return true
    }

    // MARK: Statements

    func visit(_ block: LuaBlock) {
        for statement in block.statements { visit(statement) }
    }

    func visit(_ function: LuaFunction) {
        functionDepth += 1
        visit(function.body)
        functionDepth -= 1
    }

    private func visit(_ statement: LuaStatement) {
        switch statement.kind {
        case .local(let variables, let values): declare(variables, values)
        case .assignment(let targets, let values):
            let types = values.map { value in (value, infer(value)) }
            for (index, target) in targets.enumerated() {
                let given = index < types.count ? types[index] : nil
                // Further targets have an unknown type: a call as the last value may give any number of values.
                assign(target, value: given?.0, type: index < types.count ? given?.1 ?? .unknown : .unknown)
            }
        case .call(let call): _ = infer(call)
        case .block(let block): visit(block)
        case .whileLoop(let condition, let block):
            _ = infer(condition)
            visit(block)
        case .repeatLoop(let block, let condition):
            visit(block)
            _ = infer(condition)
        case .conditional(let arms, let otherwise):
            for arm in arms {
                _ = infer(arm.condition)
                visit(arm.block)
            }
            if let otherwise { visit(otherwise) }
        case .numericFor(let variable, let values, let block):
            checkLoopStart(values)
            for value in values { _ = infer(value) }
            set(variable, .number)
            visit(block)
        case .genericFor(let variables, let values, let block):
            let types = loopTypes(values)
            for (variable, type) in zip(variables, types) { set(variable, type) }
            visit(block)
        case .function(let target, let function):
            assign(target, value: nil, type: .function)
            visit(function)
        case .localFunction(let variable, let function):
            set(variable, .function)
            visit(function)
        case .returned(let values): visitReturn(statement.position, values)
        case .breakLoop: break
        }
    }

    private func declare(_ variables: [LuaVariable], _ values: [LuaExpression]) {
        for (index, value) in values.enumerated() {
            let type: LuaType
            if case .global("data") = value.kind, index < variables.count, !variables[index].isReassigned {
                type = self.type(ofGlobal: "data", value.position, use: .alias)
                parameterUse.noteAlias()
            } else {
                type = infer(value)
            }
            if index < variables.count { set(variables[index], type) }
        }
    }

    private func set(_ variable: LuaVariable, _ type: LuaType) {
        guard !variable.isReassigned else { return }
        // A table may get more fields after its constructor, so only that it is a table is known.
        types[ObjectIdentifier(variable)] = if case .constructed = type { .table } else { type }
    }

    func type(of variable: LuaVariable) -> LuaType { types[ObjectIdentifier(variable)] ?? .unknown }

    /// Warns about a loop from 0 to the length of a list, as other languages count.
    private func checkLoopStart(_ values: [LuaExpression]) {
        guard values.count >= 2, values[0].literalNumber == 0, values[1].beginsWithLength else { return }
        warn(values[0].position, "the first element of a list is 1 in Lua; write for i = 1, #list do")
    }

    // MARK: Timeouts

    private func visitReturn(_ position: SourcePosition, _ values: [LuaExpression]) {
        let types = values.map { infer($0) }
        guard functionDepth == 0 else { return }
        hasReturn = true
        guard isReadOnly else { return }
        guard let first = values.first, let type = types.first else {
            return error(position, "a timeout formula must return a number of seconds, and this returns nothing")
        }
        if type.isNot(.number) {
            error(first.position, "a timeout formula must return a number of seconds, not \(type.name ?? "this")")
        } else if let number = first.literalNumber, number < 0 {
            error(first.position, "a timeout formula must return a number of seconds from 0")
        }
    }

    private func checkReturn(_ block: LuaBlock) {
        guard isReadOnly, !hasReturn, let first = block.statements.first else { return }
        error(first.position, "a timeout formula must return a number of seconds, and this one returns nothing")
    }

    // MARK: Parameters

    private func checkParameters() {
        guard case .event(let group, let name) = script.role, !uses.assigned.contains("data"),
            !facts.brokenEvents.contains("\(group)/\(name)"), let event = facts.groups[group]?[name]
        else { return }
        for (severity, position, message) in parameterUse.problems(of: event, source: script.source) {
            report(severity, position, message)
        }
    }
}

extension LuaExpression {
    /// The value of a number literal, also with a minus before it; `nil` for other expressions.
    var literalNumber: Double? {
        switch kind {
        case .number(let value): value
        case .unary(.minus, let operand): operand.literalNumber.map { -$0 }
        case .parenthesized(let inner): inner.literalNumber
        default: nil
        }
    }

    /// Whether it is the length of something, or begins with it: `#list - 1`.
    var beginsWithLength: Bool {
        switch kind {
        case .unary(.length, _): true
        case .binary(let first, _): first.beginsWithLength
        case .parenthesized(let inner): inner.beginsWithLength
        default: false
        }
    }
}
