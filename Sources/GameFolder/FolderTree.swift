import Glibc

/// The files of a game folder, by their paths within it.
struct FolderTree {
    /// Paths with `/`, ascending.
    private(set) var files: [String] = []
    /// Problems with what can't be listed or read: files, links, and folders (whose paths end in `/`).
    private(set) var problems: [GameFolderProblem] = []
    /// The names directly in the game folder.
    private(set) var topLevel: Set<String> = []

    /// Folders of the game's client: their files are sent to browsers and never read as scripts or maps.
    static let servedFolders: Set<String> = ["client", "music"]
    /// Folders that are no part of the running game: served ones, the tests of scripts, definitions for editors.
    static let ignoredFolders: Set<String> = servedFolders.union(["tests", "stubs"])
    /// The files and folders at the top level that the server reads a game from.
    static let ownPlaces: Set<String> = ownFolders.union(["game.yaml"])
    /// The folders among ``ownPlaces``.
    private static let ownFolders: Set<String> = FilePlace.scriptFolders.union(["maps"])
    /// How many levels of folders are listed: enough for every place that is read, and to report what is too deep.
    static let maxDepth = 6
    /// How many files are listed; a folder with more is most likely not a game folder.
    static let maxFiles = 20_000

    /// Whether a part of the game was left out because ``maxFiles`` was reached; listing stops then.
    private var isFull = false
    /// The game folder's path with links and `..` resolved, with `/` at its end.
    private let root: String

    /// A text that a file is taken to have, whatever the folder has; `nil` for the folder as it is.
    private var replacement: FileReplacement?

    /// The folder itself, whatever its path leads to by now: all files are read from one release.
    var place: String { root.count > 1 ? String(root.dropLast()) : root }

    /// Lists a folder. Hidden files and the backup files of editors are left out; a symbolic link is followed when its
    /// target is inside the game folder.
    init(directory: String) throws(GameFolderError) {
        var information = stat()
        guard stat(directory, &information) == 0, let root = Self.resolve(directory) else {
            if errno == ENOENT { throw .missing(directory: directory) }
            throw .unreadable(directory: directory, reason: lastSystemError())
        }
        guard information.st_mode & S_IFMT == S_IFDIR else { throw .notAFolder(directory: directory) }
        guard let names = Self.list(root) else {
            throw .unreadable(directory: directory, reason: lastSystemError())
        }
        self.root = root.hasSuffix("/") ? root : root + "/"
        topLevel = Set(names)
        // The game's own places first, so that many other files can't use up `maxFiles` before them.
        add(names.filter(Self.ownPlaces.contains), of: root, prefix: "", depth: 1)
        add(names.filter { !Self.ownPlaces.contains($0) }, of: root, prefix: "", depth: 1)
        files.sort()
    }

    /// Takes a file to have another text than it has, or to exist though it does not; nothing happens for a file in a
    /// folder that is no part of the game.
    mutating func replace(_ file: FileReplacement) {
        guard !Self.isIgnoredPlace(file.path) else { return }
        replacement = file
        problems.removeAll { $0.file == file.path }
        topLevel.insert(String(file.path.prefix { $0 != "/" }))
        guard !files.contains(file.path) else { return }
        files.append(file.path)
        files.sort()
    }

    /// Reads one of the files.
    ///
    /// - Parameters:
    ///   - path: The path within the folder.
    ///   - thing: What the file is, with an article, for messages: `a map`.
    ///   - maxBytes: The greatest length of such a file.
    /// - Returns: The bytes of the file.
    /// - Throws: A problem that says why the file can't be read.
    func contents(_ path: String, as thing: String, maxBytes: Int) throws(GameFolderProblem) -> [UInt8] {
        guard let replacement, replacement.path == path else {
            return try GameFolder.read(path, in: place, as: thing, maxBytes: maxBytes)
        }
        guard replacement.bytes.count <= maxBytes else { throw .tooLong(path, thing, maxBytes) }
        return replacement.bytes
    }

    /// Whether a file, or a folder that it is in, is among ``problems``: it exists and can't be read.
    func isBroken(_ path: String) -> Bool { problem(with: path) != nil }

    /// The problem with a file or folder (whose path ends in `/`), or with a folder that it is in; `nil` when there is
    /// none.
    func problem(with path: String) -> GameFolderProblem? {
        problems.first { $0.file == path || path.hasPrefix($0.file.hasSuffix("/") ? $0.file : $0.file + "/") }
    }

