extension ForeignConstructs {
    // MARK: Braces around blocks

    /// What to write instead of a brace that begins a block; `nil` for a brace that may begin a table.
    func blockBrace(_ index: Int) -> String? {
        let head = "Lua has no braces around blocks; write "
        guard index > 0 else { return nil }
        switch tokens[index - 1].kind {
        case .keyword(.else), .keyword(.then): return head + "if … then … end"
        case .keyword(.do): return head + "… do … end"
        case .byte(UInt8(ascii: ")")) where endsParameters(index - 1): return head + "function name() … end"
        default: break
        }
        guard nesting.places[index].isHeader, endsCondition(before: index) else { return nil }
        return head + (opener(around: index)?.kind == .keyword(.if) ? "if … then … end" : "… do … end")
    }

    /// Whether a `)` ends the parameters of a function.
    private func endsParameters(_ index: Int) -> Bool {
        guard var at = nesting.partners[index] else { return false }
        at -= 1
        while let token = token(at: at) {
            if token.kind == .keyword(.function) { return true }
            guard token.isName || token.isByte(".") || token.isByte(":") else { return false }
            at -= 1
        }
        return false
    }

    /// Whether a condition is over before a brace, where `then` or `do` is expected: behind a value that can't be
    /// called, or where the table that the brace begins would be an argument after which the condition does not go on.
    private func endsCondition(before index: Int) -> Bool {
        let before = tokens[index - 1]
        switch before.kind {
        case .number, .symbol(.dots), .keyword(.nil), .keyword(.true), .keyword(.false), .keyword(.end): return true
        case .byte(UInt8(ascii: ")")): break
        case .name, .string, .byte(UInt8(ascii: "]")), .byte(UInt8(ascii: "}")):
            // Most people write the call f{…} without a space and a block `if a {` with one.
            if touches(before, tokens[index]) { return false }
        default: return false
        }
        guard let end = nesting.partners[index] else { return nextInLine(index) == nil }
        guard let next = token(at: end + 1) else { return true }
        switch next.kind {
        case .keyword(let keyword): return ![.then, .do, .and, .or].contains(keyword)
        case .string, .symbol: return false
        case .byte(let byte): return !"+-*/%^<>.:[({,)".utf8.contains(byte)
        default: return true
        }
    }

    /// Whether a `}` closes no brace, in a block that is open.
    func endsBlock(_ index: Int) -> Bool {
        nesting.partners[index] == nil && opener(around: index)?.isSymbol == false
    }

    // MARK: What is found late

    /// `x--`, which is a name and a comment: a line of which nothing else is code.
    func decrement(in line: Range<Int>, _ source: [UInt8]) -> String? {
        let number = tokens[line.lowerBound].position.line
        guard mayBeginStatement(line.lowerBound), !isTarget(line.upperBound - 1),
            tokens[line].allSatisfy({ $0.isName || $0.isByte(".") })
        else { return nil }
        let name = tokens[line].map(\.text).joined()
        let text = String(decoding: Self.line(number, of: source), as: UTF8.self).drop { $0.isWhitespace }
        guard text.hasPrefix(name + "--"),
            text.dropFirst(name.count + 2).allSatisfy({ $0.isWhitespace || $0 == ";" })
        else { return nil }
        return "-- begins a comment in Lua; write \(name) = \(name) - 1"
    }

    private static func line(_ number: Int, of source: [UInt8]) -> ArraySlice<UInt8> {
        var (line, index) = (1, 0)
        while line < number, let end = source[index...].firstIndex(where: LuaScanner.isLineEnd) {
            index = LuaScanner.end(ofLineEnd: end, in: source)
            line += 1
        }
        return source[index...].prefix { !LuaScanner.isLineEnd($0) }
    }

    /// What the compiler notices only further down: the brace of a block behind a condition, which begins a table, and
    /// at the end of the file `else if`, which wants an `end` of its own.
    func late(_ line: Int) -> String? {
        let isAtEnd = tokens.last.map { $0.endLine <= line } ?? false
        for (index, token) in tokens.enumerated() {
            if token.position.line > line { return nil }
            if token.isByte("{"), let found = blockBrace(index) { return found }
            if isAtEnd, token.kind == .keyword(.else), nextInLine(index)?.kind == .keyword(.if), lacksEnd(index) {
                return "else if in line \(token.position.line) begins an if of its own; write elseif"
            }
        }
        return nil
    }

    /// Whether the `if` around an `else` has no `end`, or takes that of a block further out.
    private func lacksEnd(_ index: Int) -> Bool {
        guard let opener = nesting.places[index].opener, tokens[opener].kind == .keyword(.if) else { return false }
        guard let end = nesting.partners[opener] else { return true }
        return tokens[end].position.column == nesting.indents[end] && nesting.indents[end] < nesting.indents[opener]
    }
}
