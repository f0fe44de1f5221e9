import Foundation
import GameFolder
import Gateway
import HTTPTypes
import JSONValues
import OperatorAPI

/// Writes uploaded files into the game folder, and lists and deletes them there.
///
/// A file is written beside its place under another name, and renamed when it is complete: whoever reads the place gets
/// the former or the new file, whole. All functions block on the disk.
struct UploadStore: Sendable {
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
        let path = "\(directory)/\(folder.path)"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        let files = names.sorted().compactMap { name -> FilesAnswer.File? in
            guard !name.hasPrefix("."),
                let facts = try? FileManager.default.attributesOfItem(atPath: "\(path)/\(name)"),
                facts[.type] as? FileAttributeType == .typeRegular
            else { return nil }
            return FilesAnswer.File(
                name: name, size: facts[.size] as? Int ?? 0,
                changed: (facts[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0)
        }
        return FilesAnswer.Folder(
            name: folder.rawValue, path: folder.path, endings: folder.endings, maxBytes: folder.maxBytes,
            served: folder.served, closed: closedReason(folder), files: files)
    }

    /// Why a folder takes no files; `nil` when it takes them.
    func closedReason(_ folder: UploadFolder) -> String? {
        guard folder == .images, !isFolder("\(directory)/client") else { return nil }
        return "the game has no folder client/, whose pictures these would be; make it with the game's own client"
    }

    /// The size and hash of a file in the game folder.
    ///
    /// - Returns: `nil` when there is no such file.
    /// - Throws: ``GatewayError`` with status 409 for something that is no plain file.
    func digest(of name: UploadName) throws -> Digest? {
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
        let root = URL(filePath: directory).resolvingSymlinksInPath().path
        guard URL(filePath: folder).resolvingSymlinksInPath().path.hasPrefix(root + "/") else {
            throw GatewayError(
                .conflict, "closed_folder",
                "\(name.folder.path)/ is a link out of the game folder; put the folder itself there"
            )
        }
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

    /// Renames a complete file to its place.
    ///
    /// - Throws: An error of the file system.
    func commit(_ draft: Draft, as name: UploadName) throws {
        try draft.descriptor.synchronize()
        try draft.descriptor.close()
        guard rename(draft.path, "\(directory)/\(name.path)") == 0 else {
            throw GatewayError(
                .internalServerError, "disk", "\(name.path) can't be written: \(String(cString: strerror(errno)))")
        }
    }

    /// Removes a file that does not get its place.
    func discard(_ draft: Draft) {
        try? draft.descriptor.close()
        unlink(draft.path)
    }

    /// Deletes a file.
    ///
    /// - Throws: ``GatewayError`` when the system refuses.
    func delete(_ name: UploadName) throws {
        guard unlink("\(directory)/\(name.path)") == 0 else {
            throw GatewayError(
                .internalServerError, "disk", "\(name.path) can't be deleted: \(String(cString: strerror(errno)))")
        }
    }

    private func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }
}
