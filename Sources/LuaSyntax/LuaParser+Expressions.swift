extension LuaParser {
    /// Parses one expression. It reserves no register for the result; the caller does that where Lua's compiler would.
    mutating func expression() throws(LuaSyntaxError) -> LuaExpression { try subexpression(limit: 0) }

    /// Parses one or more expressions. Each reserves a register, except a single call or local.
    /// The caller releases the registers.
    mutating func expressionList() throws(LuaSyntaxError) -> [LuaExpression] {
        var list = [try expression()]
        while try accept(",") {
            try reserve()
            list.append(try expression())
        }
        if list.count > 1 || !(list[0].isCall || list[0].isLocal) { try reserve() }
        return list
    }

    /// Parses an operand and the binary operators after it whose left priority is higher than `limit`.
    private mutating func subexpression(limit: Int) throws(LuaSyntaxError) -> LuaExpression {
        try enterLevel()
        defer { leaveLevel() }
        let position = token.position
        var first: LuaExpression
        if let symbol = unaryOperator {
            try advance()
            let operand = try subexpression(limit: LuaExpression.BinaryOperator.unaryPriority)
            first = LuaExpression(position: position, kind: .unary(symbol, operand))
        } else {
            first = try simpleExpression()
        }
        var parts: [LuaExpression.BinaryPart] = []
        let registers = scopes.registers
        while let symbol = binaryOperator, symbol.priority.left > limit {
            let position = token.position
            try advance()
            if parts.isEmpty ? first.needsRegister(before: symbol) : symbol != .and && symbol != .or { try reserve() }
            let operand = try subexpression(limit: symbol.priority.right)
            parts.append(LuaExpression.BinaryPart(symbol: symbol, position: position, operand: operand))
            scopes.registers = registers
        }
        if !parts.isEmpty { first = LuaExpression(position: position, kind: .binary(first, parts)) }
        return first
    }

    private var unaryOperator: LuaExpression.UnaryOperator? {
        switch token.kind {
        case .byte(UInt8(ascii: "-")): .minus
        case .byte(UInt8(ascii: "#")): .length
        case .keyword(.not): .not
        default: nil
        }
    }

    private var binaryOperator: LuaExpression.BinaryOperator? {
        switch token.kind {
        case .byte(let byte): LuaExpression.BinaryOperator.bytes[byte]
        case .symbol(let symbol): LuaExpression.BinaryOperator(rawValue: symbol.rawValue)
        case .keyword(.and): .and
        case .keyword(.or): .or
        default: nil
        }
    }

    private mutating func simpleExpression() throws(LuaSyntaxError) -> LuaExpression {
        let position = token.position
        let kind: LuaExpression.Kind
        switch token.kind {
        case .number(let value): kind = .number(value)
        case .string(let bytes): kind = .string(bytes)
        case .keyword(.nil): kind = .constantNil
        case .keyword(.true): kind = .boolean(true)
        case .keyword(.false): kind = .boolean(false)
        case .symbol(.dots):
            guard scopes.isVararg else { throw failure("cannot use '...' outside a vararg function") }
            kind = .varargs
        case .byte(UInt8(ascii: "{")): return try table()
        case .keyword(.function):
            let line = token.endLine
            try advance()
            return LuaExpression(
                position: position, kind: .function(try functionBody(line: line, position: position, isMethod: false)))
        default: return try primaryExpression()
        }
        try advance()
        return LuaExpression(position: position, kind: kind)
    }

    // MARK: Primary expressions

    /// Parses a name and finds its variable: a local, or else a global.
    mutating func variable() throws(LuaSyntaxError) -> LuaExpression {
        let (name, position) = try name()
        let found = try limited { (scopes) throws(LuaScopes.Exceeded) in try scopes.resolve(name) }
        return LuaExpression(position: position, kind: found.map { .local($0) } ?? .global(name))
    }

    /// Parses a name or parentheses, and the fields, indices and calls that follow.
    mutating func primaryExpression() throws(LuaSyntaxError) -> LuaExpression {
        let (position, line) = (token.position, token.endLine)
        let registers = scopes.registers
        defer { scopes.registers = registers }
        var base: LuaExpression
        if try accept("(") {
            let inner = try expression()
            try close(")", opened: "(", at: line, token.isByte(")"))
            base = LuaExpression(position: position, kind: .parenthesized(inner))
        } else if case .name = token.kind {
            base = try variable()
        } else {
            throw failure("unexpected symbol")
        }
        var suffixes: [LuaExpression.Suffix] = []
        while let suffix = try suffix(registers, isLocal: base.isLocal && suffixes.isEmpty) { suffixes.append(suffix) }
        if !suffixes.isEmpty { base = LuaExpression(position: position, kind: .suffixed(base, suffixes)) }
        return base
    }

    private mutating func suffix(
        _ registers: Int, isLocal: Bool
    ) throws(LuaSyntaxError) -> LuaExpression.Suffix? {
        scopes.registers = registers
        switch token.kind {
        case .byte(UInt8(ascii: ".")):
            try advance()
            let (name, position) = try name()
            return LuaExpression.Suffix(position: position, kind: .field(name))
        case .byte(UInt8(ascii: "[")):
            if !isLocal { try reserve() }
            try advance()
            let position = token.position
            let index = try expression()
            try require("]")
            return LuaExpression.Suffix(position: position, kind: .index(index))
        case .byte(UInt8(ascii: ":")):
            try advance()
            let (name, position) = try name()
            try reserve(2)
            return LuaExpression.Suffix(position: position, kind: .method(name, try arguments()))
        case .byte(UInt8(ascii: "(")), .byte(UInt8(ascii: "{")), .string:
            try reserve()
            let position = token.position
            return LuaExpression.Suffix(position: position, kind: .call(try arguments()))
        default: return nil
        }
    }

    private mutating func arguments() throws(LuaSyntaxError) -> [LuaExpression] {
        let (position, line) = (token.position, token.endLine)
        switch token.kind {
        case .string(let bytes):
            try advance()
            return [LuaExpression(position: position, kind: .string(bytes))]
        case .byte(UInt8(ascii: "{")): return [try table()]
        case .byte(UInt8(ascii: "(")):
            guard line == lastLine else { throw failure("ambiguous syntax (function call x new statement)") }
            try advance()
            if try accept(")") { return [] }
            let list = try expressionList()
            try close(")", opened: "(", at: line, token.isByte(")"))
            return list
        default: throw expected("function arguments")
        }
    }

    // MARK: Tables

    /// How many values of a table constructor Lua's compiler keeps in registers before it stores them into the table.
    private static let valuesAtOnce = 50

    private mutating func table() throws(LuaSyntaxError) -> LuaExpression {
        let (position, line) = (token.position, token.endLine)
        let registers = scopes.registers
        defer { scopes.registers = registers }
        try reserve()
        try require("{")
        var items: [LuaExpression.TableItem] = []
        var pending = 0
        while !token.isByte("}") {
            let item = try tableItem()
            items.append(item)
            if case .position = item.key { pending += 1 }
            guard token.isByte(",") || token.isByte(";") else { break }
            try advance()
            if pending == Self.valuesAtOnce { pending = 0 }
            scopes.registers = registers + 1
            try reserve(pending)
        }
        try close("}", opened: "{", at: line, token.isByte("}"))
        return LuaExpression(position: position, kind: .table(items))
    }

    private mutating func tableItem() throws(LuaSyntaxError) -> LuaExpression.TableItem {
        if case .name(let name) = token.kind, try peek().isByte("=") {
            let position = token.position
            try advance()
            try advance()
            return LuaExpression.TableItem(key: .name(name, position), value: try expression())
        }
        if try accept("[") {
            let key = try expression()
            try require("]")
            try require("=")
            if !key.isConstant { try reserve() }
            return LuaExpression.TableItem(key: .expression(key), value: try expression())
        }
        return LuaExpression.TableItem(key: .position, value: try expression())
    }
}

extension LuaExpression {
    fileprivate var isLocal: Bool { if case .local = kind { true } else { false } }

    fileprivate var isConstant: Bool {
        switch kind {
        case .constantNil, .boolean, .number, .string: true
        default: false
        }
    }

    /// Whether the left operand needs a register of its own while the right one is computed.
    fileprivate func needsRegister(before symbol: BinaryOperator) -> Bool {
        switch symbol {
        case .and, .or: false
        case .concat: true
        default: !isConstant && !isLocal
        }
    }
}

extension LuaExpression.BinaryOperator {
    /// The binary operators of one character.
    fileprivate static let bytes: [UInt8: LuaExpression.BinaryOperator] = [
        UInt8(ascii: "+"): .add, UInt8(ascii: "-"): .subtract, UInt8(ascii: "*"): .multiply, UInt8(ascii: "/"): .divide,
        UInt8(ascii: "%"): .modulo, UInt8(ascii: "^"): .power, UInt8(ascii: "<"): .less, UInt8(ascii: ">"): .greater,
    ]
}
