extension LuaParser {
    mutating func statement() throws(LuaSyntaxError) -> LuaStatement {
        let (position, line) = (token.position, token.endLine)
        let kind: LuaStatement.Kind
        guard case .keyword(let keyword) = token.kind else {
            return LuaStatement(position: position, kind: try expressionStatement())
        }
        switch keyword {
        case .if: kind = try conditional(line)
        case .while:
            try advance()
            let condition = try expression()
            scopes.releaseTemporaries()
            try require(.do)
            let body = try block(isLoop: true)
            try close("end", opened: "while", at: line, isKeyword(.end))
            kind = .whileLoop(condition, body)
        case .do:
            try advance()
            kind = .block(try block(isLoop: false))
            try close("end", opened: "do", at: line, isKeyword(.end))
        case .for: kind = try loop(line)
        case .repeat: kind = try repeatLoop(line)
        case .function: kind = try function(line)
        case .local:
            try advance()
            kind = try accept(.function) ? try localFunction() : try local()
        case .return:
            try advance()
            kind = .returned(try returnedValues())
        case .break:
            try advance()
            guard scopes.isInLoop else { throw failure("no loop to break") }
            kind = .breakLoop
        default: kind = try expressionStatement()
        }
        return LuaStatement(position: position, kind: kind)
    }

    // MARK: Control

    private mutating func conditional(_ line: Int) throws(LuaSyntaxError) -> LuaStatement.Kind {
        var arms: [LuaStatement.Arm] = []
        repeat {
            try advance()
            let condition = try expression()
            scopes.releaseTemporaries()
            try require(.then)
            arms.append(LuaStatement.Arm(condition: condition, block: try block(isLoop: false)))
        } while isKeyword(.elseif)
        var otherwise: LuaBlock?
        if try accept(.else) { otherwise = try block(isLoop: false) }
        try close("end", opened: "if", at: line, isKeyword(.end))
        return .conditional(arms, otherwise: otherwise)
    }

    private mutating func repeatLoop(_ line: Int) throws(LuaSyntaxError) -> LuaStatement.Kind {
        try advance()
        // The condition sees the locals of the body.
        scopes.openBlock(isLoop: true)
        scopes.openBlock(isLoop: false)
        defer {
            scopes.closeBlock()
            scopes.closeBlock()
        }
        let body = try statements()
        try close("until", opened: "repeat", at: line, isKeyword(.until))
        return .repeatLoop(body, until: try expression())
    }

    private mutating func loop(_ line: Int) throws(LuaSyntaxError) -> LuaStatement.Kind {
        try advance()
        scopes.openBlock(isLoop: true)
        defer { scopes.closeBlock() }
        let (name, position) = try name()
        if token.isByte("=") { return try numericFor(name, position, line) }
        guard token.isByte(",") || isKeyword(.in) else { throw expected("'=' or 'in'") }
        let hidden = try hiddenVariables(["(for generator)", "(for state)", "(for control)"], position)
        var variables = [try declare(name, position)]
        while try accept(",") {
            let (name, position) = try self.name()
            variables.append(try declare(name, position))
        }
        try require(.in)
        let values = try expressionList()
        try activateHidden(hidden)
        try require(.do)
        let body = try block(isLoop: false, declaring: variables)
        try close("end", opened: "for", at: line, isKeyword(.end))
        return .genericFor(variables, values, body)
    }

    private mutating func numericFor(
        _ name: String, _ position: SourcePosition, _ line: Int
    ) throws(LuaSyntaxError) -> LuaStatement.Kind {
        let hidden = try hiddenVariables(["(for index)", "(for limit)", "(for step)"], position)
        let variable = try declare(name, position)
        try advance()
        var values = [try expression()]
        try reserve()
        try require(",")
        values.append(try expression())
        try reserve()
        if try accept(",") { values.append(try expression()) }
        try activateHidden(hidden)
        try require(.do)
        let body = try block(isLoop: false, declaring: [variable])
        try close("end", opened: "for", at: line, isKeyword(.end))
        return .numericFor(variable, values, body)
    }

    /// Declares the three hidden locals of a `for` loop: no name refers to them, but they count for the limits.
    private mutating func hiddenVariables(
        _ names: [String], _ position: SourcePosition
    ) throws(LuaSyntaxError) -> [LuaVariable] {
        var variables: [LuaVariable] = []
        for name in names { variables.append(try declare(name, position)) }
        return variables
    }

    private mutating func activateHidden(_ variables: [LuaVariable]) throws(LuaSyntaxError) {
        scopes.activate(variables)
        scopes.releaseTemporaries()
    }

