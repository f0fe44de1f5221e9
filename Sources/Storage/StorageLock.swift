import Glibc
import Synchronization

/// Keeps a second process from using the same database, with an advisory lock on a file in the same folder.
///
/// The kernel releases the lock when the process ends for any reason, so a killed server leaves nothing to clean up.
package final class StorageLock: Sendable {
    private let descriptor: Mutex<Int32?>

    /// Acquires the lock.
    ///
    /// - Parameter databasePath: The database; the name of the lock file is this path plus `.lock`.
    /// - Throws: ``StorageError/inUse(path:)`` when another process or object has the lock,
    ///   ``StorageError/unusable(path:reason:)`` when the file can't be made or locked.
    package init(databasePath: String) throws(StorageError) {
        let file = open(databasePath + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            throw .unusable(path: databasePath, reason: String(cString: strerror(errno)))
        }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            Glibc.close(file)
            if code == EWOULDBLOCK { throw .inUse(path: databasePath) }
            throw .unusable(path: databasePath, reason: String(cString: strerror(code)))
        }
        descriptor = Mutex(file)
    }

    deinit { release() }

    /// Releases the lock; may be called again.
    package func release() {
        descriptor.withLock { file in
            if let open = file { Glibc.close(open) }
            file = nil
        }
    }
}
