package import LuaSyntax

/// A mistake, or a likely mistake, in a game folder.
package struct Diagnostic: Hashable, Comparable, Sendable {
    /// How bad it is.
    package enum Severity: String, Sendable {
        /// The script will fail when this runs, or the file is refused when it is loaded.
        case error
        /// It may be intended, but most likely is a mistake.
        case warning
    }

    /// The path within the game folder.
    package var file: String
    /// The position in the file; 1:1 when it is not known.
    package var position: SourcePosition
    /// How bad it is.
    package var severity: Severity
    /// What is wrong and what is allowed.
    package var message: String

    package static func < (left: Diagnostic, right: Diagnostic) -> Bool {
        (left.file, left.position, left.message) < (right.file, right.position, right.message)
    }

    /// The finding in the form that editors parse: `events/move/to.lua:3:8: error: …`.
    ///
    /// - Parameter directory: A prefix for the path; empty for a path within the game folder.
    /// - Returns: One line.
    package func line(in directory: String = "") -> String {
        "\(directory)\(file):\(position.line):\(position.column): \(severity.rawValue): \(message)"
    }
}
