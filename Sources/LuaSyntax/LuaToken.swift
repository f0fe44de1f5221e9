/// One token of Lua.
struct LuaToken: Equatable {
    /// The reserved words [Lua 5.1, 2.1].
    enum Keyword: String, CaseIterable {
        case and, `break`, `do`, `else`, `elseif`, end, `false`, `for`, function, `if`, `in`, local, `nil`, not, or
        case `repeat`, `return`, then, `true`, until, `while`
    }

    /// The kinds of tokens.
    enum Kind: Equatable {
        case name(String)
        case string([UInt8])
        case number(Double)
        case keyword(Keyword)
        /// `..`, `...`, `==`, `>=`, `<=`, `~=`
        case symbol(StaticSymbol)
        /// Any other single byte, also one that is not allowed in Lua.
        case byte(UInt8)
        case endOfFile
    }

    /// Symbols of more than one character.
    enum StaticSymbol: String {
        case concat = ".."
        case dots = "..."
        case equal = "=="
        case greaterOrEqual = ">="
        case lessOrEqual = "<="
        case notEqual = "~="
    }

    var kind: Kind
    /// Where it begins.
    var position: SourcePosition
    /// The line where it ends.
    var endLine: Int
    /// The token as messages show it after "near".
    var text: String

    /// All reserved words by their text.
    static let keywords = Dictionary(uniqueKeysWithValues: Keyword.allCases.map { ($0.rawValue, $0) })

    func isByte(_ character: Unicode.Scalar) -> Bool { kind == .byte(UInt8(truncatingIfNeeded: character.value)) }
}
