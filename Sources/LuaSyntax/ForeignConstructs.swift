/// The tokens of a script that does not compile, and what in them another language explains.
///
/// The mistake may be any other one in the same lines: a token is taken for a construct of another language only where
/// Lua can't have it.
struct ForeignConstructs {
    let tokens: [LuaToken]
    let nesting: TokenNesting

    init(_ source: [UInt8]) {
        var tokens: [LuaToken] = []
        var lexer = LuaLexer(source)
        // A mistake of the lexer, such as a quote in a comment that begins with //, ends what can be looked at.
        while let token = try? lexer.next(), token.kind != .endOfFile { tokens.append(token) }
        self.tokens = tokens
        nesting = TokenNesting(tokens)
    }

    /// The tokens of a line, and those of the last line with code before it.
    func lines(upTo line: Int) -> [Range<Int>] {
        let own = (first(from: line), first(from: line + 1))
        var lines = [own.0..<own.1]
        if own.0 > 0 { lines.append(first(from: tokens[own.0 - 1].position.line)..<own.0) }
        return lines.filter { !$0.isEmpty }
    }

    /// The first token that begins in a line or below it.
    private func first(from line: Int) -> Int { tokens.firstIndex { $0.position.line >= line } ?? tokens.count }

    /// What to write instead of the first construct in a line.
    func advice(in line: Range<Int>) -> String? {
        line.lazy.compactMap { symbol(at: $0) ?? word(at: $0) }.first
    }

    // MARK: Places

    func token(at index: Int) -> LuaToken? { tokens.indices.contains(index) ? tokens[index] : nil }

    /// The token behind another one in the same line.
    func nextInLine(_ index: Int) -> LuaToken? {
        token(at: index + 1).flatMap { $0.position.line == tokens[index].endLine ? $0 : nil }
    }

    /// Whether a token follows another one without a space.
    func touches(_ left: LuaToken, _ right: LuaToken) -> Bool {
        left.position.line == right.position.line
            && left.position.column + left.text.unicodeScalars.count == right.position.column
    }

    /// The token that opened the innermost bracket or block around a token.
    func opener(around index: Int) -> LuaToken? { nesting.places[index].opener.map { tokens[$0] } }

    /// Whether the innermost thing around a token is a bracket, and no block.
    func isInBrackets(_ index: Int) -> Bool { opener(around: index)?.isSymbol ?? false }

    /// Whether a statement may begin at a token: it stands in a block, behind something that can end a statement or
    /// begin a block.
    func mayBeginStatement(_ index: Int) -> Bool {
        if isInBrackets(index) { return false }
        guard index > 0 else { return true }
        switch tokens[index - 1].kind {
        case .name, .string, .number, .symbol(.dots): return true
        case .keyword(let keyword):
            return [.end, .nil, .true, .false, .break, .then, .do, .else, .repeat].contains(keyword)
        case .byte(let byte): return ")]};".utf8.contains(byte)
        default: return false
        }
    }

    /// Whether what follows a name makes a statement of it: an assignment or a call.
    func isTarget(_ index: Int) -> Bool {
        guard let next = token(at: index + 1) else { return false }
        return next.isString || (next.isSymbol && ["=", "(", ".", ":", "[", ",", "{"].contains(next.text))
    }

    // MARK: Symbols

