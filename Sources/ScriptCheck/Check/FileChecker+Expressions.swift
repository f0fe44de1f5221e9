import GameRules
import LuaSyntax
import World

extension FileChecker {
    /// Infers the type of an expression, and checks everything in it.
    func infer(_ expression: LuaExpression) -> LuaType {
        switch expression.kind {
        case .constantNil: return .nothing
        case .boolean: return .boolean
        case .number: return .number
        case .string: return .text(nil)
        case .varargs: return .unknown
        case .function(let function):
            visit(function)
            return .function
        case .table(let items):
            var types: [LuaType] = []
            for item in items {
                if case .expression(let key) = item.key {
                    _ = infer(key)
                    warn(ofIndexZero: key, in: .table)
                }
                types.append(infer(item.value))
            }
            return .constructed(TableLiteral(items, types))
        case .local(let variable):
            let type = type(of: variable)
            if case .data = type { parameterUse.noteEscape() }
            return type
        case .global(let name): return type(ofGlobal: name, expression.position, use: .read)
        case .parenthesized(let inner): return infer(inner)
        case .unary(let symbol, let operand):
            let type = symbol == .minus ? inferOperand(operand, "do arithmetic on") : infer(operand)
            switch symbol {
            case .not: return .boolean
            case .length: return .number
            case .minus: if case .number = type { return .number } else { return .unknown }
            }
        case .binary(let first, let parts): return infer(first, parts)
        case .suffixed(let base, let suffixes): return infer(base, suffixes[...])
        }
    }

    // MARK: Operators

    private func infer(_ first: LuaExpression, _ parts: [LuaExpression.BinaryPart]) -> LuaType {
        var type = inferOperand(first, parts[0].symbol.operation)
        for (index, part) in parts.enumerated() {
            let other = inferOperand(part.operand, part.symbol.operation)
            if index == 0 { checkComparison(first, type, part, other) }
            if index > 0, let operation = part.symbol.operation { refuse(type, part.position, operation) }
            type = result(part.symbol, type, other)
        }
        return type
    }

    /// Infers the type of an operand, and reports it if the operator can't be applied to it. `operation` says what the
    /// operator does, for the message; `nil` when its operands are not checked.
    private func inferOperand(_ operand: LuaExpression, _ operation: String?) -> LuaType {
        guard let operation else { return infer(operand) }
        if case .global(let name) = operand.kind {
            let type = type(ofGlobal: name, operand.position, use: .operand(operation))
            refuse(type, operand.position, operation)
            return type
        }
        let type = infer(operand)
        refuse(type, operand.position, operation)
        return type
    }

    private func refuse(_ type: LuaType, _ position: SourcePosition, _ operation: String) {
        switch type {
        case .nothing, .boolean, .booleanOrNil, .function, .method, .standard:
            error(position, "can't \(operation) \(type.noun)")
        default: break
        }
    }

    private func result(_ symbol: LuaExpression.BinaryOperator, _ left: LuaType, _ right: LuaType) -> LuaType {
        switch symbol {
        case .add, .subtract, .multiply, .divide, .modulo, .power:
            // A table may have a metamethod that returns any type.
            if left.isPlainNumber, right.isPlainNumber { return .number }
            return .unknown
        case .concat:
            return left.isPlain && right.isPlain ? .text(nil) : .unknown
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual: return .boolean
        case .and: return .unknown
        case .or:
            switch (left, right) {
            case (.numberOrNil, .number), (.number, .number): return .number
            case (.textOrNil, .text), (.text, .text): return .text(nil)
            case (.entity(let one), .entity(let other)): return .entity(one.union(other))
            default: return .unknown
            }
        }
    }

    /// Reports a comparison of a name, such as an entity type, with a text that is never such a name.
    private func checkComparison(
        _ left: LuaExpression, _ leftType: LuaType, _ part: LuaExpression.BinaryPart, _ rightType: LuaType
    ) {
        guard part.symbol == .equal || part.symbol == .notEqual else { return }
        if let domain = leftType.domain, let text = part.operand.literalText {
            checkName(text, domain, part.operand.position)
        } else if let domain = rightType.domain, let text = left.literalText {
            checkName(text, domain, left.position)
        }
    }

    /// Reports a text that is not one of the names of `domain`.
    func checkName(_ text: String, _ domain: LuaType.Domain, _ position: SourcePosition) {
        switch domain {
        case .entityType: _ = entityKind(text, position)
        case .leaveReason: checkLeaveReason(text, position)
        case .eventGroup: _ = isGroup(text, position)
        case .event(let group): _ = isEvent(text, of: group, position)
        }
    }

