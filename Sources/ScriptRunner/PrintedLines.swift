import JSONValues

/// What a script printed, up to a bound: a script that prints in a loop ends at its time limit, and until then it may
/// have printed gigabytes.
package struct PrintedLines {
    /// The most bytes kept.
    package static let maxBytes = 4 << 20
    /// What keeping a line costs beside its bytes.
    static let bytesPerLine = 32

    /// The lines kept, oldest first; the last one may be cut.
    package private(set) var lines: [String] = []
    /// How many lines came after the bound was reached, a cut one included.
    package private(set) var leftOut = 0
    private var room = maxBytes

    /// Makes an empty list.
    package init() {}

    /// Takes a line, invalid UTF-8 repaired.
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
