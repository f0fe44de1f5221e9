/// A text in the place of that of a file.
package struct FileReplacement: Sendable, Equatable {
    /// The path within the game folder.
    package var path: String
    /// The text.
    package var bytes: [UInt8]

    /// Makes a replacement.
    ///
    /// - Parameters:
    ///   - path: The path within the game folder.
    ///   - bytes: The text.
    package init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
    }
}
