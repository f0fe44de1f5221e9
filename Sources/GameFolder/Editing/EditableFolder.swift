import Glibc

/// A game folder whose files an operator reads and changes one by one.
///
/// A file is replaced as a whole: it is written beside itself under a hidden name and then renamed, so that the server
/// never reads half of it. No path leads out of the folder, whatever links are in it.
///
/// Its functions block the thread; don't call them on an event loop. The caller sees to it that only one of them runs
/// at a time.
package struct EditableFolder: Sendable {
    /// The longest file that can be read or written, in bytes: 1 MiB.
    package static let maxBytes = 1 << 20

    /// A file in the list.
    package struct Entry: Sendable, Equatable {
        /// The path within the folder.
        package var path: EditablePath
        /// Its length in bytes.
        package var bytes: Int
    }

    /// The folder.
    package let directory: String

    /// Makes a value for a folder.
    ///
    /// - Parameter directory: The folder; it may be a link.
    package init(directory: String) { self.directory = directory }

    // MARK: - Reading

    /// The texts in the folder by ascending path, also those that the server does not read, such as tests; at most
    /// ``FolderTree/maxFiles``.
    ///
    /// - Throws: ``EditError/refused(_:_:)`` when the folder can't be listed.
    package func list() throws(EditError) -> [Entry] {
        guard let root = FolderTree.resolve(directory) else { throw systemRefusal("the game folder") }
        var entries: [Entry] = []
        list(root + "/", "", depth: 1, root: root, &entries)
        return entries.sorted { $0.path.text < $1.path.text }
    }

    private func list(_ folder: String, _ prefix: String, depth: Int, root: String, _ entries: inout [Entry]) {
        for name in FolderTree.list(folder) ?? [] where entries.count < FolderTree.maxFiles {
            guard !FolderTree.isIgnored(name) else { continue }
            var information = stat()
            guard lstat(folder + name, &information) == 0 else { continue }
            if information.st_mode & S_IFMT == S_IFLNK {
                guard let target = FolderTree.resolve(folder + name), target.hasPrefix(root + "/"),
                    stat(target, &information) == 0,
                    // A link to a folder around it would be listed without end.
                    !(folder + name).hasPrefix(target + "/")
                else { continue }
            }
            switch information.st_mode & S_IFMT {
            case S_IFDIR where depth < FolderTree.maxDepth:
                list("\(folder)\(name)/", "\(prefix)\(name)/", depth: depth + 1, root: root, &entries)
            case S_IFREG:
                guard let path = try? EditablePath(prefix + name) else { continue }
                entries.append(Entry(path: path, bytes: Int(information.st_size)))
            default: continue
            }
        }
    }

    /// Reads a file.
    ///
    /// - Parameter path: The file.
    /// - Returns: Its bytes, UTF-8 without a zero byte; `nil` when there is no such file.
    /// - Throws: ``EditError``.
    package func read(_ path: EditablePath) throws(EditError) -> [UInt8]? {
        guard let bytes = FolderTree.read(path.text, in: directory, maxBytes: Self.maxBytes) else {
            switch errno {
            case ENOENT, ENOTDIR: return nil
            case EFBIG: throw .tooLarge(path.text, bytes: size(path))
            case EXDEV: throw .refused(path.text, "a link that leads out of the game folder")
            case EINVAL: throw .refused(path.text, "no plain file")
            default: throw systemRefusal(path.text)
            }
        }
        guard Self.isText(bytes) else { throw .notText(path.text) }
        return bytes
    }

    private func size(_ path: EditablePath) -> Int {
        var information = stat()
        return stat("\(directory)/\(path.text)", &information) == 0 ? Int(information.st_size) : Self.maxBytes + 1
    }

    /// Whether bytes are a text: UTF-8 without a zero byte.
    package static func isText(_ bytes: [UInt8]) -> Bool {
        !bytes.contains(0) && String(validating: bytes, as: UTF8.self) != nil
    }

    // MARK: - Changing

    /// Writes a file, a new one or in the place of the one that is there; makes the folders on its path.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - bytes: The new text.
    ///   - isNew: Whether it must not exist; else it must.
    /// - Throws: ``EditError``.
    package func write(_ path: EditablePath, _ bytes: [UInt8], isNew: Bool) throws(EditError) {
        guard bytes.count <= Self.maxBytes else { throw .tooLarge(path.text, bytes: bytes.count) }
        guard Self.isText(bytes) else { throw .notText(path.text) }
        if isNew { try checkClash(path, except: nil) }
        let folder = try openFolder(of: path, making: isNew)
        defer { close(folder) }
        let name = path.parts[path.parts.count - 1]
        let mode = try isNew ? 0o644 : plainMode(of: name, in: folder, path)
        let temporary = ".perigee-\(UInt64.random(in: 0...UInt64.max)).tmp"
        let file = openat(folder, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
        guard file >= 0 else { throw systemRefusal(path.text) }
        let isWritten = Self.write(bytes, to: file) && fchmod(file, mode) == 0 && fsync(file) == 0
        let failure: EditError? = isWritten ? nil : systemRefusal(path.text)
        close(file)
        if let failure {
            unlinkat(folder, temporary, 0)
            throw failure
        }
        // `linkat` fails when the name is taken meanwhile; `renameat` replaces what has the name.
        let isThere =
            isNew
            ? linkat(folder, temporary, folder, name, 0) == 0 : renameat(folder, temporary, folder, name) == 0
        let code = errno
        if isNew || !isThere { unlinkat(folder, temporary, 0) }
        guard isThere else {
            if code == EEXIST { throw .exists(path.text) }
            throw Self.refusal(path.text, code)
        }
        fsync(folder)
    }

    /// Deletes a file, and the folders on its path that are empty then.
    ///
    /// - Parameter path: The file.
    /// - Throws: ``EditError``.
    package func remove(_ path: EditablePath) throws(EditError) {
        let folder = try openFolder(of: path, making: false)
        defer { close(folder) }
        guard unlinkat(folder, path.parts[path.parts.count - 1], 0) == 0 else {
            if errno == ENOENT { throw .missing(path.text) }
            throw systemRefusal(path.text)
        }
        removeEmptyFolders(above: path)
    }

    /// Gives a file another path.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - other: Its new path, which must be free.
    /// - Throws: ``EditError``.
    package func rename(_ path: EditablePath, to other: EditablePath) throws(EditError) {
        try checkClash(other, except: path)
        let from = try openFolder(of: path, making: false)
        defer { close(from) }
        let name = path.parts[path.parts.count - 1]
        _ = try plainMode(of: name, in: from, path)
        let to = try openFolder(of: other, making: true)
        defer { close(to) }
        // A link and then removing the former name: `renameat` would replace a file that was made meanwhile.
        guard linkat(from, name, to, other.parts[other.parts.count - 1], 0) == 0 else {
            let code = errno
            removeEmptyFolders(above: other)
            if code == EEXIST { throw .exists(other.text) }
            throw Self.refusal(other.text, code)
        }
        guard unlinkat(from, name, 0) == 0 else { throw systemRefusal(path.text) }
        removeEmptyFolders(above: path)
    }

    /// Refuses a new path that differs from an existing file or folder only in case.
    private func checkClash(_ path: EditablePath, except former: EditablePath?) throws(EditError) {
        var folder = directory
        for (index, part) in path.parts.enumerated() {
            let isLast = index == path.parts.count - 1
            for name in FolderTree.list(folder) ?? [] where name.lowercased() == part.lowercased() {
                let found = (path.parts[..<index] + [name]).joined(separator: "/")
                if isLast ? found != former?.text : name != part { throw .exists(found) }
            }
            folder += "/\(part)"
        }
    }

    /// The permissions of a file, which must be a plain one and no link.
    private func plainMode(of name: String, in folder: Int32, _ path: EditablePath) throws(EditError) -> mode_t {
        var information = stat()
        guard fstatat(folder, name, &information, AT_SYMLINK_NOFOLLOW) == 0 else {
            if errno == ENOENT { throw .missing(path.text) }
            throw systemRefusal(path.text)
        }
        guard information.st_mode & S_IFMT == S_IFREG else {
            throw .refused(path.text, "a link or no plain file; change the file to which it leads")
        }
        // A file that this user must not write is refused, though the folder would let it be replaced.
        guard faccessat(folder, name, W_OK, 0) == 0 else { throw systemRefusal(path.text) }
        return information.st_mode & 0o777
    }

    /// Opens the folder of a file. The path is resolved first, as links inside the folder are allowed; then each part
    /// is opened without following links, so that none that is made meanwhile leads out of the folder.
    private func openFolder(of path: EditablePath, making: Bool) throws(EditError) -> Int32 {
        guard let root = FolderTree.resolve(directory) else { throw systemRefusal("the game folder") }
        var parts = path.parts.dropLast()[...]
        var existing: [String] = []
        while let part = parts.first,
            FolderTree.resolve((["\(root)"] + existing + [part]).joined(separator: "/")) != nil
        {
            existing.append(part)
            parts = parts.dropFirst()
        }
        guard let place = FolderTree.resolve(([root] + existing).joined(separator: "/")) else {
            throw systemRefusal(path.text)
        }
        guard place == root || place.hasPrefix(root + "/") else {
            throw .refused(path.text, "a link that leads out of the game folder")
        }
        var folder = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw systemRefusal(path.text) }
        let inner = place.dropFirst(root.count).split(separator: "/").map(String.init)
        for (part, isMade) in inner.map({ ($0, false) }) + parts.map({ ($0, true) }) {
            if isMade {
                guard making else {
                    close(folder)
                    throw .missing(path.text)
                }
                if mkdirat(folder, part, 0o755) != 0, errno != EEXIST {
                    defer { close(folder) }
                    throw systemRefusal(path.text)
                }
            }
            let next = openat(folder, part, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
            guard next >= 0 else {
                defer { close(folder) }
                throw systemRefusal(path.text)
            }
            close(folder)
            folder = next
        }
        return folder
    }

    /// Removes the folders of a path from the inside out, as long as they are empty; the folders of the game at the top
    /// stay.
    private func removeEmptyFolders(above path: EditablePath) {
        guard let root = FolderTree.resolve(directory) else { return }
        var parts = path.parts.dropLast()
        while parts.count > 1, let folder = FolderTree.resolve(([root] + parts).joined(separator: "/")),
            folder.hasPrefix(root + "/"), rmdir(folder) == 0
        {
            parts = parts.dropLast()
        }
    }

    private static func write(_ bytes: [UInt8], to file: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    private func systemRefusal(_ path: String) -> EditError { Self.refusal(path, errno) }

    private static func refusal(_ path: String, _ code: Int32) -> EditError {
        let reason = String(cString: strerror(code))
        switch code {
        case EROFS: return .refused(path, "the game folder is on a read-only file system, so nothing can be saved")
        case EACCES, EPERM:
            return .refused(path, "can't be changed (\(reason)); allow the server's user to write it and its folder")
        case ENOTDIR, ELOOP:
            return .refused(path, "a part of the path is no folder (\(reason))")
        default: return .refused(path, reason)
        }
    }
}