    // MARK: Functions

    private mutating func function(_ line: Int) throws(LuaSyntaxError) -> LuaStatement.Kind {
        try advance()
        let position = token.position
        var target = try variable()
        var suffixes: [LuaExpression.Suffix] = []
        while try accept(".") {
            let (name, position) = try name()
            suffixes.append(LuaExpression.Suffix(position: position, kind: .field(name)))
        }
        var isMethod = false
        if try accept(":") {
            let (name, position) = try name()
            suffixes.append(LuaExpression.Suffix(position: position, kind: .field(name)))
            isMethod = true
        }
        if !suffixes.isEmpty {
            target = LuaExpression(position: position, kind: .suffixed(target, suffixes))
        } else if case .local(let variable) = target.kind {
            variable.isReassigned = true
        }
        return .function(target, try functionBody(line: line, position: position, isMethod: isMethod))
    }

    private mutating func localFunction() throws(LuaSyntaxError) -> LuaStatement.Kind {
        let (name, position) = try name()
        let variable = try declare(name, position)
        scopes.activate([variable])
        try reserve()
        return .localFunction(variable, try functionBody(line: token.endLine, position: position, isMethod: false))
    }

    /// Parses a function's parameters and body, from the opening parenthesis.
    mutating func functionBody(
        line: Int, position: SourcePosition, isMethod: Bool
    ) throws(LuaSyntaxError) -> LuaFunction {
        let function = LuaFunction(position)
        scopes.open(line: line, isVararg: false)
        defer { scopes.close() }
        try require("(")
        var parameters: [LuaVariable] = []
        if isMethod { parameters.append(try declare("self", position)) }
        if !token.isByte(")") {
            while true {
                if case .name(let name) = token.kind {
                    parameters.append(try declare(name, token.position))
                    try advance()
                } else if token.kind == .symbol(.dots) {
                    // As in Lua 5.0, the extra arguments are also in a table, the hidden parameter `arg`.
                    parameters.append(try declare("arg", token.position))
                    try advance()
                    scopes.isVararg = true
                } else {
                    throw expected("<name> or '...'")
                }
                if scopes.isVararg { break }
                guard try accept(",") else { break }
            }
        }
        scopes.activate(parameters)
        try reserve(parameters.count)
        try require(")")
        function.parameters = parameters
        scopes.openBlock(isLoop: false)
        function.body = try statements()
        scopes.closeBlock()
        try close("end", opened: "function", at: line, isKeyword(.end))
        return function
    }

    private mutating func returnedValues() throws(LuaSyntaxError) -> [LuaExpression] {
        switch token.kind {
        case .endOfFile, .keyword(.else), .keyword(.elseif), .keyword(.end), .keyword(.until): return []
        case .byte(UInt8(ascii: ";")): return []
        default: return try expressionList()
        }
    }

    // MARK: Variables

    private mutating func local() throws(LuaSyntaxError) -> LuaStatement.Kind {
        var variables: [LuaVariable] = []
        repeat {
            let (name, position) = try name()
            variables.append(try declare(name, position))
        } while try accept(",")
        let values = try accept("=") ? try expressionList() : []
        if variables.count > values.count { try reserve(variables.count - values.count) }
        scopes.activate(variables)
        scopes.releaseTemporaries()
        return .local(variables, values)
    }

    private mutating func expressionStatement() throws(LuaSyntaxError) -> LuaStatement.Kind {
        let first = try primaryExpression()
        if first.isCall { return .call(first) }
        var targets = [first]
        while true {
            guard targets[targets.count - 1].isAssignable else { throw failure("syntax error") }
            guard try accept(",") else { break }
            targets.append(try primaryExpression())
            if targets.count - 1 > levelsLeft {
                throw LuaSyntaxError(
                    position: token.position,
                    message: scopes.exceeded(levelsLeft, "variables in assignment").message)
            }
        }
        try require("=")
        let values = try expressionList()
        for case .local(let variable) in targets.map(\.kind) { variable.isReassigned = true }
        return .assignment(targets, values)
    }
}

extension LuaExpression {
    /// Whether it is a call, which may be a statement by itself.
    package var isCall: Bool {
        if case .suffixed(_, let suffixes) = kind { suffixes.last?.isCall == true } else { false }
    }

    /// Whether a value can be assigned to it.
    fileprivate var isAssignable: Bool {
        switch kind {
        case .local, .global: true
        case .suffixed(_, let suffixes): suffixes.last?.isCall == false
        default: false
        }
    }
}
