import Foundation
import GameFolder
import Gateway
import HTTPTypes
import JSONValues
import OperatorAPI

/// Writes uploaded files into the game folder, and lists and deletes them there.
///
/// A file is written beside its place under another name, and gets the place when it is complete. A reader of the place
/// gets the whole old file or the whole new one. All functions block on the disk.
struct UploadStore: Sendable {
    /// The most bytes that the folders may have together for another file to be taken.
    static let maxTotalBytes = 1 << 30
    /// How the names of incomplete files begin.
    private static let draftPrefix = ".upload-"

    /// The game folder.
    let directory: String

    /// The size and the hash of a file, for the audit log. `b2sum -l 256` prints the same hash.
    struct Digest: Sendable, Equatable {
        let size: Int
        let hash: String

        var json: JSON { .object(["size": .number(Double(size)), "blake2b": .string(hash)]) }
    }

    /// A file that is being written.
    struct Draft: Sendable {
        let path: String
        let descriptor: FileHandle
    }

    // MARK: - Looking

    /// The folder's files.
    func list(_ folder: UploadFolder) -> FilesAnswer.Folder {
        FilesAnswer.Folder(
            name: folder.rawValue, path: folder.path, endings: folder.endings, maxBytes: folder.maxBytes,
            served: folder.served, closed: closedReason(folder), files: files(folder))
    }

