import JSONValues

/// The lines that a script printed, up to a bound: a script that prints in a loop could print gigabytes before its time
/// limit ends it.
package struct PrintedLines {
    /// How many bytes are kept at most, including ``bytesPerLine`` for each line.
    package static let maxBytes = 4 << 20
    /// How many bytes each line counts in addition to its text.
    static let bytesPerLine = 32

    /// The lines kept, oldest first; the last one may be cut.
    package private(set) var lines: [String] = []
    /// How many lines were cut or left out because the bound was reached.
    package private(set) var leftOut = 0
    private var room = maxBytes

    /// Makes an empty list.
    package init() {}

    /// Adds a line; invalid UTF-8 in it is repaired.
    package mutating func append(_ line: UnsafeRawBufferPointer) {
        guard room > Self.bytesPerLine, leftOut == 0 else {
            leftOut += 1
            return
        }
        room -= Self.bytesPerLine
        if line.count > room { leftOut += 1 }
        lines.append(String(clipping: line, to: room))
        room -= min(line.count, room)
    }
}
