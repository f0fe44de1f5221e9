import Glibc

/// The files of a database: itself, its write-ahead log with that one's index, and its lock.
enum DatabaseFiles {
    private static func all(of path: String) -> [String] { [path, path + "-wal", path + "-shm", path + ".lock"] }

    /// Makes the files their owner's alone, since they hold accounts; a database that is missing becomes an empty file.
    ///
    /// SQLite gives the log and the index the rights of the database. Files of another user stay as they are; that user
    /// decides who may read them.
    ///
    /// - Parameter path: The database.
    static func makePrivate(_ path: String) {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if file >= 0 { close(file) }
        for path in all(of: path) { chmod(path, 0o600) }
    }
}