    private func files(_ folder: UploadFolder) -> [FilesAnswer.File] {
        let path = "\(directory)/\(folder.path)"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.sorted().compactMap { name -> FilesAnswer.File? in
            guard !name.hasPrefix("."),
                let facts = try? FileManager.default.attributesOfItem(atPath: "\(path)/\(name)"),
                facts[.type] as? FileAttributeType == .typeRegular
            else { return nil }
            return FilesAnswer.File(
                name: name, size: facts[.size] as? Int ?? 0,
                changed: (facts[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0)
        }
    }

    /// Why a folder takes no files; `nil` when it takes them.
    func closedReason(_ folder: UploadFolder) -> String? {
        if folder == .images, !isFolder("\(directory)/client") {
            return "the game has no folder client/, whose pictures these would be; make it with the game's own client"
        }
        return isInside(folder) ? nil : Self.leadsOut(folder)
    }

    /// Whether a folder is in the game folder, by the deepest part of its path that exists.
    private func isInside(_ folder: UploadFolder) -> Bool {
        var parts = folder.path.split(separator: "/").map(String.init)
        func path() -> String { ([directory] + parts).joined(separator: "/") }
        // A link to nothing is there too.
        while !parts.isEmpty, (try? FileManager.default.attributesOfItem(atPath: path())) == nil { parts.removeLast() }
        guard let root = Self.resolved(directory), let place = Self.resolved(path()) else { return false }
        return place == root || place.hasPrefix(root + "/")
    }

    /// A path without links; `nil` for one that leads nowhere.
    private static func resolved(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private static func leadsOut(_ folder: UploadFolder) -> String {
        "\(folder.path)/ is a link out of the game folder; put the folder itself there"
    }

    /// Refuses a folder that leads out of the game folder.
    ///
    /// - Throws: ``GatewayError`` with status 409.
    private func requireInside(_ folder: UploadFolder) throws(GatewayError) {
        guard isInside(folder) else { throw GatewayError(.conflict, "closed_folder", Self.leadsOut(folder)) }
    }

    /// Refuses a file for which the folders have no room; one that is no larger than the file it replaces is taken.
    ///
    /// Uploads that end at the same moment may exceed the limit by one file each.
    ///
    /// - Parameters:
    ///   - name: The file.
    ///   - size: Its size in bytes.
    ///   - before: The file that it replaces; `nil` for a new one.
    /// - Throws: ``GatewayError`` with status 409.
    func checkRoom(for name: UploadName, size: Int, replacing before: Digest?) throws(GatewayError) {
        let growth = size - (before?.size ?? 0)
        let used = UploadFolder.allCases.flatMap { files($0) }.reduce(0) { $0 + $1.size }
        guard growth <= 0 || used + growth <= Self.maxTotalBytes else {
            let folders = UploadFolder.allCases.map { "\($0.path)/" }.joined(separator: ", ")
            throw GatewayError(
                .conflict, "full",
                "\(name.name) has \(Self.mebibytes(size)) MiB, and \(folders) have \(Self.mebibytes(used)) MiB of the \(Self.mebibytes(Self.maxTotalBytes)) MiB that they may have together; delete other files first"
            )
        }
    }

    /// MiB, rounded up.
    private static func mebibytes(_ bytes: Int) -> Int { (bytes + (1 << 20) - 1) >> 20 }

    /// The size and hash of a file in the game folder.
    ///
    /// - Returns: `nil` when there is no such file.
    /// - Throws: ``GatewayError`` with status 409 for something that is no plain file, or not in the game folder.
    func digest(of name: UploadName) throws -> Digest? {
        try requireInside(name.folder)
        let path = "\(directory)/\(name.path)"
        guard let facts = try? FileManager.default.attributesOfItem(atPath: path) else { return nil }
        guard facts[.type] as? FileAttributeType == .typeRegular else {
            throw GatewayError(
                .conflict, "not_a_file", "\(name.path) is a link or a folder; uploads replace plain files only")
        }
        return try Self.digest(ofFile: path)
    }

    static func digest(ofFile path: String) throws -> Digest {
        let file = try FileHandle(forReadingFrom: URL(filePath: path))
        defer { try? file.close() }
        let hash = Sodium.StreamHash()
        var size = 0
        while let part = try file.read(upToCount: 1 << 18), !part.isEmpty {
            part.withUnsafeBytes { hash.update($0) }
            size += part.count
        }
        return Digest(size: size, hash: hex(hash.digest()))
    }

    // MARK: - Writing

    /// Begins a file beside the place of a name.
    ///
    /// - Throws: ``GatewayError`` with status 409 for a folder that takes no files or leads out of the game folder.
    func begin(_ name: UploadName) throws -> Draft {
        if let reason = closedReason(name.folder) { throw GatewayError(.conflict, "closed_folder", reason) }
        let folder = "\(directory)/\(name.folder.path)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        removeRemains(in: folder)
        // The game folder's watcher and listings leave hidden files out.
        let path = "\(folder)/\(Self.draftPrefix)\(UUID().uuidString)"
        let descriptor = try PlainFile.open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o644)
        return Draft(path: path, descriptor: FileHandle(fileDescriptor: descriptor, closeOnDealloc: true))
    }

    /// Removes what uploads left behind that a crash or a restart ended; no upload takes a day.
    private func removeRemains(in folder: String) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        where name.hasPrefix(Self.draftPrefix) {
            let facts = try? FileManager.default.attributesOfItem(atPath: "\(folder)/\(name)")
            guard let changed = facts?[.modificationDate] as? Date, changed < Date(timeIntervalSinceNow: -86_400) else {
                continue
            }
            unlink("\(folder)/\(name)")
        }
    }

    /// Gives a complete file its place.
    ///
    /// - Parameters:
    ///   - draft: The file.
    ///   - name: Its place.
    ///   - isReplacement: Whether it may replace a file that is there, also one that was made since ``begin(_:)``.
    /// - Returns: The file that it replaced; `nil` when there was none.
    /// - Throws: ``GatewayError`` with status 409 when the place is taken; an error of the file system.
    func commit(_ draft: Draft, as name: UploadName, replacing isReplacement: Bool) throws -> Digest? {
        try draft.descriptor.synchronize()
        try draft.descriptor.close()
        let path = "\(directory)/\(name.path)"
        guard isReplacement else {
            // Unlike a renamed file, a link takes an empty place only.
            guard link(draft.path, path) == 0 else {
                throw errno == EEXIST ? Self.exists(name) : Self.failure(name, "written")
            }
            unlink(draft.path)
            return nil
        }
        let before = try digest(of: name)
        guard rename(draft.path, path) == 0 else { throw Self.failure(name, "written") }
        return before
    }

    /// The refusal of an upload whose place is taken.
    static func exists(_ name: UploadName) -> GatewayError {
        GatewayError(.conflict, "exists", "\(name.path) exists already; send replace=true to replace it")
    }

    /// What the system says about the last call for a file.
    private static func failure(_ name: UploadName, _ what: String) -> GatewayError {
        GatewayError(
            .internalServerError, "disk", "\(name.path) can't be \(what): \(String(cString: strerror(errno)))")
    }

    /// Removes a file that does not get its place.
    func discard(_ draft: Draft) {
        try? draft.descriptor.close()
        unlink(draft.path)
    }

    /// Deletes a file.
    ///
    /// - Throws: ``GatewayError`` when the system refuses, with status 409 for a folder out of the game folder.
    func delete(_ name: UploadName) throws(GatewayError) {
        try requireInside(name.folder)
        guard unlink("\(directory)/\(name.path)") == 0 else { throw Self.failure(name, "deleted") }
    }

    private func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }
}