    private mutating func add(_ names: [String], of directory: String, prefix: String, depth: Int) {
        for name in names where !Self.isIgnored(name) && !isFull {
            if depth == 1, Self.ignoredFolders.contains(name) { continue }
            guard let type = type(of: name, in: directory, prefix: prefix) else { continue }
            let inside = prefix + name
            if type == S_IFREG, Self.ownFolders.contains(inside) {
                complain(inside, "a file in the place of a folder; remove it, and put the folder \(inside)/ here")
            } else if type == S_IFREG {
                if files.count < Self.maxFiles {
                    files.append(inside)
                } else if Self.isOwn(inside) {
                    complain(
                        prefix,
                        "the game folder has more than \(Self.maxFiles) files; the rest is not read: remove some")
                    isFull = true
                }
            } else if type != S_IFDIR {
                if Self.isOwn(inside) { complain(inside, "not an ordinary file; put one here") }
            } else if name.hasSuffix(".lua") || name.hasSuffix(".tmj") || inside == "game.yaml" {
                complain(inside, "a folder with the name of a file; rename the folder")
            } else if depth == Self.maxDepth {
                if Self.isOwn(inside) { complain("\(inside)/", "too deep; nothing is read from here") }
            } else if let inner = Self.list("\(directory)/\(name)") {
                add(inner, of: "\(directory)/\(name)", prefix: "\(inside)/", depth: depth + 1)
            } else if errno != ENOENT, Self.isOwn(inside) {
                complain("\(inside)/", "can't be read (\(lastSystemError())); allow the server's user to read it")
            }
        }
    }

    private mutating func complain(_ path: String, _ message: String) {
        problems.append(GameFolderProblem(file: path, message: message))
    }

    /// The file type of a name, for a link that of its target; `nil` when it must not be read, or was deleted. Adds a
    /// problem when a link or a name that must not be read would be a part of the game.
    private mutating func type(of name: String, in directory: String, prefix: String) -> mode_t? {
        let path = "\(directory)/\(name)"
        let inside = prefix + name
        var information = stat()
        guard lstat(path, &information) == 0 else {
            // When a name is not UTF-8, `list` put U+FFFD into it, so no file has the resulting name.
            if name.contains("\u{FFFD}"), Self.isOwn(inside) {
                complain(inside, "its name is not UTF-8; rename it")
            }
            // The file was deleted after it was listed; the watcher reports it if it is made again.
            return nil
        }
        guard information.st_mode & S_IFMT == S_IFLNK else { return information.st_mode & S_IFMT }
        var message: String
        if let target = Self.resolve(path), stat(path, &information) == 0 {
            if (target + "/").hasPrefix(root) {
                let isFolder = information.st_mode & S_IFMT == S_IFDIR
                guard isFolder, let here = Self.resolve(directory), (here + "/").hasPrefix(target + "/") else {
                    return information.st_mode & S_IFMT
                }
                message = "a link to a folder that it stands in; remove it"
            } else {
                message = "a link to \(target), outside the game folder; put the file itself here"
            }
        } else {
            message = "a link that leads nowhere (\(lastSystemError())); mend or remove it"
        }
        if Self.isOwn(inside) { complain(inside, message) }
        return nil
    }

    /// Whether a path is in a folder that is no part of the running game.
    static func isIgnoredPlace(_ path: String) -> Bool { ignoredFolders.contains { path.hasPrefix($0 + "/") } }

    /// Whether a path, by its name and folder, is meant as a part of the game.
    private static func isOwn(_ path: String) -> Bool {
        path.split(separator: "/").first.map { ownPlaces.contains(String($0)) } ?? false || path.hasSuffix(".lua")
            || path.hasSuffix(".tmj")
    }

    /// Whether a name is that of a hidden file, or of one that an editor makes beside the file that it edits. Vim makes
    /// the file `4913` to test whether it can write into a folder.
    static func isIgnored(_ name: some StringProtocol) -> Bool {
        name.hasPrefix(".") || name.hasPrefix("#") || name.hasSuffix("~") || name.hasSuffix(".swp")
            || name.hasSuffix(".bak") || name.hasSuffix(".orig") || name.hasSuffix(".rej") || name.hasSuffix(".tmp")
            || name == "4913"
    }
}

extension GameFolderProblem {
    /// The problem with a file that has more bytes than allowed.
    static func tooLong(_ path: String, _ thing: String, _ maxBytes: Int) -> GameFolderProblem {
        GameFolderProblem(
            file: path, message: "longer than \(maxBytes) bytes, all that \(thing) may have; shorten or split it")
    }
}
