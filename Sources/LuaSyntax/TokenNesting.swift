/// Which brackets and blocks are open at each token of a script, also of a script that does not compile.
///
/// A closing token closes the innermost opening token of its kind; what was opened since then counts as never closed.
struct TokenNesting {
    /// The place of a token.
    struct Place {
        /// The token that opened the innermost bracket or block; `nil` outside of all.
        var opener: Int?
        /// Whether that is an `if`, `while` or `for` whose `then` or `do` has not come yet.
        var isHeader: Bool
    }

    /// The place of each token; an opening token has the place of what is around it.
    private(set) var places: [Place] = []
    /// For each opening token the one that closes it, and the other way round.
    private(set) var partners: [Int: Int] = [:]
    /// For each token the column of the first token in its line.
    private(set) var indents: [Int] = []

    private enum Kind: Hashable {
        case parenthesis, bracket, brace, conditionalHeader, loopHeader, block, repetition

        var isBlock: Bool { self == .block || self == .repetition }
    }

    private var open: [(index: Int, kind: Kind)] = []
    /// How many of each kind are open: so nothing is searched for that is not there.
    private var counts: [Kind: Int] = [:]

    /// - Complexity: O(tokens), unless blocks are nested in very many brackets.
    init(_ tokens: [LuaToken]) {
        for (index, token) in tokens.enumerated() {
            let isFirst = index == 0 || tokens[index - 1].position.line < token.position.line
            indents.append(isFirst ? token.position.column : indents[index - 1])
            let around = open.last
            places.append(
                Place(
                    opener: around?.index,
                    isHeader: around?.kind == .conditionalHeader || around?.kind == .loopHeader))
            switch token.kind {
            case .byte(UInt8(ascii: "(")): push(index, .parenthesis)
            case .byte(UInt8(ascii: "[")): push(index, .bracket)
            case .byte(UInt8(ascii: "{")): push(index, .brace)
            case .byte(UInt8(ascii: ")")): close(.parenthesis, index)
            case .byte(UInt8(ascii: "]")): close(.bracket, index)
            case .byte(UInt8(ascii: "}")): close(.brace, index)
            case .keyword(let keyword): updateNesting(for: keyword, index, tokens)
            default: break
            }
        }
    }

    private mutating func updateNesting(for keyword: LuaToken.Keyword, _ index: Int, _ tokens: [LuaToken]) {
        switch keyword {
        case .if: push(index, .conditionalHeader)
        case .while, .for: push(index, .loopHeader)
        case .function: push(index, .block)
        case .repeat: push(index, .repetition)
        case .then:
            if let opener = popped(to: .conditionalHeader) { push(opener, .block) }
        case .elseif:
            guard let last = open.last, last.kind == .block, tokens[last.index].kind == .keyword(.if) else { return }
            if let opener = popped(to: .block) { push(opener, .conditionalHeader) }
        case .do:
            if open.last(where: { $0.kind.isBlock || $0.kind == .loopHeader })?.kind == .loopHeader,
                let opener = popped(to: .loopHeader)
            {
                push(opener, .block)
            } else {
                push(index, .block)
            }
        case .end: close(.block, index)
        case .until: close(.repetition, index)
        default: break
        }
    }

    private mutating func push(_ index: Int, _ kind: Kind) {
        open.append((index, kind))
        counts[kind, default: 0] += 1
    }

    private mutating func close(_ kind: Kind, _ index: Int) {
        guard let opener = popped(to: kind) else { return }
        partners[opener] = index
        partners[index] = opener
    }

    /// Closes the innermost of a kind and all in it; gives its opening token, `nil` when none is open.
    private mutating func popped(to kind: Kind) -> Int? {
        guard counts[kind, default: 0] > 0 else { return nil }
        while let last = open.popLast() {
            counts[last.kind, default: 0] -= 1
            if last.kind == kind { return last.index }
        }
        return nil
    }
}
