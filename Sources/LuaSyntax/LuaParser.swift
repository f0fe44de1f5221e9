/// Parses Lua 5.1 into a tree; it accepts the same scripts as the VM's compiler and gives the same error messages.
package struct LuaParser {
    private var lexer: LuaLexer
    private(set) var token: LuaToken
    private var ahead: LuaToken?
    /// The line where the token before the current one ends.
    private(set) var lastLine = 1
    /// How deep blocks and expressions are nested, counted from `firstLevel` of ``parse(_:firstLevel:)``.
    private var levels: Int
    var scopes = LuaScopes()

    /// The VM's limit of nested C calls (LUAI_MAXCCALLS), which also bounds the levels of syntax.
    static let maxLevels = 200

    /// Parses a whole script.
    ///
    /// - Parameters:
    ///   - source: The script.
    ///   - firstLevel: How many nested C calls the VM has when it starts to compile the script.
    /// - Returns: The main chunk.
    /// - Throws: The first mistake; parsing stops there, because what follows can't be understood reliably.
    package static func parse(_ source: [UInt8], firstLevel: Int = 1) throws(LuaSyntaxError) -> LuaBlock {
        var parser = try LuaParser(source, firstLevel: firstLevel)
        return try parser.chunk()
    }

    private init(_ source: [UInt8], firstLevel: Int) throws(LuaSyntaxError) {
        levels = firstLevel
        lexer = LuaLexer(source)
        token = try lexer.next()
    }

    private mutating func chunk() throws(LuaSyntaxError) -> LuaBlock {
        scopes.open(line: 0, isVararg: true)
        let block = try block(isLoop: false)
        guard token.kind == .endOfFile else { throw expected("'<eof>'") }
        return block
    }

    // MARK: Tokens

    mutating func advance() throws(LuaSyntaxError) {
        lastLine = token.endLine
        if let next = ahead {
            token = next
            ahead = nil
        } else {
            token = try lexer.next()
        }
    }

    mutating func peek() throws(LuaSyntaxError) -> LuaToken {
        if let ahead { return ahead }
        let next = try lexer.next()
        ahead = next
        return next
    }

    func isKeyword(_ keyword: LuaToken.Keyword) -> Bool { token.kind == .keyword(keyword) }

    mutating func accept(_ character: Unicode.Scalar) throws(LuaSyntaxError) -> Bool {
        guard token.isByte(character) else { return false }
        try advance()
        return true
    }

    mutating func accept(_ keyword: LuaToken.Keyword) throws(LuaSyntaxError) -> Bool {
        guard isKeyword(keyword) else { return false }
        try advance()
        return true
    }

    mutating func require(_ character: Unicode.Scalar) throws(LuaSyntaxError) {
        guard try accept(character) else { throw expected("'\(character)'") }
    }

    mutating func require(_ keyword: LuaToken.Keyword) throws(LuaSyntaxError) {
        guard try accept(keyword) else { throw expected("'\(keyword.rawValue)'") }
    }

    /// Goes past the token `what`, which closes what `opened` began in line `line`; throws unless `isThere`, which says
    /// that the current token is `what`.
    mutating func close(
        _ what: String, opened by: String, at line: Int, _ isThere: Bool
    ) throws(LuaSyntaxError) {
        if isThere { return try advance() }
        throw line == token.endLine
            ? expected("'\(what)'") : failure("'\(what)' expected (to close '\(by)' at line \(line))")
    }

    mutating func name() throws(LuaSyntaxError) -> (String, SourcePosition) {
        guard case .name(let name) = token.kind else { throw expected("'<name>'") }
        let position = token.position
        try advance()
        return (name, position)
    }

    // MARK: Failures

    func failure(_ message: String) -> LuaSyntaxError {
        LuaSyntaxError(position: token.position, message: "\(message) near '\(token.text)'")
    }

    func expected(_ what: String) -> LuaSyntaxError { failure("\(what) expected") }

    /// Runs a function that may exceed a limit of the compiler, and gives its error the current position.
    mutating func limited<Result>(
        _ body: (inout LuaScopes) throws(LuaScopes.Exceeded) -> Result
    ) throws(LuaSyntaxError) -> Result {
        do throws(LuaScopes.Exceeded) {
            return try body(&scopes)
        } catch {
            throw LuaSyntaxError(position: token.position, message: error.message)
        }
    }

    mutating func reserve(_ count: Int = 1) throws(LuaSyntaxError) {
        try limited { (scopes) throws(LuaScopes.Exceeded) in try scopes.reserve(count) }
    }

    mutating func enterLevel() throws(LuaSyntaxError) {
        levels += 1
        if levels > Self.maxLevels {
            throw LuaSyntaxError(position: token.position, message: "chunk has too many syntax levels")
        }
    }

    mutating func leaveLevel() { levels -= 1 }

    /// How many more levels may be nested.
    var levelsLeft: Int { Self.maxLevels - levels }

    // MARK: Blocks

    /// Declares a local that becomes visible with `scopes.activate`.
    mutating func declare(_ name: String, _ position: SourcePosition) throws(LuaSyntaxError) -> LuaVariable {
        try limited { (scopes) throws(LuaScopes.Exceeded) in try scopes.declare() }
        return LuaVariable(name, position)
    }

    /// Parses a block with a scope of its own, which begins with the locals in `variables`.
    mutating func block(isLoop: Bool, declaring variables: [LuaVariable] = []) throws(LuaSyntaxError) -> LuaBlock {
        scopes.openBlock(isLoop: isLoop)
        defer { scopes.closeBlock() }
        if !variables.isEmpty {
            scopes.activate(variables)
            try reserve(variables.count)
        }
        return try statements()
    }

    /// Parses statements up to a token that ends a block.
    mutating func statements() throws(LuaSyntaxError) -> LuaBlock {
        var block = LuaBlock()
        try enterLevel()
        defer { leaveLevel() }
        while !isBlockEnd {
            let statement = try statement()
            block.statements.append(statement)
            _ = try accept(";")
            scopes.releaseTemporaries()
            if statement.isLast { break }
        }
        return block
    }

    private var isBlockEnd: Bool {
        switch token.kind {
        case .endOfFile, .keyword(.else), .keyword(.elseif), .keyword(.end), .keyword(.until): true
        default: false
        }
    }
}

extension LuaStatement {
    /// Whether it must be the last one of its block.
    fileprivate var isLast: Bool {
        switch kind {
        case .returned, .breakLoop: true
        default: false
        }
    }
}
