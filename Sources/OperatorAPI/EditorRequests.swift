/// The body of ``Endpoint/saveFile``.
package struct SaveFileRequest: Codable, Sendable, Equatable {
    /// The path within the game folder.
    package var file: String
    /// The new text.
    package var text: String
    /// The version of the text from which the editing began; `nil` for a new file.
    package var base: String?
}

/// The body of ``Endpoint/renameFile``.
package struct RenameFileRequest: Codable, Sendable, Equatable {
    /// The path within the game folder.
    package var file: String
    /// The new path.
    package var to: String
    /// The version of the text that is renamed.
    package var base: String
}

/// The body of ``Endpoint/checkFile``.
package struct CheckFileRequest: Codable, Sendable, Equatable {
    /// The path within the game folder.
    package var file: String
    /// The text to check.
    package var text: String
}

/// The body of ``Endpoint/testFiles``.
package struct TestFilesRequest: Codable, Sendable, Equatable {
    /// Only tests whose `FILE: NAME` contains this text run.
    package var filter: String?
}

/// A version in the answers of ``Endpoint/listVersions`` and ``Endpoint/showVersion``.
package struct FileVersionAnswer: Codable, Sendable, Equatable {
    /// The number of a version in the database, or the hash of a commit.
    package var id: String
    /// The path within the game folder.
    package var file: String
    /// When it was saved, Unix time in seconds.
    package var time: Double
    /// The login of the operator who saved it, or the author of a commit; empty for a text that came into the folder in
    /// another way.
    package var author: String
    /// The first line of a commit's message; `nil` for a version in the database.
    package var about: String?
    /// The length in bytes; `nil` for a file that was deleted.
    package var bytes: Int?
    /// The text; `nil` in lists, and for a file that was deleted.
    package var text: String?

    /// Makes an answer.
    ///
    /// - Parameters:
    ///   - id: The number of a version in the database, or the hash of a commit.
    ///   - file: The path within the game folder.
    ///   - time: When it was saved, Unix time in seconds.
    ///   - author: The login of the operator who saved it, or the author of the commit.
    ///   - about: The first line of a commit's message.
    ///   - bytes: The length in bytes.
    ///   - text: The text.
    package init(
        id: String, file: String, time: Double, author: String, about: String? = nil, bytes: Int?, text: String?
    ) {
        self.id = id
        self.file = file
        self.time = time
        self.author = author
        self.about = about
        self.bytes = bytes
        self.text = text
    }
}
