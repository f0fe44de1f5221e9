package import JSONValues

/// The server's answer to `POST /server/api/reload`.
package struct ReloadAnswer: Sendable, Equatable {
    /// One mistake in the game folder.
    package struct Problem: Sendable, Equatable, CustomStringConvertible {
        /// The file, relative to the game folder.
        package var file: String
        /// Line and column, from 1, where they are known.
        package var line: Int?, column: Int?
        /// What is wrong and what is allowed.
        package var message: String

        /// Describes a mistake.
        ///
        /// - Parameters:
        ///   - file: The file, relative to the game folder.
        ///   - line: The line, from 1.
        ///   - column: The column, from 1.
        ///   - message: What is wrong and what is allowed.
        package init(file: String, line: Int?, column: Int?, message: String) {
            self.file = file
            self.line = line
            self.column = column
            self.message = message
        }

        /// `FILE:LINE:COLUMN: MESSAGE`, as editors and compilers write it.
        package var description: String {
            ([file] + [line, column].compactMap { $0.map(String.init) } + [" " + message]).joined(separator: ":")
        }
    }

    /// The effects on one map.
    package struct MapEffects: Sendable, Equatable {
        /// The map's number as text.
        package var map: String
        /// One line for each effect.
        package var lines: [String]
    }

    /// The files that changed, each with its version; maps that opened and closed.
    package var changes: [String]
    /// The effects of the changes on entities, by ascending map number.
    package var effects: [MapEffects]
    /// Everything that is wrong in the game folder.
    package var problems: [Problem]

    /// Makes an answer.
    ///
    /// - Parameters:
    ///   - changes: The files that changed; maps that opened and closed.
    ///   - effects: The effects of the changes on entities, by map number.
    ///   - problems: Everything that is wrong in the game folder.
    package init(changes: [String], effects: [Int: [String]], problems: [Problem]) {
        self.changes = changes
        self.effects = effects.sorted { $0.key < $1.key }.map { MapEffects(map: "\($0.key)", lines: $0.value) }
        self.problems = problems
    }

    /// Reads an answer.
    ///
    /// Fields that are missing or of another type, as in answers of an older server, count as empty.
    ///
    /// - Parameter json: The JSON as ``json`` writes it.
    package init(_ json: JSON) {
        let object = json.object ?? [:]
        changes = (object["changes"]?.array ?? []).compactMap(\.string)
        effects = (object["effects"]?.object?.members ?? []).map { member in
            MapEffects(map: member.key, lines: (member.value.array ?? []).compactMap(\.string))
        }
        problems = (object["problems"]?.array ?? []).compactMap(\.object).map { problem in
            func whole(_ name: String) -> Int? { problem[name]?.number.flatMap { Int(exactly: $0.rounded()) } }
            return Problem(
                file: problem["file"]?.string ?? "", line: whole("line"), column: whole("column"),
                message: problem["message"]?.string ?? "")
        }
    }

    /// `{"changes":[…],"effects":{"1":[…]},"problems":[{"file":…,"line":…,"column":…,"message":…}]}`
    package var json: JSON {
        var perMap = JSONObject()
        for effect in effects { perMap.append(unique: effect.map, .array(effect.lines.map(JSON.string))) }
        return .object([
            "changes": .array(changes.map(JSON.string)), "effects": .object(perMap),
            "problems": .array(
                problems.map {
                    .object([
                        "file": .string($0.file), "line": $0.line.map { .number(Double($0)) } ?? .null,
                        "column": $0.column.map { .number(Double($0)) } ?? .null,
                        "message": .string($0.message),
                    ])
                }),
        ])
    }

    /// The changes and effects for the terminal, one line each.
    package var text: String {
        let lines = changes + effects.flatMap { effect in effect.lines.map { "map \(effect.map): \($0)" } }
        return lines.isEmpty ? "nothing changed" : lines.joined(separator: "\n")
    }
}
