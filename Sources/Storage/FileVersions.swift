/// A version of a file of the game folder, kept when the file was changed in the panel.
package struct FileVersion: Sendable, Equatable {
    /// The number; later versions have higher ones.
    package var id: Int
    /// The path within the game folder.
    package var path: String
    /// When it was saved, Unix time in seconds; for a text that the panel found in the folder, when it was found.
    package var time: Double
    /// The login of the operator who saved this version; empty when the file was changed without the panel.
    package var author: String
    /// The text; `nil` for a file that was deleted, and in lists.
    package var text: [UInt8]?
    /// The length of the text in bytes; `nil` for a file that was deleted.
    package var bytes: Int?

    /// Makes a version.
    ///
    /// - Parameters:
    ///   - id: The number; ignored by ``FileVersionStorage/appendFileVersions(_:limits:)``.
    ///   - path: The path within the game folder.
    ///   - time: When it was saved, Unix time in seconds.
    ///   - author: The login of the operator who saved it.
    ///   - text: The text; `nil` for a file that was deleted.
    package init(id: Int = 0, path: String, time: Double, author: String, text: [UInt8]?) {
        self.id = id
        self.path = path
        self.time = time
        self.author = author
        self.text = text
        bytes = text?.count
    }
}

/// What the versions of files may take.
package struct FileVersionLimits: Sendable, Equatable {
    /// The most versions of one file; the oldest give way.
    package var perFile: Int
    /// The most bytes of all texts together; the oldest of all files give way.
    package var bytes: Int

    /// Makes limits.
    ///
    /// - Parameters:
    ///   - perFile: The most versions of one file, at least 1.
    ///   - bytes: The most bytes of all texts together.
    package init(perFile: Int = 100, bytes: Int = 64 << 20) {
        self.perFile = perFile
        self.bytes = bytes
    }
}

/// A store that keeps former versions of the game folder's files.
///
/// Every function may be called from any task and suspends while the store works.
package protocol FileVersionStorage: Sendable {
    /// Appends versions in their order, all or nothing, and drops the oldest ones above the limits.
    ///
    /// - Parameters:
    ///   - versions: The versions; their numbers are ignored.
    ///   - limits: What the versions may take.
    /// - Throws: ``StorageError`` when the store fails.
    func appendFileVersions(_ versions: [FileVersion], limits: FileVersionLimits) async throws(StorageError)

    /// The versions of a file without their texts, the latest first.
    ///
    /// - Parameter path: The path within the game folder.
    /// - Returns: The versions, whose `text` is `nil`.
    /// - Throws: ``StorageError`` when the store fails.
    func fileVersions(of path: String) async throws(StorageError) -> [FileVersion]

    /// A version with its text.
    ///
    /// - Parameter id: The number.
    /// - Returns: The version, or `nil`.
    /// - Throws: ``StorageError`` when the store fails.
    func fileVersion(id: Int) async throws(StorageError) -> FileVersion?

    /// The latest version of a file, with its text.
    ///
    /// - Parameter path: The path within the game folder.
    /// - Returns: The version, or `nil`.
    /// - Throws: ``StorageError`` when the store fails.
    func latestFileVersion(of path: String) async throws(StorageError) -> FileVersion?

    /// The paths of all files that have versions, ascending.
    ///
    /// - Throws: ``StorageError`` when the store fails.
    func pathsWithVersions() async throws(StorageError) -> [String]
}

extension SQLStore {
    package func appendFileVersions(_ versions: [FileVersion], limits: FileVersionLimits) async throws(StorageError) {
        try await writing { session in
            for version in versions {
                try session.run(
                    "INSERT INTO file_versions (path, time, author, text, bytes) VALUES ($1, $2, $3, $4, $5)",
                    [
                        .text(version.path), .real(version.time), .text(version.author), SQLValue(version.text),
                        SQLValue(version.bytes),
                    ])
                try session.run(
                    """
                    DELETE FROM file_versions WHERE path = $1 AND id <= (
                        SELECT id FROM file_versions WHERE path = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)
                    """, [.text(version.path), .integer(max(limits.perFile, 1))])
            }
            try session.run(
                """
                DELETE FROM file_versions WHERE id IN (
                    SELECT id FROM (
                        SELECT id, sum(bytes) OVER (ORDER BY id DESC) AS total FROM file_versions) AS totals
                    WHERE total > $1)
                """, [.integer(limits.bytes)])
        }
    }

    package func fileVersions(of path: String) async throws(StorageError) -> [FileVersion] {
        try await reading { session in
            try session.rows(
                "SELECT id, path, time, author, NULL, bytes FROM file_versions WHERE path = $1 ORDER BY id DESC",
                [.text(path)]
            ).map(FileVersion.init)
        }
    }

    package func fileVersion(id: Int) async throws(StorageError) -> FileVersion? {
        try await reading { session in
            try session.first("\(FileVersion.select) WHERE id = $1", [.integer(id)]).map(FileVersion.init)
        }
    }

    package func latestFileVersion(of path: String) async throws(StorageError) -> FileVersion? {
        try await reading { session in
            try session.first("\(FileVersion.select) WHERE path = $1 ORDER BY id DESC LIMIT 1", [.text(path)])
                .map(FileVersion.init)
        }
    }

    package func pathsWithVersions() async throws(StorageError) -> [String] {
        try await reading { session in
            try session.rows("SELECT DISTINCT path FROM file_versions ORDER BY path").map { try $0.text(0) }
        }
    }
}

extension FileVersion {
    fileprivate static let select = "SELECT id, path, time, author, text, bytes FROM file_versions"

    fileprivate init(_ row: SQLRow) throws {
        self.init(
            id: try row.integer(0), path: try row.text(1), time: try row.real(2), author: try row.text(3),
            text: try row.optionalBytes(4))
        bytes = try row.optionalInteger(5)
    }
}
