import Glibc

/// Opens files that the server reads or writes by name, and nothing else that may stand in their place: opening a pipe
/// waits for its other end, a device may do anything, and a socket can't be opened.
package enum PlainFile {
    /// Why a file can't be opened.
    package struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
        /// The file.
        package var path: String
        /// What is wrong: the system's word, or that it is no plain file.
        package var reason: String
        /// The system's number for it; 0 when it is no plain file.
        package var code: Int32

        /// What is wrong with which file, and what to do.
        package var description: String {
            "can't open \(path): \(reason); move it away, or give this user the right to it"
        }
    }

    /// Opens a file at once.
    ///
    /// - Parameters:
    ///   - path: The file; a link to one will do.
    ///   - flags: What to open it for, as for `open`.
    ///   - mode: The rights of a file that is made.
    /// - Returns: An open descriptor that children don't inherit, to be closed by the caller.
    /// - Throws: ``Failure``.
    package static func open(_ path: String, _ flags: Int32, mode: UInt32 = 0o600) throws(Failure) -> Int32 {
        // Without a wait for the other end of a pipe. Truncation comes after the look at what it is.
        let descriptor = Glibc.open(path, flags & ~O_TRUNC | O_NONBLOCK | O_CLOEXEC | O_NOCTTY, mode)
        guard descriptor >= 0 else {
            // A pipe without a reader, and a socket.
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
