import Glibc

/// Opens files that the server reads or writes by name, and refuses everything that is no plain file: opening a pipe
/// waits for its other end, opening a device may have any effect, and a socket can't be opened.
package enum PlainFile {
    /// Why a file can't be opened.
    package struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
        /// The file.
        package var path: String
        /// What is wrong: the text of the system's error, or that it is no plain file.
        package var reason: String
        /// The value of `errno`; 0 when it is no plain file.
        package var code: Int32

        /// What is wrong with which file, and what to do.
        package var description: String {
            "can't open \(path): \(reason); move it away, or give this user the right to it"
        }
    }

    /// Opens a file without waiting.
    ///
    /// - Parameters:
    ///   - path: The file, or a link to it.
    ///   - flags: The flags of `open(2)`.
    ///   - mode: The permissions of a file that is created.
    /// - Returns: An open descriptor that child processes don't inherit; the caller must close it.
    /// - Throws: ``Failure``.
    package static func open(_ path: String, _ flags: Int32, mode: UInt32 = 0o600) throws(Failure) -> Int32 {
        // O_NONBLOCK: don't wait for the other end of a pipe. O_TRUNC follows below, if the file is plain.
        let descriptor = Glibc.open(path, flags & ~O_TRUNC | O_NONBLOCK | O_CLOEXEC | O_NOCTTY, mode)
        guard descriptor >= 0 else {
            // ENXIO: a pipe without a reader, or a socket.
            if errno == ENXIO { throw Failure(path: path, reason: Self.notPlain(kind(path)), code: 0) }
            throw Failure(path: path, reason: lastSystemError(), code: errno)
        }
        var information = stat()
        guard fstat(descriptor, &information) == 0, information.st_mode & S_IFMT == S_IFREG else {
            Glibc.close(descriptor)
            throw Failure(path: path, reason: notPlain(information.st_mode), code: 0)
        }
        if flags & O_TRUNC != 0, ftruncate(descriptor, 0) != 0 {
            let failure = Failure(path: path, reason: lastSystemError(), code: errno)
            Glibc.close(descriptor)
            throw failure
        }
        return descriptor
    }

    private static func kind(_ path: String) -> mode_t {
        var information = stat()
        return stat(path, &information) == 0 ? information.st_mode : 0
    }

    private static func notPlain(_ mode: mode_t) -> String {
        let kind =
            switch mode & S_IFMT {
            case S_IFIFO: "a pipe"
            case S_IFSOCK: "a socket"
            case S_IFDIR: "a folder"
            case S_IFCHR, S_IFBLK: "a device"
            default: "no plain file"
            }
        return "it is \(kind); only a plain file will do"
    }
}
