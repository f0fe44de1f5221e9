/// A script in pieces of one colour each, for pages that show it.
package enum LuaHighlight {
    /// What a piece is.
    package enum Kind: String, Sendable {
        /// A reserved word.
        case keyword
        /// A string, in quotes or in long brackets.
        case string
        /// A number.
        case number
        /// A comment; annotations are comments too.
        case comment
    }

    /// A part of the script.
    package struct Piece: Equatable, Sendable {
        /// What it is; `nil` for names, operators and white space.
        package let kind: Kind?
        /// Its text.
        package let text: String
    }

    /// Splits a script; one that does not compile is split too.
    ///
    /// - Parameter source: The script.
    /// - Returns: Pieces whose texts, joined, are the script.
    package static func pieces(of source: String) -> [Piece] {
        let bytes = Array(source.utf8)
        var scanner = LuaScanner(bytes)
        var pieces: [Piece] = []
        var plainStart = 0
        func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
        while true {
            let piece = scanner.next()
            let kind: Kind? =
                switch piece.kind {
                case .word: LuaToken.keywords[text(piece.range)] == nil ? nil : .keyword
                case .number: .number
                case .string, .longString: .string
                case .lineComment, .longComment: .comment
                case .halfBracket, .symbol, .byte, .endOfFile: nil
                }
            let isEnd = piece.kind == .endOfFile
            guard kind != nil || isEnd else { continue }
            let plainEnd = isEnd ? bytes.count : piece.range.lowerBound
            if plainStart < plainEnd { pieces.append(Piece(kind: nil, text: text(plainStart..<plainEnd))) }
            guard let kind else { return pieces }
            pieces.append(Piece(kind: kind, text: text(piece.range)))
            plainStart = piece.range.upperBound
        }
    }
}
