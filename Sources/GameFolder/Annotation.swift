import GameRules
import JSONValues
import LuaSyntax
import World

/// Reads the event parameter that a `--@param` line declares.
extension LuaAnnotation {
    /// Why the value of an annotation is not accepted.
    struct Mistake: Error {
        var message: String
        /// The position of the mistake in the annotation's value, in characters from 0.
        var offset = 0
    }

    /// Reads `NAME TYPE [= DEFAULT] [text]`.
    func parameter() throws(Mistake) -> EventParameter {
        let words = value.split(maxSplits: 1, whereSeparator: \.isWhitespace)
        guard words.count == 2 else {
            throw Mistake(message: "--@param needs a name and a type; write --@param NAME TYPE [= DEFAULT] [text]")
        }
        func offset(_ part: Substring) -> Int { self.value.distance(from: self.value.startIndex, to: part.startIndex) }
        let name = String(words[0])
        if let message = Names.problem(with: name, as: "parameter") { throw Mistake(message: message) }
        if Self.reserved.contains(name) {
            throw Mistake(
                message: "\"\(name)\" can't be the name of a parameter, because every command has a field of that name")
        }
        var rest = words[1].drop(while: \.isWhitespace)
        let typeName = rest.prefix { !$0.isWhitespace && $0 != "=" }
        rest = rest[typeName.endIndex...].drop(while: \.isWhitespace)
        guard let type = EventParameter.ValueType(rawValue: String(typeName)) else {
            let allowed = EventParameter.ValueType.allCases.map(\.rawValue)
            throw Mistake(
                message:
                    "parameter \(name) has the type \"\(typeName)\"; allowed are \(allowed.joined(separator: ", "))"
                    + Suggestion.hint(for: String(typeName), among: allowed), offset: offset(typeName))
        }
        guard rest.first == "=" else { return EventParameter(name: name, type: type, about: Self.trim(rest)) }
        let (text, about) = Self.splitDefault(rest.dropFirst().drop(while: \.isWhitespace))
        let value: JSON
        do throws(JSONError) {
            value = try JSON(parsing: String(text))
        } catch {
            throw Mistake(
                message:
                    "the default of parameter \(name) is no JSON value (\(error.message)); write for instance 1, \"text\" or {}",
                offset: offset(text) + error.offset)
        }
        guard Self.fits(value, type) else {
            throw Mistake(
                message: "the default of parameter \(name) is \(value.text), which is no \(type.rawValue)",
                offset: offset(text))
        }
        return EventParameter(name: name, type: type, defaultValue: value, about: Self.trim(about))
    }

    /// Fields that a command has besides its parameters (`1-protocol.md` 3).
    private static let reserved: Set<String> = ["action", "command_id", "data", "ping", "unixtime"]

    /// `null` makes a parameter of any type optional without giving it a value.
    private static func fits(_ value: JSON, _ type: EventParameter.ValueType) -> Bool {
        switch (type, value) {
        case (.any, _), (_, .null), (.number, .number), (.string, .string), (.boolean, .bool), (.table, .array),
            (.table, .object):
            true
        default: false
        }
    }

    /// Splits a text after the JSON value at its beginning: after its closing quote or bracket, else at the next space.
    private static func splitDefault(_ text: Substring) -> (value: Substring, rest: Substring) {
        guard let first = text.first, "\"[{".contains(first) else {
            let value = text.prefix { !$0.isWhitespace }
            return (value, text[value.endIndex...])
        }
        var depth = 0
        var isInString = false
        var isEscaped = false
        for index in text.indices {
            let character = text[index]
            if isInString {
                if isEscaped {
                    isEscaped = false
                } else if character == "\\" {
                    isEscaped = true
                } else if character == "\"" {
                    isInString = false
                }
            } else if character == "\"" {
                isInString = true
            } else if character == "[" || character == "{" {
                depth += 1
            } else if character == "]" || character == "}" {
                depth -= 1
            }
            if !isInString, depth <= 0 {
                let end = text.index(after: index)
                return (text[..<end], text[end...])
            }
        }
        return (text, "")
    }
}
