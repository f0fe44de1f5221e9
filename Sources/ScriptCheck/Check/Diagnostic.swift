package import LuaSyntax

/// One thing that is wrong, or likely so, in a game folder.
package struct Diagnostic: Hashable, Comparable, Sendable {
    /// How bad it is.
    package enum Severity: String, Sendable {
        /// It will fail when it runs, or is refused when it is loaded.
        case error
        /// It may be meant, and hardly is.
        case warning
    }

    /// The path within the game folder.
    package var file: String
    /// Where in the file; 1:1 when no better place can be named.
    package var position: SourcePosition
    /// How bad it is.
    package var severity: Severity
    /// What is wrong and what is allowed.
    package var message: String

    package static func < (left: Diagnostic, right: Diagnostic) -> Bool {
        (left.file, left.position, left.message) < (right.file, right.position, right.message)
    }

    /// The line that editors understand: `events/move/to.lua:3:8: error: …`.
    ///
    /// - Parameter directory: What stands before the path; empty for a path within the game folder.
    /// - Returns: One line.
    package func line(in directory: String = "") -> String {
        "\(directory)\(file):\(position.line):\(position.column): \(severity.rawValue): \(message)"
    }
}
