extension ForeignConstructs {
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
        "foreach": "Lua has no foreach; write for i, v in ipairs(list) do … end",
        "unless": "Lua has no unless; write if not … then … end",
    ]

    func word(at index: Int) -> String? {
        guard case .name(let name) = tokens[index].kind else { return nil }
        if name == "continue", mayBeginStatement(index), !isTarget(index) {
            return "Lua has no continue; put the rest of the loop's body into if … then … end"
        }
        guard let advice = Self.words[name], let next = nextInLine(index), isForeign(name, index, next) else {
            return nil
        }
        return advice
    }

    /// Whether what follows a word can't be Lua.
    private func isForeign(_ name: String, _ index: Int, _ next: LuaToken) -> Bool {
        switch next.kind {
        // No Lua expression is followed by a number; by a name only at the end of a statement.
        case .number: return true
        case .name: return beginsDeclaration(index)
        // A call, if it goes on as one.
        case .string:
            guard mayBeginStatement(index), let behind = nextInLine(index + 1) else { return false }
            switch behind.kind {
            case .keyword(let keyword): return [.and, .or, .then].contains(keyword)
            case .symbol: return true
            case .byte(UInt8(ascii: ":")): return name == "case" && nextInLine(index + 2) == nil
            default: return behind.isByte(",") || behind.isByte("<") || behind.isByte(">")
            }
        case .byte(UInt8(ascii: "{")):
            guard mayBeginStatement(index), let end = nesting.partners[index + 1] else { return false }
            return token(at: end + 1).map { $0.isByte("=") || $0.kind == .name("from") } ?? false
        case .byte(UInt8(ascii: "(")):
            guard mayBeginStatement(index), let end = nesting.partners[index + 1] else { return false }
            return name == "foreach"
                ? tokens[index...end].contains { $0.kind == .keyword(.in) || ["as", "of"].contains($0.text) }
                : token(at: end + 1)?.kind == .keyword(.then)
        default: return false
        }
    }

    /// Whether a name before another name is not the end of a statement.
    private func beginsDeclaration(_ index: Int) -> Bool {
        if mayBeginStatement(index) { return true }
        let before = tokens[index - 1]
        if isInBrackets(index) { return ["(", "{", ",", ";"].contains { before.isByte($0) } }
        return before.kind == .keyword(.for)
    }
}
