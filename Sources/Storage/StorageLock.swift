import Glibc
import Synchronization

/// Keeps a second process from serving the same database: an advisory lock on a file beside it.
///
/// The kernel lets go of it when the process ends, however it ends, so a killed server leaves nothing to clean up.
final class StorageLock: Sendable {
    private let descriptor: Mutex<Int32?>

    /// Takes the lock.
    ///
    /// - Parameter databasePath: The database; the lock's file is that plus `.lock`.
    /// - Throws: ``StorageError/inUse(path:)`` when another holder exists, ``StorageError/unusable(path:reason:)`` when
    ///   the file can't be made.
    init(databasePath: String) throws(StorageError) {
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

    /// Lets go of the lock; again is harmless.
    func release() {
        descriptor.withLock { file in
            if let open = file { Glibc.close(open) }
            file = nil
        }
    }
}
