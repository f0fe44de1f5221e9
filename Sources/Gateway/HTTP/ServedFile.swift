import Glibc
import NIOCore

/// A regular file as it was found; it is opened again for each part, so that a slow client does not keep a file
/// descriptor open.
struct ServedFile: Sendable {
    /// Identifies the content: the version changes when the file is written to or replaced.
    struct Version: Hashable, Sendable {
        fileprivate var device: UInt64
        fileprivate var node: UInt64
        fileprivate var size: Int
        fileprivate var seconds: Int
        fileprivate var nanoseconds: Int
        fileprivate var changedSeconds: Int
        fileprivate var changedNanoseconds: Int
    }

    /// The file was written to, replaced or removed since it was found.
    struct Changed: Error {}

    /// The version of the file.
    let version: Version
    /// The size of the file in bytes.
    var size: Int { version.size }
    private let path: String

    /// Finds a regular file below a folder; `nil` if no such file exists. It blocks on the disk.
    ///
    /// - Parameters:
    ///   - root: The folder.
    ///   - path: The file, relative to the folder.
    init?(root: String, path: String) {
        guard let realRoot = Self.real(root), let realFile = Self.real(root + "/" + path),
            realFile.hasPrefix(realRoot == "/" ? "/" : realRoot + "/")
        else { return nil }
        guard let version = Self.withOpen(realFile, { _, version in version }) else { return nil }
        self.path = realFile
        self.version = version
    }

    /// Reads a part. It blocks on the disk.
    ///
    /// - Parameters:
    ///   - offset: The start of the part, in bytes.
    ///   - count: The length of the part, in bytes.
    /// - Returns: The part, not empty; shorter at the end of the file.
    /// - Throws: ``Changed``.
    func read(at offset: Int, _ count: Int) throws(Changed) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: min(count, size - offset))
        let isRead = Self.withOpen(path) { descriptor, version in
            guard version == self.version else { return false }
            let found = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: 0) { bytes in
                max(0, pread(descriptor, bytes.baseAddress, min(bytes.count, count), off_t(offset)))
            }
            return found > 0
        }
        guard isRead == true else { throw Changed() }
        return buffer
    }

    /// Opens a file and calls `body` with its descriptor; returns `nil` when it is not a regular file.
    private static func withOpen<Result>(_ path: String, _ body: (CInt, Version) -> Result) -> Result? {
        // `O_NONBLOCK`, because opening a FIFO would block.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return body(
            descriptor,
            Version(
                device: UInt64(status.st_dev), node: UInt64(status.st_ino), size: Int(status.st_size),
                seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec,
                changedSeconds: status.st_ctim.tv_sec, changedNanoseconds: status.st_ctim.tv_nsec))
    }

    private static func real(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
