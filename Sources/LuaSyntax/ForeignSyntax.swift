/// What Lua has instead of the syntax of other languages, for scripts that do not compile.
package enum ForeignSyntax {
    /// What to write instead of the first construct of another language at a mistake.
    ///
    /// - Parameters:
    ///   - source: The script's text.
    ///   - line: The line of the mistake, from 1, as the compiler says it. The compiler often notices a mistake at the
    ///     first token of the next line, so the last line with code before it is looked at too.
    /// - Returns: Advice such as `Lua has no +=; write hp = hp + …`; `nil` when nothing of the kind is there.
    /// - Complexity: O(source).
    package static func advice(source: [UInt8], line: Int) -> String? {
        var tokens: [LuaToken] = []
        var lexer = LuaLexer(source)
        // A mistake of the lexer, such as a quote in a comment that begins with //, ends what can be looked at.
        while let token = try? lexer.next(), token.kind != .endOfFile, token.position.line <= line {
            tokens.append(token)
        }
        if let found = decrement(source, line) { return found }
        guard let before = tokens.last(where: { $0.position.line < line })?.position.line else {
            return advice(on: tokens[...], in: tokens)
        }
        let own = tokens.drop { $0.position.line < line }
        let previous = tokens.drop { $0.position.line < before }.prefix { $0.position.line == before }
        return advice(on: own, in: tokens) ?? advice(on: previous, in: tokens) ?? late(tokens)
    }

    /// Adds to a compiler's message what to write instead of a construct of another language.
    ///
    /// - Parameters:
    ///   - message: The message.
    ///   - source: The script's text.
    ///   - line: The line of the mistake, as the compiler says it.
    /// - Returns: The message, followed by `; ` and ``advice(source:line:)`` if there is any.
    package static func advised(_ message: String, source: [UInt8], line: Int) -> String {
        advice(source: source, line: line).map { "\(message); \($0)" } ?? message
    }

    private static func advice(on line: ArraySlice<LuaToken>, in all: [LuaToken]) -> String? {
        for index in line.indices {
            if let found = advice(at: index, in: all) ?? word(at: index, in: all) { return found }
        }
        return nil
    }

    // MARK: Symbols

    /// Whether a token follows another one without a space.
    private static func touches(_ left: LuaToken, _ right: LuaToken) -> Bool {
        left.position.line == right.position.line
            && left.position.column + left.text.unicodeScalars.count == right.position.column
    }

    private static func advice(at index: Int, in tokens: [LuaToken]) -> String? {
        let token = tokens[index]
        let next = index + 1 < tokens.count && touches(token, tokens[index + 1]) ? tokens[index + 1].text : ""
        switch (token.text, next) {
        case ("!", "="), ("!", "=="): return "Lua writes ~= for !="
        case ("!", _): return "Lua writes not for !"
        case ("&", "&"): return "Lua writes and for &&"
        case ("|", "|"): return "Lua writes or for ||"
        case ("&", _), ("|", _): return "Lua 5.1 has no operators on bits"
        case ("==", "="): return "Lua writes == for ==="
        case ("<", ">"): return "Lua writes ~= for <>"
        case ("=", ">"): return "Lua has no =>; write function(…) … end"
        case ("-", ">"): return "Lua has no ->; write . for a field, : for a method"
        case (":", "="): return "Lua has no :=; write local x = …"
        case ("+", "+"): return "Lua has no ++; write \(target(before: index, in: tokens, "+ 1"))"
        case ("+", "="), ("-", "="), ("*", "="), ("/", "="), ("%", "="), ("^", "="), ("..", "="):
            return "Lua has no \(token.text)=; write \(target(before: index, in: tokens, "\(token.text) …"))"
        case ("/", "/"): return "comments begin with -- in Lua"
        case ("/", "*"): return "comments are written --[[ … ]] in Lua"
        case ("#", _) where index == 0 || tokens[index - 1].position.line < token.position.line:
            return "comments begin with -- in Lua"
        case ("?", "."): return "Lua has no ?.; write a and a.b"
        case ("?", _): return "Lua has no ? :; write condition and a or b"
        case ("`", _): return "Lua has no `…`; join texts with .. instead"
        case ("[", _) where beginsValue(index, in: tokens): return "lists are written {1, 2} in Lua"
        case (":", _) where isFieldColon(index, in: tokens): return "fields are written {name = value} in Lua"
        case ("{", _), ("}", _): return brace(index, in: tokens)
        default: return nil
        }
    }

    /// `hp = hp + 1` for `hp` before an operator.
    private static func target(before index: Int, in tokens: [LuaToken], _ change: String) -> String {
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

    /// Whether a `[` stands where a value begins.
    private static func beginsValue(_ index: Int, in tokens: [LuaToken]) -> Bool {
        guard index > 0 else { return false }
        return ["=", "(", ",", "return", "in", "and", "or", "==", "~="].contains(tokens[index - 1].text)
    }

    /// Whether a `:` stands between a field's name and its value in a table.
    private static func isFieldColon(_ index: Int, in tokens: [LuaToken]) -> Bool {
        guard index >= 2, ["{", ","].contains(tokens[index - 2].text) else { return false }
        switch tokens[index - 1].kind {
        case .name, .string: return true
        default: return false
        }
    }

    /// A brace around a block.
    private static func brace(_ index: Int, in tokens: [LuaToken]) -> String? {
        let line = tokens[index].position.line
        let before = tokens[..<index].reversed().prefix { $0.position.line == line }.map(\.text)
        if tokens[index].text == "}" {
            // One that closes a table is no mistake.
            return tokens[..<index].count { $0.text == "{" } <= tokens[..<index].count { $0.text == "}" }
                ? "blocks end with end in Lua" : nil
        }
        guard let last = before.first, [")", "else", "do", "then"].contains(last) || before.contains("if") else {
            return nil
        }
        if before.contains("function") { return "Lua has no braces around blocks; write function name() … end" }
        if before.contains("while") || before.contains("for") {
            return "Lua has no braces around blocks; write … do … end"
        }
        return before.contains("if") || last == "else" ? "Lua has no braces around blocks; write if … then … end" : nil
    }

    // MARK: Words

    /// Words that begin statements of other languages.
    private static let words: [String: String] = [
        "let": "Lua has no let; write local", "var": "Lua has no var; write local",
        "const": "Lua has no const; write local", "auto": "Lua has no auto; write local",
        "int": "Lua names no types; write local", "float": "Lua names no types; write local",
        "string": "Lua names no types; write local", "bool": "Lua names no types; write local",
        "def": "Lua has no def; write function name() … end", "func": "Lua has no func; write function name() … end",
        "fn": "Lua has no fn; write function name() … end", "elif": "Lua writes elseif … then for elif",
        "elsif": "Lua writes elseif … then for elsif",
        "case": "Lua has no case; write if … elseif … end", "raise": "Lua has no raise; write error(\"…\")",
        "class": "Lua has no class; use tables and functions",
        "import": "Lua has no import; what the files of lib/ assign to globals is there in every script",
        "foreach": "Lua writes for i, v in ipairs(list) do … end", "unless": "Lua writes if not … then … end",
    ]

    private static func word(at index: Int, in tokens: [LuaToken]) -> String? {
        guard case .name(let name) = tokens[index].kind else { return nil }
        let next = index + 1 < tokens.count ? tokens[index + 1] : nil
        if name == "continue", isStatement(index, in: tokens) {
            return "Lua has no continue; put the rest of the loop's body into if … then … end"
        }
        guard let advice = words[name], let next else { return nil }
        switch next.kind {
        case .name, .string, .number: return advice
        case .byte(UInt8(ascii: "{")): return isStatement(index, in: tokens) ? advice : nil
        case .byte(UInt8(ascii: "(")): return name == "foreach" ? advice : nil
        default: return nil
        }
    }

    /// Whether a name may be a statement of its own: no operator stands before it, and nothing that a name can have
    /// behind it follows.
    private static func isStatement(_ index: Int, in tokens: [LuaToken]) -> Bool {
        if index + 1 < tokens.count, ["=", "(", ".", ":", "[", ","].contains(tokens[index + 1].text) { return false }
        guard index > 0 else { return true }
        let before = tokens[index - 1]
        if before.position.line < tokens[index].position.line { return true }
        return ["then", "do", "else", ";", "{", "}", ")", "end"].contains(before.text)
    }

    // MARK: What is found late

    /// `x--`, which is a name and a comment: a line of which nothing else is code.
    private static func decrement(_ source: [UInt8], _ line: Int) -> String? {
        let lines = source.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard line >= 1, line <= lines.count else { return nil }
        let code = lines[..<line].reversed().lazy.map { String(decoding: $0, as: UTF8.self) }
            .filter { $0.contains { !$0.isWhitespace } }
        for text in code.prefix(2) {
            let words = text.split(separator: "--", maxSplits: 1, omittingEmptySubsequences: false)
            guard words.count == 2, !words[0].isEmpty, words[0].last?.isWhitespace == false,
                words[1].allSatisfy({ $0.isWhitespace || $0 == ";" })
            else { continue }
            let name = words[0].drop { $0.isWhitespace }
            guard name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }),
                name.first?.isNumber == false
            else { continue }
            return "-- begins a comment in Lua; write \(name) = \(name) - 1"
        }
        return nil
    }

    /// What the compiler notices only at the end of the file: `else if`, which wants an `end` of its own, and the brace
    /// of a block behind a condition, which begins a table.
    private static func late(_ tokens: [LuaToken]) -> String? {
        for (index, token) in tokens.enumerated().dropLast() {
            let next = tokens[index + 1]
            guard token.position.line == next.position.line else { continue }
            if token.kind == .keyword(.else), next.kind == .keyword(.if) {
                return "else if in line \(token.position.line) begins an if of its own; write elseif"
            }
            if token.text == ")", next.text == "{", let found = brace(index + 1, in: tokens) { return found }
        }
        return nil
    }
}
