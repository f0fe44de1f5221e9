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

/// Why a text is no Lua 5.1; the message is the one that the VM would give.
package struct LuaSyntaxError: Error, Equatable {
    /// Where it shows.
    package var position: SourcePosition
    /// As the VM says it, without the place.
    package var message: String
}
