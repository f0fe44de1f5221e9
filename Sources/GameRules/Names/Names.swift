import World

/// Checks the names that a game gives to its events, components, parameters and so on.
package enum Names {
    /// Lua 5.1's reserved words: `object.components.end` would not compile.
    package static let keywords: Set<String> = [
        "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "if", "in", "local", "nil", "not",
        "or", "repeat", "return", "then", "true", "until", "while",
    ]

    /// The four entity types, for messages.
    package static var kinds: String { EntityKind.allCases.map(\.name).joined(separator: ", ") }

    /// Whether a name is `[A-Za-z_][A-Za-z0-9_]*`.
    package static func isIdentifier(_ name: some StringProtocol) -> Bool {
        guard let first = name.utf8.first, isLetter(first) else { return false }
        return name.utf8.allSatisfy { isLetter($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
    }

    /// What is wrong with a name.
    ///
    /// - Parameters:
    ///   - name: The name.
    ///   - thing: What has the name, without an article, for the message.
    ///   - keywordsAllowed: Whether the name may be a reserved word of Lua.
    /// - Returns: The message; `nil` when nothing is wrong.
    package static func problem(with name: String, as thing: String, keywordsAllowed: Bool = false) -> String? {
        if !isIdentifier(name) {
            return
                "\"\(name)\" can't be the name of \(article(thing)); names are letters, digits and _, and begin with no digit"
        }
        if !keywordsAllowed, keywords.contains(name) {
            return "\"\(name)\" can't be the name of \(article(thing)), because it is a word of the Lua language"
        }
        return nil
    }

    private static func article(_ thing: String) -> String { thing.first == "e" ? "an \(thing)" : "a \(thing)" }
}
