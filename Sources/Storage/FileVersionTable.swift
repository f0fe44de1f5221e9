import GRDB

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
