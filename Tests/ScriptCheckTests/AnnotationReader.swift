/// Reads the annotations of definition files in the language server's documented notation.
///
/// It knows the part of the notation that `perigee stubs` uses; anything else is a problem.
struct AnnotationReader {
    private(set) var problems: [String] = []
    /// Classes and aliases.
    private(set) var defined: Set<String> = [
        "number", "integer", "string", "boolean", "table", "any", "nil", "function",
    ]
    /// The names to which types refer.
    private(set) var used: Set<String> = []
    /// How many annotations were read.
    private(set) var count = 0

    mutating func read(_ text: String) {
        for line in text.split(separator: "\n") where line.hasPrefix("---@") {
            count += 1
            var words = Scanner(line.dropFirst(4))
            if !annotation(&words) { problems.append(String(line)) }
        }
    }

    private mutating func annotation(_ text: inout Scanner) -> Bool {
        guard let tag = text.name() else { return false }
        switch tag {
        case "meta": return text.isAtEnd
        case "class":
            guard let name = text.name(), defined.insert(name).inserted else { return false }
            if text.take(":") {
                guard let parent = text.name() else { return false }
                used.insert(parent)
            }
            return text.isAtEnd
        case "alias":
            guard let name = text.name(), defined.insert(name).inserted else { return false }
            return type(&text) && text.isAtEnd
        case "field":
            if text.take("[") { return type(&text) && text.take("]") && type(&text) }
            guard text.name() != nil else { return false }
            _ = text.take("?")
            return type(&text) && text.isSpaced
        case "param":
            guard text.take("...") || text.name() != nil else { return false }
            _ = text.take("?")
            return type(&text) && text.isAtEnd
        case "return", "type", "overload": return type(&text) && text.isAtEnd
        default: return false
        }
    }

    /// `unit|unit`
    private mutating func type(_ text: inout Scanner) -> Bool {
        repeat { if !unit(&text) { return false } } while text.take("|")
        return true
    }

    private mutating func unit(_ text: inout Scanner) -> Bool {
        if text.take("{") {
            repeat {
                guard text.name() != nil, text.take(":"), type(&text) else { return false }
            } while text.take(",")
            guard text.take("}") else { return false }
        } else if text.quoted() {
            return true
        } else if let name = text.name() {
            if name == "fun" {
                guard text.take("("), parameters(&text) else { return false }
                return text.take(":") ? type(&text) : true
            }
            used.insert(name)
        } else {
            return false
        }
        _ = text.take("[]")
        _ = text.take("?")
        return true
    }

    private mutating func parameters(_ text: inout Scanner) -> Bool {
        repeat {
            guard text.name() != nil else { return false }
            _ = text.take("?")
            guard text.take(":"), type(&text) else { return false }
        } while text.take(",")
        return text.take(")")
    }

    /// Reads the words and signs of one line.
    struct Scanner {
        private var rest: Substring

        init(_ text: Substring) { rest = text }

        var isAtEnd: Bool { rest.allSatisfy { $0 == " " } }
        /// Whether a description may follow here.
        var isSpaced: Bool { rest.isEmpty || rest.hasPrefix(" ") }

        mutating func take(_ sign: String) -> Bool {
            let trimmed = rest.drop { $0 == " " }
            guard trimmed.hasPrefix(sign) else { return false }
            rest = trimmed.dropFirst(sign.count)
            return true
        }

        mutating func name() -> String? {
            let trimmed = rest.drop { $0 == " " }
            guard let first = trimmed.first, first.isLetter || first == "_" else { return nil }
            let word = trimmed.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }
            rest = trimmed[word.endIndex...]
            return String(word)
        }

        mutating func quoted() -> Bool {
            guard take("\"") else { return false }
            rest = rest.drop { $0 != "\"" }
            return take("\"")
        }
    }
}
