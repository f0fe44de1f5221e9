import Glibc

/// The files of a game folder, by their paths within it.
struct FolderTree {
    /// Paths with `/`, ascending.
    private(set) var files: [String] = []
    /// What can't be listed or read: files, folders with `/` at their end, and links to either.
    private(set) var problems: [GameFolderProblem] = []
    /// Names directly in the folder.
    private(set) var topLevel: Set<String> = []

    /// Folders of the game's client: served as they are, never read as scripts or maps.
    static let servedFolders: Set<String> = ["client", "music"]
    /// Folders that the game does not consist of: served ones, the scripts' own tests, definitions for editors.
    static let ignoredFolders: Set<String> = servedFolders.union(["tests", "stubs"])
    /// Where everything stands that a game is made of.
    static let ownPlaces: Set<String> = FilePlace.scriptFolders.union(["maps", "game.yaml"])
    /// How deep folders are listed: enough for every place that counts, and for telling somebody what is too deep.
    static let maxDepth = 6
    /// How many files are listed; a folder with more is surely not a game's.
    static let maxFiles = 20_000

    /// Whether there are more files than are listed.
    private var isFull = false
    /// The folder without links and `..`, with `/` at its end.
    private let root: String

    /// Lists a folder. Hidden files and what editors leave behind are left out; symbolic links are followed when they
    /// stay in the folder.
    init(directory: String) throws(GameFolderError) {
        var information = stat()
        guard stat(directory, &information) == 0, let root = Self.resolve(directory) else {
            if errno == ENOENT { throw .missing(directory: directory) }
            throw .unreadable(directory: directory, reason: lastSystemError())
        }
        guard information.st_mode & S_IFMT == S_IFDIR else { throw .notAFolder(directory: directory) }
        guard let names = Self.list(directory) else {
            throw .unreadable(directory: directory, reason: lastSystemError())
        }
        self.root = root.hasSuffix("/") ? root : root + "/"
        topLevel = Set(names)
        // The game's own places first: however much stands beside them, they are listed whole.
        add(names.filter(Self.ownPlaces.contains), of: directory, prefix: "", depth: 1)
        add(names.filter { !Self.ownPlaces.contains($0) }, of: directory, prefix: "", depth: 1)
        files.sort()
    }

    /// Whether a file is there that can't be read, or stands in a folder that can't.
    func isBroken(_ path: String) -> Bool {
        problems.contains { $0.file == path || path.hasPrefix($0.file.hasSuffix("/") ? $0.file : $0.file + "/") }
    }

    private mutating func add(_ names: [String], of directory: String, prefix: String, depth: Int) {
        for name in names where !Self.isIgnored(name) && !isFull {
            if depth == 1, Self.ignoredFolders.contains(name) { continue }
            guard let type = type(of: name, in: directory, prefix: prefix) else { continue }
            let inside = prefix + name
            if type == S_IFREG {
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
                complain(inside, "a folder; rename it, only files are named like that")
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

    /// What something is, for a link what it points at; `nil` when it is not to be read, which is a problem where it
    /// would have been part of the game.
    private mutating func type(of name: String, in directory: String, prefix: String) -> mode_t? {
        let path = "\(directory)/\(name)"
        let inside = prefix + name
        var information = stat()
        guard lstat(path, &information) == 0 else {
            // A name that is not UTF-8 was repaired when it was listed, so there is no such file.
            if name.contains("\u{FFFD}"), Self.isOwn(inside) {
                complain(inside, "its name is not UTF-8; rename it")
            }
            // What is gone by now is deleted; the watcher reports it again if it comes back.
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

    /// Whether something is, by its name and place, meant as a part of the game.
    private static func isOwn(_ path: String) -> Bool {
        path.split(separator: "/").first.map { ownPlaces.contains(String($0)) } ?? false || path.hasSuffix(".lua")
            || path.hasSuffix(".tmj")
    }

    /// Whether a name is a hidden file, or one that an editor makes beside the file it edits.
    static func isIgnored(_ name: some StringProtocol) -> Bool {
        name.hasPrefix(".") || name.hasPrefix("#") || name.hasSuffix("~") || name.hasSuffix(".swp")
            || name.hasSuffix(".bak") || name.hasSuffix(".orig") || name.hasSuffix(".rej") || name.hasSuffix(".tmp")
            || name == "4913"
    }
}
