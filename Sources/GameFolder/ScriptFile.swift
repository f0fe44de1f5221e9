import GameRules
import JSONValues
import LuaSyntax
import World

/// One Lua file with what its annotations declare.
struct ScriptFile: Equatable {
    /// What a file adds to the schema of the game.
    enum Declaration: Equatable {
        case none
        case component(ComponentDefinition)
        case event(group: String, EventDefinition)
        case timeout(group: String, order: Double, lifeRadius: Double?, share: EventGroupDefinition.Share)
    }

    var script: GameScript
    var declaration: Declaration

    /// Reads a file's annotations; appends every mistake to `problems`, and returns `nil` if there is any.
    static func parse(
        role: GameScript.Role, path: String, source: [UInt8], problems: inout [GameFolderProblem]
    ) -> ScriptFile? {
        if let problem = encodingProblem(source, path: path) {
            problems.append(problem)
            return nil
        }
        var parser = ScriptFileParser(role: role, path: path, text: LuaAnnotations(source))
        let declaration = parser.declaration()
        problems += parser.problems
        guard parser.problems.isEmpty else { return nil }
        let script = GameScript(role: role, path: path, source: source, about: parser.about)
        return ScriptFile(script: script, declaration: declaration)
    }

    /// Why these bytes can't be Lua source; `nil` when they can.
    static func encodingProblem(_ source: [UInt8], path: String) -> GameFolderProblem? {
        func problem(_ line: Int, _ message: String) -> GameFolderProblem {
            GameFolderProblem(file: path, line: line, message: message)
        }
        if source.first == 0x1B { return problem(1, "compiled Lua is not accepted; write the script as text") }
        if source.starts(with: [0xEF, 0xBB, 0xBF]) {
            return problem(1, "begins with a byte order mark, which Lua can't read; save the file as UTF-8 without it")
        }
        if source.starts(with: [0xFF, 0xFE]) || source.starts(with: [0xFE, 0xFF]) {
            return problem(1, "saved as UTF-16, which Lua can't read; save the file as UTF-8")
        }
        if let zero = source.firstIndex(of: 0) {
            let line = source[..<zero].count { $0 == 0x0A } + 1
            return problem(line, "holds a zero byte; save the file as UTF-8 text")
        }
        guard String(validating: source, as: UTF8.self) == nil else { return nil }
        // In UTF-8 no byte of a longer character is 0x0A, so each line can be checked alone.
        let lines = source.split(separator: 0x0A, omittingEmptySubsequences: false)
        let wrong = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0
        return problem(wrong + 1, "not UTF-8; save the file as UTF-8")
    }
}

/// Turns the annotations of one file into its declaration, and collects every mistake in them.
private struct ScriptFileParser {
    let role: GameScript.Role
    let path: String
    let text: LuaAnnotations
    var problems: [GameFolderProblem] = []
    var about = ""

    init(role: GameScript.Role, path: String, text: LuaAnnotations) {
        self.role = role
        self.path = path
        self.text = text
    }

    mutating func fail(_ line: Int, _ message: String) {
        problems.append(GameFolderProblem(file: path, line: line, message: message))
    }

    /// Adds a problem with an annotation: at a character of its value, or at its beginning when `isWhole`.
    mutating func fail(_ annotation: LuaAnnotation, _ message: String, offset: Int = 0, isWhole: Bool = false) {
        let column = isWhole ? annotation.column : annotation.valueColumn + offset
        problems.append(GameFolderProblem(file: path, line: annotation.line, column: column, message: message))
    }

    mutating func declaration() -> ScriptFile.Declaration {
        switch role {
        case .lib, .spawn, .leave, .socket:
            _ = annotations(allowed: [])
            return .none
        case .component(let name): return component(name)
        case .event(let group, let name): return event(group: group, name: name)
        case .timeout(let group): return timeout(group: group)
        }
    }

    /// The annotations with an allowed name, each name once except `param`; also sets ``about``. Adds a problem for
    /// each wrong one.
    private mutating func annotations(allowed: [String]) -> [LuaAnnotation] {
        let allowed = allowed + ["about"]
        var found: [LuaAnnotation] = []
        for annotation in text.all {
            if annotation.hasSpace {
                // `-- @NAME` with another name is an ordinary comment.
                if allowed.contains(annotation.name), !annotation.isAfterCode {
                    fail(annotation, "write --@\(annotation.name) without a space before the @", isWhole: true)
                }
            } else if !allowed.contains(annotation.name) {
                let list = allowed.map { "--@\($0)" }.joined(separator: ", ")
                fail(
                    annotation,
                    "unknown annotation --@\(annotation.name); allowed here are \(list)"
                        + Suggestion.hint(for: annotation.name, among: allowed).replacing(" mean ", with: " mean --@"),
                    isWhole: true)
            } else if annotation.isAfterCode {
                fail(
                    annotation, "--@\(annotation.name) stands after code; annotations stand at the top of the file",
                    isWhole: true)
            } else if annotation.name != "param", found.contains(where: { $0.name == annotation.name }) {
                fail(annotation, "--@\(annotation.name) is written twice; remove one", isWhole: true)
            } else {
                found.append(annotation)
            }
        }
        if let line = found.first(where: { $0.name == "about" }) { about = line.value }
        return found
    }

