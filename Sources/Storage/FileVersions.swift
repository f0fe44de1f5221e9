import Foundation
import GRDB

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

/// The table of versions.
enum FileVersionTable {
    static let name = "file_versions"

    /// Makes the table.
    static func create(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE file_versions (
                    id INTEGER PRIMARY KEY AUTOINCREMENT,
                    path TEXT NOT NULL,
                    time REAL NOT NULL,
                    author TEXT NOT NULL,
                    -- Null for a file that was deleted.
                    text BLOB,
                    bytes INTEGER
                ) STRICT;
                CREATE INDEX file_versions_by_path ON file_versions (path, id);
                -- Sums up lengths without reading the texts.
                CREATE INDEX file_versions_by_size ON file_versions (id, bytes);
                """)
    }
}

extension SQLiteStorage: FileVersionStorage {
    package func appendFileVersions(_ versions: [FileVersion], limits: FileVersionLimits) async throws(StorageError) {
        try await write { db in
            for version in versions {
                try db.cachedStatement(
                    sql: "INSERT INTO file_versions (path, time, author, text, bytes) VALUES (?, ?, ?, ?, ?)"
                ).execute(arguments: [
                    version.path, version.time, version.author, version.text.map { Data($0) }, version.bytes,
                ])
                try db.cachedStatement(
                    sql: """
                        DELETE FROM file_versions WHERE path = ?1 AND id <= (
                            SELECT id FROM file_versions WHERE path = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)
                        """
                ).execute(arguments: [version.path, max(limits.perFile, 1)])
            }
            try db.cachedStatement(
                sql: """
                    DELETE FROM file_versions WHERE id IN (
                        SELECT id FROM (SELECT id, sum(bytes) OVER (ORDER BY id DESC) AS total FROM file_versions)
                        WHERE total > ?)
                    """
            ).execute(arguments: [limits.bytes])
        }
    }

    package func fileVersions(of path: String) async throws(StorageError) -> [FileVersion] {
        try await read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT id, path, time, author, NULL AS text, bytes FROM file_versions
                    WHERE path = ? ORDER BY id DESC
                    """, arguments: [path]
            ).map(FileVersion.init)
        }
    }

    package func fileVersion(id: Int) async throws(StorageError) -> FileVersion? {
        try await read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM file_versions WHERE id = ?", arguments: [id])
                .map(FileVersion.init)
        }
    }

    package func latestFileVersion(of path: String) async throws(StorageError) -> FileVersion? {
        try await read { db in
            try Row.fetchOne(
                db, sql: "SELECT * FROM file_versions WHERE path = ? ORDER BY id DESC LIMIT 1", arguments: [path]
            ).map(FileVersion.init)
        }
    }

    package func pathsWithVersions() async throws(StorageError) -> [String] {
        try await read { db in
            try String.fetchAll(db, sql: "SELECT DISTINCT path FROM file_versions ORDER BY path")
        }
    }
}

extension FileVersion {
    fileprivate init(_ row: Row) {
        let text: Data? = row["text"]
        self.init(
            id: row["id"], path: row["path"], time: row["time"], author: row["author"], text: text.map { [UInt8]($0) })
        bytes = row["bytes"]
    }
}
