import Glibc

/// The inotify watches on a game folder, on all folders in it, and on every place that decides where its path, or the
/// path of a link in it, leads.
struct FolderWatches {
    let directory: String
    let inotify: Descriptor
    /// The watched folders within the game folder, by watch number; the game folder itself is "".
    private var folders: [Int32: String] = [:]
    /// The names of path elements in each watched folder, by watch number: the folder may be anywhere.
    private var elements: [Int32: Set<String>] = [:]

    init(directory: String, inotify: Descriptor) {
        var directory = Substring(directory)
        while directory.count > 1, directory.last == "/" { directory.removeLast() }
        self.directory = String(directory)
        self.inotify = inotify
    }

    private static let changes = UInt32(
        IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF)
    private static let arrivals = UInt32(IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_MOVED_FROM | IN_DELETE_SELF)

    /// Adds watches for all folders and links that exist now, and removes those of others.
    ///
    /// - Throws: An error when the game folder does not exist or can't be watched.
    mutating func rescan() throws(GameFolderError) {
        let old = Set(folders.keys).union(elements.keys)
        (folders, elements) = ([:], [:])
        // A program may put many files beside the game folder: only what comes and goes is of interest there.
        follow(directory, from: ".", Self.arrivals)
        let isThere = add("", depth: 0)
        let reason = lastSystemError()
        for watch in old where folders[watch] == nil && elements[watch] == nil {
            inotify_rm_watch(inotify.value, watch)
        }
        guard isThere else {
            if access(directory, F_OK) != 0 { throw .missing(directory: directory) }
            throw .unwatchable(directory: directory, reason: reason)
        }
    }

    /// Watches a folder; one that is watched already has the same number and keeps what else it is watched for.
    private func watch(_ path: String, _ mask: UInt32) -> Int32 {
        inotify_add_watch(inotify.value, path, mask | UInt32(IN_ONLYDIR) | UInt32(IN_MASK_ADD))
    }

    /// Watches every place that decides where a path leads.
    private mutating func follow(_ path: String, from folder: String, _ mask: UInt32) {
        PathTrail.walk(path, from: folder) { folder, name in
            let number = watch(folder, mask)
            // A folder that may not be read can't be watched; what is below it may be.
            if number >= 0 { elements[number, default: []].insert(name) }
        }
    }

    /// Watches a folder before listing it, so that a new folder in it is found by the watch, the listing or both.
    private mutating func add(_ folder: String, depth: Int) -> Bool {
        let path = folder.isEmpty ? directory : "\(directory)/\(folder)"
        let number = watch(path, Self.changes)
        guard number >= 0 else { return false }
        // A folder that is also reached through a symbolic link has the same watch number, and is entered only once.
        guard folders.updateValue(folder, forKey: number) == nil, depth < FolderTree.maxDepth else { return true }
        for name in FolderTree.list(path) ?? [] where !FolderTree.isIgnored(name) {
            if folder.isEmpty, FolderTree.ignoredFolders.contains(name) { continue }
            var information = stat()
            guard lstat("\(path)/\(name)", &information) == 0 else { continue }
            if information.st_mode & S_IFMT == S_IFLNK {
                follow(name, from: path, Self.changes)
                guard stat("\(path)/\(name)", &information) == 0 else { continue }
            }
            guard information.st_mode & S_IFMT == S_IFDIR else { continue }
            _ = add(folder.isEmpty ? name : "\(folder)/\(name)", depth: depth + 1)
        }
        return true
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
                switch effect(of: event) {
                case .nothing: break
                case .content: isChange = true
                case .places:
                    mustRescan = true
                    // Without a game folder, only a rescan shows whether it is back.
                    if wasThere { isChange = true }
                }
            }
        }
        if mustRescan {
            do throws(GameFolderError) {
                try rescan()
                if !wasThere { isChange = true }
            } catch {
                // The game folder does not exist. The load after `onChange` reports that; its path is still watched.
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

    /// What an event means for the game.
    private enum Effect {
        case nothing
        /// Something in the folder changed.
        case content
        /// Other folders than before may have to be watched.
        case places
    }

    private func effect(of event: Event) -> Effect {
        let lost = UInt32(IN_Q_OVERFLOW | IN_UNMOUNT)
        if event.mask & lost != 0 { return .places }
        // The number of a watch that `rescan` removed is in neither table.
        guard folders[event.watch] != nil || elements[event.watch] != nil else { return .nothing }
        if event.mask & UInt32(IN_IGNORED) != 0 { return .places }
        if elements[event.watch]?.contains(event.name) == true {
            return event.mask & UInt32(IN_CLOSE_WRITE) != 0 ? .content : .places
        }
        guard let folder = folders[event.watch] else { return .nothing }
        if FolderTree.isIgnored(event.name) { return .nothing }
        if folder.isEmpty, FolderTree.ignoredFolders.contains(event.name) { return .nothing }
        if event.mask & UInt32(IN_ISDIR | IN_DELETE_SELF | IN_MOVE_SELF) != 0 { return .places }
        guard event.mask & UInt32(IN_CREATE | IN_MOVED_TO) != 0 else { return .content }
        var information = stat()
        let path = folder.isEmpty ? "\(directory)/\(event.name)" : "\(directory)/\(folder)/\(event.name)"
        guard lstat(path, &information) == 0 else { return event.mask & UInt32(IN_CREATE) != 0 ? .nothing : .content }
        if information.st_mode & S_IFMT == S_IFLNK { return .places }
        // A new file is still empty; IN_CLOSE_WRITE follows when it is written. A hard link is complete.
        let isEmpty = event.mask & UInt32(IN_CREATE) != 0 && information.st_nlink == 1
        return isEmpty ? .nothing : .content
    }
}