    private mutating func component(_ name: String) -> ScriptFile.Declaration {
        var definition = ComponentDefinition(name: name, type: .json, hasTrigger: text.hasCode)
        var hasType = false
        var defaultAnnotation: LuaAnnotation?
        for annotation in annotations(allowed: ["type", "default", "private", "entities"]) {
            switch annotation.name {
            case "type":
                hasType = true
                if let type = ComponentDefinition.ValueType(rawValue: annotation.value) {
                    definition.type = type
                } else {
                    fail(annotation, "--@type is \"\(annotation.value)\"; allowed are number, string, boolean, json")
                }
            case "default":
                defaultAnnotation = annotation
            case "private":
                definition.isPrivate = true
                if !annotation.value.isEmpty { fail(annotation, "--@private takes no value; leave the rest out") }
            case "entities":
                definition.kinds = kinds(annotation)
            default: break
            }
        }
        if !hasType {
            fail(1, "--@type is missing; add a line such as --@type number; allowed are number, string, boolean, json")
        }
        if let annotation = defaultAnnotation, problems.isEmpty {
            definition.defaultValue = componentDefault(annotation, type: definition.type)
        }
        return .component(definition)
    }

    private mutating func kinds(_ annotation: LuaAnnotation) -> EntityKindSet {
        var kinds: EntityKindSet = []
        for word in annotation.value.split(whereSeparator: { $0 == "," || $0.isWhitespace }) {
            if let kind = EntityKind(name: word) {
                kinds.insert(EntityKindSet(kind))
            } else {
                fail(
                    annotation,
                    "\"\(word)\" is no entity type; allowed are \(Names.kinds)"
                        + Suggestion.hint(for: String(word), among: EntityKind.allCases.map(\.name)),
                    offset: annotation.value.distance(from: annotation.value.startIndex, to: word.startIndex))
            }
        }
        if annotation.value.isEmpty {
            fail(annotation, "--@entities names no type; allowed are \(Names.kinds), or no such line for all four")
        }
        return kinds
    }

    private mutating func componentDefault(_ annotation: LuaAnnotation, type: ComponentDefinition.ValueType) -> JSON {
        let value: JSON
        do throws(JSONError) {
            value = try JSON(parsing: annotation.value)
        } catch {
            fail(
                annotation, "--@default is no JSON value (\(error.message)); write for instance 10, \"text\" or {}",
                offset: error.offset)
            return .null
        }
        let expected =
            switch (type, value) {
            case (_, .null), (.number, .number), (.string, .string), (.boolean, .bool), (.json, .array),
                (.json, .object):
                ""
            case (.number, _): "a number"
            case (.string, _): "text in double quotes"
            case (.boolean, _): "true or false"
            case (.json, _): "an array or an object"
            }
        if !expected.isEmpty {
            fail(annotation, "--@default is \(value.text), but --@type \(type.rawValue) needs \(expected)")
        }
        return value
    }

    private mutating func event(group: String, name: String) -> ScriptFile.Declaration {
        var definition = EventDefinition(name: name)
        for annotation in annotations(allowed: ["public", "repeat", "param"]) {
            switch annotation.name {
            case "public": definition.isPublic = boolean(annotation)
            case "repeat": definition.repeats = boolean(annotation)
            case "param":
                do throws(LuaAnnotation.Mistake) {
                    let parameter = try annotation.parameter()
                    if definition.parameters.contains(where: { $0.name == parameter.name }) {
                        fail(annotation, "parameter \(parameter.name) is declared twice; keep one")
                    }
                    definition.parameters.append(parameter)
                } catch {
                    fail(annotation, error.message, offset: error.offset)
                }
            default: break
            }
        }
        if !text.hasCode {
            fail(text.lastCommentLine, "no code; an event must say in Lua what it does")
        }
        return .event(group: group, definition)
    }

    private mutating func boolean(_ annotation: LuaAnnotation) -> Bool {
        if annotation.value != "true", annotation.value != "false" {
            fail(annotation, "--@\(annotation.name) is \"\(annotation.value)\"; allowed are true and false")
        }
        return annotation.value == "true"
    }

    private mutating func timeout(group: String) -> ScriptFile.Declaration {
        var order = 0.0
        var lifeRadius: Double?
        var share = EventGroupDefinition.Share.all
        for annotation in annotations(allowed: ["order", "life_radius", "share"]) {
            let number = Double(annotation.value).flatMap { $0.isFinite ? $0 : nil }
            switch annotation.name {
            case "order":
                order = number ?? 0
                if number == nil { fail(annotation, "--@order is \"\(annotation.value)\"; it must be a number") }
            case "life_radius":
                lifeRadius = number
                if number ?? 0 <= 0 {
                    fail(annotation, "--@life_radius is \"\(annotation.value)\"; it must be a number of tiles above 0")
                }
            case "share":
                if let value = EventGroupDefinition.Share(rawValue: annotation.value) {
                    share = value
                } else {
                    let allowed = EventGroupDefinition.Share.allCases.map(\.rawValue)
                    fail(
                        annotation,
                        "--@share is \"\(annotation.value)\"; allowed are \(allowed.joined(separator: ", "))"
                            + Suggestion.hint(for: annotation.value, among: allowed))
                }
            default: break
            }
        }
        if !text.hasCode {
            fail(text.lastCommentLine, "no code; a timeout formula must return seconds, for instance return 0.2")
        }
        return .timeout(group: group, order: order, lifeRadius: lifeRadius, share: share)
    }
}
