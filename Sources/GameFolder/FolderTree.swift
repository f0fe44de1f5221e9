import Glibc

/// The files of a game folder, by their paths within it.
struct FolderTree {
    /// Paths with `/`, ascending.
    private(set) var files: [String] = []
    /// Folders that can't be listed.
    private(set) var problems: [GameFolderProblem] = []
    /// Names directly in the folder.
    private(set) var topLevel: Set<String> = []

    /// Folders of the game's client: served as they are, never read as scripts or maps.
    static let servedFolders: Set<String> = ["client", "music"]
    /// How deep folders are listed: enough for every place that counts, and for telling somebody what is too deep.
    static let maxDepth = 6
    /// How many files are listed; a folder with more is surely not a game's.
    static let maxFiles = 20_000

    /// Lists a folder; symbolic links are followed, hidden files and what editors leave behind are left out.
    init(directory: String) throws(GameFolderError) {
        var information = stat()
        guard stat(directory, &information) == 0 else {
            if errno == ENOENT { throw .missing(directory: directory) }
            throw .unreadable(directory: directory, reason: lastSystemError())
        }
        guard information.st_mode & S_IFMT == S_IFDIR else { throw .notAFolder(directory: directory) }
        guard let names = Self.list(directory) else {
            throw .unreadable(directory: directory, reason: lastSystemError())
        }
        topLevel = Set(names)
        add(names, of: directory, prefix: "", depth: 1)
        files.sort()
    }

    private mutating func add(_ names: [String], of directory: String, prefix: String, depth: Int) {
        for name in names where !Self.isIgnored(name) {
            let path = "\(directory)/\(name)"
            var information = stat()
            // What is gone by now is deleted; the watcher reports it again if it comes back.
            guard stat(path, &information) == 0 else { continue }
            if information.st_mode & S_IFMT == S_IFREG {
                if files.count < Self.maxFiles { files.append(prefix + name) }
            } else if information.st_mode & S_IFMT == S_IFDIR, depth < Self.maxDepth {
                if depth == 1, Self.servedFolders.contains(name) { continue }
                if let inner = Self.list(path) {
                    add(inner, of: path, prefix: "\(prefix)\(name)/", depth: depth + 1)
                } else if errno != ENOENT {
                    problems.append(
                        GameFolderProblem(
                            file: "\(prefix)\(name)/",
                            message: "can't be read (\(lastSystemError())); allow this user to"))
                }
            }
        }
    }

    /// Whether a name is a hidden file, or one that an editor makes beside the file it edits.
    static func isIgnored(_ name: some StringProtocol) -> Bool {
        name.hasPrefix(".") || name.hasPrefix("#") || name.hasSuffix("~") || name.hasSuffix(".swp")
            || name.hasSuffix(".bak") || name.hasSuffix(".orig") || name.hasSuffix(".rej") || name.hasSuffix(".tmp")
            || name == "4913"
    }

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

    /// Reads a whole file; `nil` with `errno` set when that fails, `EFBIG` when it is longer than allowed.
    static func read(_ path: String, maxBytes: Int) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
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