    private func symbol(at index: Int) -> String? {
        let token = tokens[index]
        guard token.isSymbol else { return nil }
        let next = self.token(at: index + 1).flatMap { touches(token, $0) ? $0.text : nil } ?? ""
        switch (token.text, next) {
        case ("!", "="), ("!", "=="): return "Lua writes ~= for !="
        case ("!", _): return "Lua writes not for !"
        case ("&", "&"): return "Lua writes and for &&"
        case ("|", "|"): return "Lua writes or for ||"
        case ("&", _), ("|", _): return "Lua has no operators on bits"
        case ("==", "="): return "Lua writes == for ==="
        case ("<", ">"): return "Lua writes ~= for <>"
        case ("=", ">"): return "Lua has no =>; write function(…) … end"
        case ("-", ">"): return "Lua has no ->; write . for a field, : for a method"
        case (":", "="): return "Lua has no :=; write local x = …"
        case ("+", "+"): return "Lua has no ++; write \(target(before: index, "+ 1"))"
        case ("+", "="), ("-", "="), ("*", "="), ("/", "="), ("%", "="), ("^", "="), ("..", "="):
            return "Lua has no \(token.text)=; write \(target(before: index, "\(token.text) …"))"
        case ("/", "/"): return "comments begin with -- in Lua"
        case ("/", "*"): return "comments are written --[[ … ]] in Lua"
        case ("#", _) where beginsComment(index): return "comments begin with -- in Lua"
        case ("?", "."): return "Lua has no ?.; write a and a.b"
        case ("?", _): return "Lua has no ? :; write condition and a or b"
        case ("`", _): return "Lua has no `…`; join texts with .. instead"
        case ("[", _) where beginsList(index): return "lists are written {1, 2} in Lua"
        case (":", _) where isFieldColon(index): return "fields are written {name = value} in Lua"
        case ("{", _): return blockBrace(index)
        case ("}", _) where endsBlock(index): return "blocks end with end in Lua"
        default: return nil
        }
    }

    /// `hp = hp + 1` for `hp` before an operator.
    private func target(before index: Int, _ change: String) -> String {
        var names: [String] = []
        var at = index - 1
        while at >= 0, case .name(let name) = tokens[at].kind {
            names.insert(name, at: 0)
            guard at >= 2, tokens[at - 1].text == "." else { break }
            at -= 2
        }
        let name = names.isEmpty ? "x" : names.joined(separator: ".")
        return "\(name) = \(name) \(change)"
    }

    /// Whether a `#` at the start of a line is no length: where a statement begins, or before several words in a table.
    private func beginsComment(_ index: Int) -> Bool {
        guard index == 0 || tokens[index - 1].endLine < tokens[index].position.line else { return false }
        if mayBeginStatement(index) { return true }
        let isWords = nextInLine(index)?.isName == true && nextInLine(index + 1)?.isName == true
        return isWords && isInBrackets(index)
    }

    /// Whether a `[` stands where a value begins, and is not the key of a field.
    private func beginsList(_ index: Int) -> Bool {
        guard index > 0 else { return false }
        let before = tokens[index - 1]
        switch before.kind {
        case .byte(UInt8(ascii: ",")), .byte(UInt8(ascii: "{")), .byte(UInt8(ascii: ";")):
            guard opener(around: index)?.isByte("{") == true else { return before.isByte(",") }
            guard let end = nesting.partners[index] else { return false }
            return token(at: end + 1)?.isByte("=") == false
        case .byte(UInt8(ascii: "=")), .byte(UInt8(ascii: "(")): return true
        case .symbol(let symbol): return symbol == .equal || symbol == .notEqual
        case .keyword(let keyword): return [.return, .in, .and, .or].contains(keyword)
        default: return false
        }
    }

    /// Whether a `:` stands between a field's name and its value in a table: no method is called there.
    private func isFieldColon(_ index: Int) -> Bool {
        guard index >= 2, opener(around: index)?.isByte("{") == true else { return false }
        let before = tokens[index - 2]
        guard before.isByte("{") || before.isByte(",") || before.isByte(";") else { return false }
        if tokens[index - 1].isString { return true }
        guard tokens[index - 1].isName else { return false }
        guard token(at: index + 1)?.isName == true, let arguments = token(at: index + 2) else { return true }
        return !arguments.isString && !arguments.isByte("(") && !arguments.isByte("{")
    }
}

extension LuaToken {
    /// Whether it is no word, number or text.
    var isSymbol: Bool {
        switch kind {
        case .symbol, .byte: true
        default: false
        }
    }

    var isName: Bool { if case .name = kind { true } else { false } }

    var isString: Bool { if case .string = kind { true } else { false } }
}
