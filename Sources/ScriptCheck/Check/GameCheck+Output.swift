package import JSONValues
import LuaSyntax
import World

extension GameCheck {
    /// The number of findings in words: `2 errors, 1 warning in 49 scripts`.
    package var summary: String {
        func counted(_ count: Int, _ what: String) -> String { "\(count) \(what)\(count == 1 ? "" : "s")" }
        let errors = counted(count(.error), "error")
        let warnings = counted(count(.warning), "warning")
        return "\(errors), \(warnings) in \(counted(scriptCount, "script"))"
    }

    /// All findings as one line of JSON: `{"errors":…,"warnings":…,"scripts":…,"findings":[…]}`.
    ///
    /// - Parameter directory: A prefix for each path.
    /// - Returns: The line, with a line feed at its end.
    package func json(in directory: String = "") -> String {
        let findings = diagnostics.map { $0.json(in: directory) }
        let object = JSON.object([
            "errors": .number(Double(count(.error))), "warnings": .number(Double(count(.warning))),
            "scripts": .number(Double(scriptCount)), "findings": .array(findings),
        ])
        return object.text + "\n"
    }
}

extension Diagnostic {
    /// The finding as `{"file":…,"line":…,"column":…,"severity":…,"message":…}`.
    ///
    /// - Parameter directory: A prefix for the path.
    /// - Returns: The object.
    package func json(in directory: String = "") -> JSON {
        .object([
            "file": .string(directory + file), "line": .number(Double(position.line)),
            "column": .number(Double(position.column)), "severity": .string(severity.rawValue),
            "message": .string(message),
        ])
    }
}
