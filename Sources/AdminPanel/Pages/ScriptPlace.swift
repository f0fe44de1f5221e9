import OperatorAPI

/// Places in scripts, as links to the editor.
enum ScriptPlace {
    /// The address of a line in the editor.
    static func address(_ file: String, line: Int?) -> String {
        "/admin/editor?file=\(Endpoint.encoded(file))" + (line.map { "&line=\($0)" } ?? "")
    }

    /// A link to a line in the editor, with `FILE:LINE` as its text.
    static func link(_ file: String, line: Int?) -> HTML {
        "<a href=\"\(address(file, line: line))\">\(file)\(line.map { ":\($0)" } ?? "")</a>"
    }

    /// A text in which each `FILE.lua:LINE` is a link.
    static func linked(_ text: String) -> HTML {
        var pieces: [HTML] = []
        var plain = ""
        // Places are words of a path's characters; everything between them stays as it is.
        var word = ""
        func finish() {
            if let (file, line, rest) = place(word) {
                pieces.append("\(plain)\(raw: link(file, line: line))\(rest)")
                plain = ""
            } else {
                plain += word
            }
            word = ""
        }
        for character in text {
            if character.isLetter || character.isNumber || "_-./:".contains(character) {
                word.append(character)
            } else {
                finish()
                plain.append(character)
            }
        }
        finish()
        return HTML(joining: pieces + ["\(plain)"])
    }

    private static func place(_ word: String) -> (file: String, line: Int, rest: String)? {
        let parts = word.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].hasSuffix(".lua") else { return nil }
        let digits = parts[1].prefix { $0.isASCII && $0.isNumber }
        guard let line = Int(digits) else { return nil }
        return (String(parts[0]), line, String(parts[1].dropFirst(digits.count)))
    }
}
