/// A place in a file.
package struct SourcePosition: Hashable, Comparable, Sendable {
    /// The line, from 1.
    package var line: Int
    /// The column in characters (Unicode scalars), from 1.
    package var column: Int

    /// Makes a position.
    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    package static func < (left: SourcePosition, right: SourcePosition) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}

/// Why a text is not valid Lua 5.1; the message is the same as the VM's.
package struct LuaSyntaxError: Error, Equatable {
    /// Where the parser found the mistake.
    package var position: SourcePosition
    /// The VM's message, without the file and line.
    package var message: String
}
