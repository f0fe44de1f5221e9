/// Takes keys that a table has more than once out of a YAML file. Yams refuses such a file as a whole, so that its
/// other mistakes would stay hidden.
enum RepeatedKeys {
    /// Empties the lines of a key, and of its value, wherever the table has the key again.
    ///
    /// This works for tables with one key a line, not for a table in braces.
    ///
    /// - Parameters:
    ///   - name: The key.
    ///   - line: The line where the table has it first, from 1.
    ///   - column: The character in that line where it begins, from 1.
    ///   - lines: All lines of the file.
    /// - Returns: The lines where the key is again, from 1; empty when none was found, then no line has changed.
    static func remove(_ name: String, firstAt line: Int, column: Int, from lines: inout [Substring]) -> [Int] {
        guard lines.indices.contains(line - 1) else { return [] }
        var (found, removed): ([Int], [Int]) = ([], [])
        var isRemoving = false
        for index in lines.indices[line...] {
            let text = lines[index].drop { $0 == " " }
            if text.isEmpty || text.first == "#" { continue }
            let indentation = lines[index].count - text.count
            if indentation < column - 1 { break }
            if indentation == column - 1, !isOfList(text) {
                isRemoving = key(text) == name
                if isRemoving { found.append(index + 1) }
            }
            if isRemoving { removed.append(index) }
        }
        // In braces a key may share its line with the end of the table, which must stay.
        guard removed.map({ depth(of: lines[$0]) }).reduce(0, +) == 0 else { return [] }
        for index in removed { lines[index] = "" }
        return found
    }

    /// Empties the lines of the key of the file's own table whose value is in a line, and of all of this value.
    ///
    /// - Parameters:
    ///   - line: The line, from 1.
    ///   - lines: All lines of the file.
    /// - Returns: Whether there is such a key; else no line has changed.
    static func removeValue(inLine line: Int, from lines: inout [Substring]) -> Bool {
        guard lines.indices.contains(line - 1), let first = lines[..<line].lastIndex(where: beginsKey),
            key(lines[first]) != nil
        else { return false }
        let end = lines[line...].firstIndex(where: beginsKey) ?? lines.endIndex
        for index in first..<end { lines[index] = "" }
        return true
    }

    /// Whether a line does not go on with the value of the key before it: it is not indented, empty, a comment, of a
    /// list or the end of a bracket.
    private static func beginsKey(_ line: Substring) -> Bool {
        guard let first = line.first else { return false }
        return !first.isWhitespace && !"#]}".contains(first) && !isOfList(line)
    }

    private static func isOfList(_ text: Substring) -> Bool { text == "-" || text.hasPrefix("- ") }

    /// The key that a text begins with, a word with or without quotes; `nil` for other texts.
    private static func key(_ text: Substring) -> String? {
        guard let colon = text.firstIndex(of: ":"),
            text[text.index(after: colon)...].first.map(\.isWhitespace) ?? true
        else { return nil }
        var name = text[..<colon]
        while name.last?.isWhitespace == true { name.removeLast() }
        if name.count > 2, let quote = name.first, "\"'".contains(quote), name.last == quote {
            name = name.dropFirst().dropLast()
        }
        return name.utf8.allSatisfy(isOfWord) && !name.isEmpty ? String(name) : nil
    }

    private static func isOfWord(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
            || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
    }

    /// How many more brackets a line opens than it closes.
    private static func depth(of line: Substring) -> Int {
        line.utf8.reduce(0) { depth, byte in
            switch byte {
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth + 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth - 1
            default: depth
            }
        }
    }
}
