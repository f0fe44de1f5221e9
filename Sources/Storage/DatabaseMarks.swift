import Glibc

/// The file system's metadata of a database's files: it shows whether they are still the files that were opened, and
/// whether another program wrote to them.
///
/// The files must not be opened for this: closing any descriptor of a database's file would release SQLite's locks on
/// it.
struct DatabaseMarks {
    private struct File {
        var device: UInt
        var inode: UInt
        var size: Int
        var seconds: Int
        var nanoseconds: Int

        init?(_ path: String) {
            var information = stat()
            guard stat(path, &information) == 0 else { return nil }
            device = UInt(information.st_dev)
            inode = UInt(information.st_ino)
            size = Int(information.st_size)
            seconds = information.st_mtim.tv_sec
            nanoseconds = information.st_mtim.tv_nsec
        }

        func isSameFile(as other: File) -> Bool { device == other.device && inode == other.inode }
    }

    private let path: String
    private let main: File?
    private let log: File?
    private let index: File?

    /// Reads the metadata of the files.
    ///
    /// - Parameter path: The database; its write-ahead log and the log's index are in the same folder.
    init(_ path: String) {
        self.path = path
        main = File(path)
        log = File(path + "-wal")
        index = File(path + "-shm")
    }

    /// How long the write-ahead log is, in bytes.
    var logBytes: Int { log?.size ?? 0 }

    /// Says which file was deleted or replaced since `old`; `nil` when all files are the same.
    func loss(since old: DatabaseMarks) -> String? {
        for (name, before, now) in [
            (path, old.main, main), (path + "-wal", old.log, log), (path + "-shm", old.index, index),
        ] {
            guard let before else { continue }
            guard let now else { return "\(name) was deleted" }
            if !now.isSameFile(as: before) { return "another file is in the place of \(name)" }
        }
        return nil
    }

    /// Whether the database's file changed or its write-ahead log became shorter.
    ///
    /// Then another program wrote to them, provided that this process moved nothing from the log into the database
    /// since `old`.
    func isChanged(since old: DatabaseMarks) -> Bool {
        guard let main, let before = old.main else { return true }
        return main.size != before.size || main.seconds != before.seconds || main.nanoseconds != before.nanoseconds
            || logBytes < old.logBytes
    }
}
