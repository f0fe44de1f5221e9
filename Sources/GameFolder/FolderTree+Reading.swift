import Glibc

/// The system calls that list and read a game folder.
extension FolderTree {
    /// The names in a folder without `.` and `..`, ascending; `nil` with `errno` set when it can't be listed.
    static func list(_ directory: String) -> [String]? {
        guard let stream = opendir(directory) else { return nil }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                // POSIX: d_name ends with a zero byte within the entry.
                pointer.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// A path with links and `..` resolved; `nil` with `errno` set when nothing exists there.
    static func resolve(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// Reads a whole file of a folder; `nil` with `errno` set when that fails: `EFBIG` when the file is longer than
    /// allowed, `EXDEV` when it is outside the folder (through a link), `EINVAL` when it is no ordinary file.
    ///
    /// - Parameters:
    ///   - path: The path within the folder.
    ///   - directory: The folder.
    ///   - maxBytes: The longest file that is read.
    /// - Returns: The bytes of the file, or `nil`.
    static func read(_ path: String, in directory: String, maxBytes: Int) -> [UInt8]? {
        guard let root = resolve(directory), let target = resolve("\(directory)/\(path)") else { return nil }
        guard target.hasPrefix(root.hasSuffix("/") ? root : root + "/") else {
            errno = EXDEV
            return nil
        }
        // O_NONBLOCK: if the file is a pipe, `open` must not wait for its other end.
        let descriptor = open(target, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var information = stat()
        guard fstat(descriptor, &information) == 0 else { return nil }
        guard information.st_mode & S_IFMT == S_IFREG else {
            errno = EINVAL
            return nil
        }
        return read(descriptor, maxBytes: maxBytes)
    }

    private static func read(_ descriptor: Int32, maxBytes: Int) -> [UInt8]? {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            if count == 0 { return bytes }
            bytes.append(contentsOf: chunk[..<count])
            if bytes.count > maxBytes {
                errno = EFBIG
                return nil
            }
        }
    }
}

/// The text of `errno`.
func lastSystemError() -> String { String(cString: strerror(errno)) }
