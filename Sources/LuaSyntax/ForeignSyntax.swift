/// What Lua has instead of the syntax of other languages, for scripts that do not compile.
package enum ForeignSyntax {
    /// What to write instead of the first construct of another language at a mistake.
    ///
    /// - Parameters:
    ///   - source: The script's text.
    ///   - line: The line of the mistake, from 1, as the compiler says it. The compiler often notices a mistake at the
    ///     first token of the next line, so the last line with code before it is looked at too.
    /// - Returns: Advice such as `Lua has no +=; write hp = hp + …`; `nil` when nothing of the kind is there.
    /// - Complexity: O(source), unless blocks are nested in very many brackets.
    package static func advice(source: [UInt8], line: Int) -> String? {
        let constructs = ForeignConstructs(source)
        let lines = constructs.lines(upTo: line)
        return lines.lazy.compactMap { constructs.decrement(in: $0, source) }.first
            ?? lines.lazy.compactMap { constructs.advice(in: $0) }.first
            ?? constructs.late(line)
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
}
