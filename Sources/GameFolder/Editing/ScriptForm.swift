import GameRules
import JSONValues
import LuaSyntax
import World

/// What the annotations of a script say, as fields of a form [M0.11, M8.6].
///
/// The texts are those of the file, also where they are wrong, so that a form shows what is there.
package struct ScriptForm: Codable, Sendable, Equatable {
    /// What is wrong with a field.
    package struct Mistake: Error, Sendable, Equatable {
        /// The field.
        package var field: String
        /// What is wrong and what is allowed.
        package var message: String
    }

    /// One parameter of an event.
    package struct Parameter: Codable, Sendable, Equatable {
        /// Its place among the `--@param` lines of the file, from 0; `nil` for a new one.
        package var was: Int?
        /// The name.
        package var name: String
        /// The name of the type.
        package var type: String
        /// The default as JSON; empty for a parameter that is mandatory.
        package var `default`: String
        /// What it is for.
        package var about: String
    }

    /// What the script is for: `component`, `event`, `timeout`, `spawn`, `leave` or `lib`.
    package var kind: String
    /// `--@about`
    package var about: String
    /// A component's `--@type`.
    package var type: String?
    /// A component's `--@default`, as JSON.
    package var `default`: String?
    /// Whether a component is `--@private`.
    package var `private`: Bool?
    /// A component's `--@entities`; the names of all four types without the line.
    package var entities: [String]?
    /// An event's `--@public`.
    package var `public`: Bool?
    /// An event's `--@repeat`.
    package var `repeat`: Bool?
    /// An event's parameters.
    package var parameters: [Parameter]?
    /// A timeout's `--@order`.
    package var order: String?
    /// A timeout's `--@life_radius`.
    package var lifeRadius: String?
    /// A timeout's `--@share`.
    package var share: String?
    /// The number that a timeout's code returns, as text; `nil` when it is more than `return NUMBER`.
    package var seconds: String?

    /// The names of the entity types, for the form.
    package static var entityTypes: [String] { EntityKind.allCases.map(\.name) }

    /// Reads a script.
    ///
    /// - Parameters:
    ///   - source: The script.
    ///   - role: What the script is for.
    package init(_ source: [UInt8], role: GameScript.Role) {
        let annotations = LuaAnnotations(source)
        func value(_ name: String) -> String? { annotations.valid(name).first?.value }
        kind = role.kind.rawValue
        about = value("about") ?? ""
        switch role {
        case .component:
            type = value("type") ?? ""
            self.default = value("default") ?? ""
            self.private = value("private") != nil
            entities =
                value("entities").map { text in
                    text.split { $0 == "," || $0.isWhitespace }.map(String.init)
                } ?? Self.entityTypes
        case .event:
            self.public = value("public") == "true"
            self.repeat = value("repeat") == "true"
            parameters = annotations.valid("param").enumerated().map { Parameter($1, was: $0) }
        case .timeout:
            order = value("order") ?? ""
            lifeRadius = value("life_radius") ?? ""
            share = value("share") ?? "all"
            seconds = annotations.code.flatMap { Self.number(returnedBy: source[$0]) }
        case .lib, .spawn, .leave, .socket: break
        }
    }

    /// The number of `return NUMBER`; `nil` for other code.
    private static func number(returnedBy code: ArraySlice<UInt8>) -> String? {
        let words = String(decoding: code, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard words.count == 2, words[0] == "return", isSeconds(words[1]) else { return nil }
        return String(words[1])
    }

    /// Whether a text is a number of seconds as a timeout can have it.
    static func isSeconds(_ text: some StringProtocol) -> Bool {
        guard text.utf8.allSatisfy({ "0123456789.eE+-".utf8.contains($0) }), let number = Double(text) else {
            return false
        }
        return number >= 0 && number.isFinite
    }
}

extension ScriptForm.Parameter {
    /// Reads a `--@param` line. Of a wrong one, everything after the name is the type, so that nothing gets lost.
    fileprivate init(_ annotation: LuaAnnotation, was: Int) {
        self.was = was
        if let parameter = try? annotation.parameter() {
            (name, type, about) = (parameter.name, parameter.type.rawValue, parameter.about)
            self.default = parameter.defaultValue?.text ?? ""
        } else {
            let words = annotation.value.split(maxSplits: 1, whereSeparator: \.isWhitespace).map(String.init)
            (name, type, about) = (words.first ?? "", words.count > 1 ? words[1] : "", "")
            self.default = ""
        }
    }
}

extension LuaAnnotations {
    /// The annotations with a name that count: at the top of the file, and without a space before the `@`.
    func valid(_ name: String) -> [LuaAnnotation] { all.filter { $0.name == name && !$0.hasSpace && !$0.isAfterCode } }
}