    /// The entity type with this name; reports an error when there is none.
    func entityKind(_ name: String, _ position: SourcePosition) -> EntityKind? {
        if let kind = EntityKind(name: name) { return kind }
        let names = EntityKind.allCases.map(\.name)
        let hint = Suggestion.hint(forName: name, among: names)
        error(
            position,
            "'\(name)' is no entity type\(hint.isEmpty ? "; there are \(names.joined(separator: ", "))" : hint)")
        return nil
    }

    private func checkLeaveReason(_ text: String, _ position: SourcePosition) {
        let reasons = LeaveReason.allCases.map(\.rawValue)
        guard !reasons.contains(text) else { return }
        let hint = Suggestion.hint(forName: text, among: reasons)
        error(
            position,
            "'\(text)' is no reason to leave\(hint.isEmpty ? "; there are \(reasons.joined(separator: ", "))" : hint)")
    }

    // MARK: Suffixes

    private func infer(_ base: LuaExpression, _ suffixes: ArraySlice<LuaExpression.Suffix>) -> LuaType {
        var type: LuaType
        var position = base.position
        switch base.kind {
        case .global(let name): type = self.type(ofGlobal: name, position, use: .base(suffixes.first))
        case .local(let variable): type = self.type(of: variable)
        default: type = infer(base)
        }
        for (index, suffix) in zip(suffixes.indices, suffixes) {
            let next = suffixes.index(after: index) < suffixes.endIndex ? suffixes[index + 1] : nil
            switch suffix.kind {
            case .field(let name): type = member(name, of: type, suffix.position, next: next)
            case .index(let key):
                if let name = key.literalText {
                    type = member(name, of: type, suffix.position, next: next)
                } else {
                    warn(ofIndexZero: key, in: type)
                    type = element(infer(key), of: type, suffix.position)
                }
            case .call(let arguments): type = call(type, arguments, position)
            case .method(let name, let arguments):
                let function = member(name, of: type, suffix.position, next: suffix, isMethod: true)
                type = call(function, arguments, suffix.position, receiver: type)
            }
            position = suffix.position
        }
        return type
    }

    /// Warns of a key 0, which lists of other languages begin with.
    private func warn(ofIndexZero key: LuaExpression, in owner: LuaType) {
        guard key.literalNumber == 0 else { return }
        switch owner {
        case .unknown, .json, .table, .constructed, .list, .data, .libTable: break
        // An index into anything else is an error of its own, or a key that no list has.
        default: return
        }
        warn(key.position, "index 0: a list begins at 1, and a table with a key 0 is sent and stored as an object")
    }

    // MARK: Assignments

    /// Checks an assignment; `value` is `nil` when the target gets no expression of its own.
    func assign(_ target: LuaExpression, value: LuaExpression?, type: LuaType) {
        switch target.kind {
        case .suffixed(let base, let suffixes):
            guard let last = suffixes.last else { return }
            let owner: LuaType
            if suffixes.count == 1 {
                switch base.kind {
                case .global(let name): owner = self.type(ofGlobal: name, base.position, use: .target(last))
                case .local(let variable): owner = self.type(of: variable)
                default: owner = infer(base)
                }
            } else {
                owner = infer(base, suffixes.dropLast())
            }
            var key = last.literalName
            if case .index(let index) = last.kind, key == nil {
                warn(ofIndexZero: index, in: owner)
                if case .number = infer(index) { key = nil }
            }
            store(StoredValue(expression: value, type: type), under: key, in: owner, last.position)
        default: break
        }
    }
}

/// An assigned value: its type, and its expression if there is one.
struct StoredValue {
    var expression: LuaExpression?
    var type: LuaType

    var isNil: Bool { if case .nothing = type { true } else { false } }
}

extension LuaType {
    fileprivate var isPlainNumber: Bool {
        switch self {
        case .number, .numberOrNil, .text, .textOrNil: true
        default: false
        }
    }

    fileprivate var isPlain: Bool { isPlainNumber }

    fileprivate var domain: Domain? {
        switch self {
        case .text(let domain), .textOrNil(let domain): domain
        default: nil
        }
    }
}

extension LuaExpression.BinaryOperator {
    /// What the operator does to its operands, in words for messages; `nil` when its operands are not checked.
    fileprivate var operation: String? {
        switch self {
        case .add, .subtract, .multiply, .divide, .modulo, .power: "do arithmetic on"
        case .concat: "concatenate"
        default: nil
        }
    }
}
