import GameRules
import Yams

extension GameConfiguration {
    /// A configuration and the position of each of its keys, for problems that are found only later.
    struct Parsed {
        var configuration = GameConfiguration()
        var marks: [String: Mark] = [:]
        /// The value of `neighbours`, which can be read only when all maps are known.
        var neighbours: Node?
        /// Whether the file has no mistake so far; else only its further mistakes are looked for.
        var isUsable = true

        /// Makes a problem from a mistake, with its position in the file.
        fileprivate func problem(
            _ mistake: SettingMistake, file: String, of key: String = "", _ value: Node? = nil
        ) -> GameFolderProblem {
            let mark: Mark? =
                switch mistake.place {
                case .key(let name): marks[name]
                case .value: value?.mark ?? marks[key]
                case .element(let index): value?.sequence?[index].mark ?? marks[key]
                }
            return GameFolderProblem(file: file, line: mark?.line, column: mark?.column, message: mistake.message)
        }
    }

    /// Reads `game.yaml`.
    ///
    /// - Parameters:
    ///   - source: The bytes of the file.
    ///   - file: Its path.
    ///   - problems: Every mistake is appended here, with line and column: unknown and repeated keys, wrong values,
    ///     values that don't fit each other.
    /// - Returns: The configuration of the lines without mistakes.
    /// - Throws: A problem when the file is not a YAML table of keys.
    static func parse(
        _ source: [UInt8], file: String, problems: inout [GameFolderProblem]
    ) throws(GameFolderProblem) -> Parsed {
        // Yams reads a byte order mark as text when more than one line follows.
        let source = source.starts(with: [0xEF, 0xBB, 0xBF]) ? source[3...] : source[...]
        guard let text = String(validating: source, as: UTF8.self) else {
            throw GameFolderProblem(file: file, message: "not UTF-8; save the file as UTF-8")
        }
        guard let root = try compose(text, file: file, problems: &problems) else { return Parsed() }
        // For a document that has only comments, Yams returns an empty scalar.
        if let scalar = root.scalar, scalar.string.isEmpty { return Parsed() }
        guard let mapping = root.mapping else {
            throw GameFolderProblem(file: file, line: root.mark?.line, message: "write one `key: value` a line")
        }
        var parsed = Parsed()
        var broken: Set<String> = []
        for (keyNode, value) in mapping {
            guard let key = keyNode.scalar?.string else {
                problems.append(
                    GameFolderProblem(
                        file: file, line: keyNode.mark?.line, column: keyNode.mark?.column,
                        message: "a key must be a plain word"))
                continue
            }
            parsed.marks[key] = keyNode.mark
            do throws(SettingMistake) {
                try parsed.configuration.set(SettingValue(value), for: key)
                if key == "neighbours" { parsed.neighbours = value }
            } catch {
                broken.insert(key)
                problems += ([error] + error.others).map { parsed.problem($0, file: file, of: key, value) }
            }
        }
        problems += parsed.configuration.complete(written: Set(parsed.marks.keys), broken: broken)
            .map { parsed.problem($0, file: file) }
        parsed.isUsable = problems.isEmpty
        return parsed
    }

    /// What may be wrong in a line that is not YAML: a bare `*` is no text there, but refers to another place.
    private static func hint(for text: String, line: Int) -> String {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        guard lines.indices.contains(line - 1), lines[line - 1].contains(/(^|[\s:,\[])\*/) else { return "" }
        return "; write \"*\" with the quotes"
    }

    /// The most tables from which repeated keys are taken out, so that the file's other mistakes are found too.
    private static let maxMendedTables = 100

    /// Reads YAML; of a key that a table has more than once, the first one is read.
    private static func compose(
        _ text: String, file: String, problems: inout [GameFolderProblem]
    ) throws(GameFolderProblem) -> Node? {
        var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        var source = text
        for _ in 0..<maxMendedTables {
            let (name, mark): (String, Mark)
            switch try compose(source, file: file) {
            case .node(let node): return node
            case .repeatedKey(let key, let place): (name, mark) = (key, place)
            }
            func problem(line: Int, _ message: String) -> GameFolderProblem {
                GameFolderProblem(file: file, line: line, column: mark.column, message: message)
            }
            let again = RepeatedKeys.remove(name, firstAt: mark.line, column: mark.column, from: &lines)
            problems += again.map {
                problem(line: $0, "\(name) is there twice, in line \(mark.line) too; keep one")
            }
            if again.isEmpty {
                let found = problem(line: mark.line, "\(name) is there twice in one table; keep one")
                // Without a line of its own the key can't be taken out: the rest is read without the whole value.
                guard RepeatedKeys.removeValue(inLine: mark.line, from: &lines) else { throw found }
                problems.append(found)
            }
            source = lines.joined(separator: "\n")
        }
        throw GameFolderProblem(file: file, message: "too many keys are there twice; keep each once")
    }

    /// What Yams makes of a text.
    private enum Composed {
        case node(Node?)
        /// A table has a key more than once; the mark is that of the first one.
        case repeatedKey(String, Mark)
    }

    private static func compose(_ text: String, file: String) throws(GameFolderProblem) -> Composed {
        do {
            return .node(try Yams.compose(yaml: text))
        } catch let error as YamlError {
            switch error {
            case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
                .composer(_, let problem, let mark, _):
                throw GameFolderProblem(
                    file: file, line: mark.line, column: mark.column,
                    message: "not YAML: \(problem)\(hint(for: text, line: mark.line))")
            case .duplicatedKeysInMapping(let keys, let context):
                return .repeatedKey(keys.first ?? "a key", context.mark)
            default:
                throw GameFolderProblem(file: file, message: "not YAML: \(error)")
            }
        } catch {
            throw GameFolderProblem(file: file, message: "not YAML: \(error)")
        }
    }
}

extension SettingValue {
    fileprivate init(_ node: Node) {
        if let sequence = node.sequence {
            self = .list(sequence.map { SettingValue($0) })
        } else if let scalar = node.scalar {
            self = .text(scalar.string, isPlain: scalar.style == .any || scalar.style == .plain)
        } else {
            self = .table
        }
    }
}
