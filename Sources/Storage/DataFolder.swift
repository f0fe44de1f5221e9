import Foundation

/// The folder that holds what happens at run time: the database, the operator's key, the logs.
package enum DataFolder {
    /// Makes the folder if it is missing, readable for its owner only, and checks that it can be written.
    ///
    /// - Parameter path: The folder.
    /// - Throws: ``StorageError/unusable(path:reason:)`` when it can't be made or written.
    package static func prepare(_ path: String) throws(StorageError) {
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue {
            throw .unusable(path: path, reason: "it is a file, not a folder")
        }
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw .unusable(path: path, reason: "the folder can't be made")
        }
        guard FileManager.default.isWritableFile(atPath: path) else {
            throw .unusable(path: path, reason: "the folder can't be written")
        }
    }
}
