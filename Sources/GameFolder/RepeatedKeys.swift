/// Finds keys that are more than once in a YAML file. Yams refuses such a file as a whole, so that its other mistakes
/// would stay hidden.
enum RepeatedKeys {
    /// A key that is there again.
    struct Found: Equatable {
        var name: String
        /// The line where it is again, from 1.
        var line: Int
        /// The line where it was first.
        var firstLine: Int
    }

    /// Empties the lines of the repeated keys of the file's own table; those of tables within it stay.
    ///
    /// - Parameter text: YAML.
    /// - Returns: The text with all its lines, and the keys that are there again.
    static func removed(from text: String) -> (text: String, found: [Found]) {
        var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        var (first, found): ([String: Int], [Found]) = ([:], [])
        var isRemoving = false
        for index in lines.indices {
            if let name = key(lines[index]) {
                isRemoving = first[name] != nil
                if let line = first[name] { found.append(Found(name: name, line: index + 1, firstLine: line)) }
                first[name] = first[name] ?? index + 1
            } else if !continues(lines[index]) {
                isRemoving = false
            }
            if isRemoving { lines[index] = "" }
        }
        return found.isEmpty ? (text, []) : (lines.joined(separator: "\n"), found)
    }

    /// The key that a line begins with: a plain word at its very beginning.
    private static func key(_ line: Substring) -> String? {
        guard let colon = line.firstIndex(of: ":") else { return nil }
        let name = line[..<colon]
        let rest = line[line.index(after: colon)...]
        guard name.utf8.first.map(isOfWord) == true, name.utf8.allSatisfy(isOfWord),
            rest.first.map({ $0.isWhitespace }) ?? true
        else { return nil }
        return String(name)
    }

    private static func isOfWord(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
            || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
    }

    /// Whether a line goes on with the value of the key before it: it is indented, empty, a comment or of a list.
    private static func continues(_ line: Substring) -> Bool {
        line.first.map { $0.isWhitespace || $0 == "#" || $0 == "-" } ?? true
    }
}
