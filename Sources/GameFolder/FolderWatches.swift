import Glibc

/// The inotify watches on a game folder, on all folders in it, and on the folder that contains it.
struct FolderWatches {
    let directory: String
    let inotify: Descriptor
    /// The watched folders within the game folder, by watch number; the game folder itself is "".
    private var folders: [Int32: String] = [:]
    /// The watch on the folder that contains the game folder, or on its nearest ancestor that exists.
    private var parent: Int32 = -1

    init(directory: String, inotify: Descriptor) {
        var directory = Substring(directory)
        while directory.count > 1, directory.last == "/" { directory.removeLast() }
        self.directory = String(directory)
        self.inotify = inotify
    }

    private static let changes = UInt32(
        IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF)
    private static let arrivals = UInt32(IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_MOVED_FROM | IN_DELETE_SELF)

    /// Adds watches for all folders that exist now, and removes those of other folders.
    ///
    /// - Throws: An error when the game folder does not exist or can't be watched.
    mutating func rescan() throws(GameFolderError) {
        watchParent()
        let old = folders
        folders = [:]
        let isThere = add("", depth: 0)
        let reason = lastSystemError()
        for (watch, _) in old where folders[watch] == nil { inotify_rm_watch(inotify.value, watch) }
        guard isThere else {
            if access(directory, F_OK) != 0 { throw .missing(directory: directory) }
            throw .unwatchable(directory: directory, reason: reason)
        }
    }

    /// Watches a folder before listing it, so that a new folder in it is found by the watch, the listing or both.
    private mutating func add(_ folder: String, depth: Int) -> Bool {
        let path = folder.isEmpty ? directory : "\(directory)/\(folder)"
        let watch = inotify_add_watch(inotify.value, path, Self.changes | UInt32(IN_ONLYDIR))
        guard watch >= 0 else { return false }
        // A folder that is also reached through a symbolic link has the same watch number, and is entered only once.
        guard folders.updateValue(folder, forKey: watch) == nil, depth < FolderTree.maxDepth else { return true }
        for name in FolderTree.list(path) ?? [] where !FolderTree.isIgnored(name) {
            if folder.isEmpty, FolderTree.ignoredFolders.contains(name) { continue }
            var information = stat()
            guard stat("\(path)/\(name)", &information) == 0, information.st_mode & S_IFMT == S_IFDIR else { continue }
            _ = add(folder.isEmpty ? name : "\(folder)/\(name)", depth: depth + 1)
        }
        return true
    }

    /// Watches the folder that contains the game folder, to notice when a deleted game folder is made again.
    private mutating func watchParent() {
        var path = directory
        var watch: Int32 = -1
        while watch < 0 {
            guard path != "/", path != "." else { break }
            if let slash = path.lastIndex(of: "/") {
                path = slash == path.startIndex ? "/" : String(path[..<slash])
            } else {
                path = "."
            }
            watch = inotify_add_watch(inotify.value, path, Self.arrivals | UInt32(IN_ONLYDIR))
        }
        if parent >= 0, parent != watch { inotify_rm_watch(inotify.value, parent) }
        parent = watch
    }

    /// Reads all waiting events.
    ///
    /// - Returns: Whether one of them changes the game.
    mutating func takeEvents() -> Bool {
        let wasThere = !folders.isEmpty
        var isChange = false
        var mustRescan = false
        // The buffer must hold the longest event (inotify(7)).
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = read(inotify.value, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            for event in Self.events(buffer[..<count]) {
                if event.watch == parent, folders[event.watch] == nil {
                    // The parent has other files too; without a game folder, only a rescan shows whether it is back.
                    if event.name == directory.split(separator: "/").last.map(String.init) || !wasThere {
                        mustRescan = true
                        if wasThere { isChange = true }
                    }
                } else if matters(event) {
                    isChange = true
                    if event.mask & UInt32(IN_ISDIR | IN_Q_OVERFLOW | IN_DELETE_SELF | IN_MOVE_SELF) != 0 {
                        mustRescan = true
                    }
                }
            }
        }
        if mustRescan {
            do throws(GameFolderError) {
                try rescan()
                if !wasThere { isChange = true }
            } catch {
                // The game folder does not exist. The load after `onChange` reports that; the parent is still watched.
            }
        }
        return isChange
    }

    /// One inotify event.
    struct Event {
        var watch: Int32
        var mask: UInt32
        var name: String
    }

    /// Parses events. Layout of `struct inotify_event`, in the byte order of this machine:
    ///
    /// | offset | size | meaning |
    /// | --- | --- | --- |
    /// | 0 | 4 | watch number |
    /// | 4 | 4 | mask |
    /// | 8 | 4 | cookie |
    /// | 12 | 4 | length of the name, which is padded with zero bytes |
    /// | 16 | length | name |
    static func events(_ bytes: ArraySlice<UInt8>) -> [Event] {
        var events: [Event] = []
        bytes.withUnsafeBytes { raw in
            var offset = 0
            while offset + 16 <= raw.count {
                let length = Int(raw.loadUnaligned(fromByteOffset: offset + 12, as: UInt32.self))
                guard offset + 16 + length <= raw.count else { return }
                let name = raw[offset + 16..<offset + 16 + length].prefix { $0 != 0 }
                events.append(
                    Event(
                        watch: raw.loadUnaligned(fromByteOffset: offset, as: Int32.self),
                        mask: raw.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self),
                        name: String(decoding: name, as: UTF8.self)))
                offset += 16 + length
            }
        }
        return events
    }

    private func matters(_ event: Event) -> Bool {
        if event.mask & UInt32(IN_Q_OVERFLOW) != 0 { return true }
        guard let folder = folders[event.watch] else { return false }
        if event.mask & UInt32(IN_IGNORED) != 0 { return false }
        if FolderTree.isIgnored(event.name) { return false }
        if folder.isEmpty, FolderTree.ignoredFolders.contains(event.name) { return false }
        // A new file is still empty; IN_CLOSE_WRITE follows when it is written. A symbolic or hard link is complete.
        if event.mask & UInt32(IN_CREATE) != 0, event.mask & UInt32(IN_ISDIR) == 0 {
            var information = stat()
            let path = folder.isEmpty ? "\(directory)/\(event.name)" : "\(directory)/\(folder)/\(event.name)"
            guard lstat(path, &information) == 0 else { return false }
            return information.st_mode & S_IFMT == S_IFLNK || information.st_nlink > 1
        }
        return true
    }
}
