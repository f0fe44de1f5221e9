import Foundation

/// The folder with a server's persistent data: the database, the operator's key and the logs.
enum DataFolder {
    /// Why a data folder can't be used; one line that says what to do.
    struct Unusable: Error, CustomStringConvertible {
        var path: String
        var reason: String

        var description: String {
            "data folder \"\(path)\" can't be used (\(reason)); make it writable for this user, or name another with --data DIR"
        }
    }

    /// Makes the folder if it is missing and checks that it can be written to.
    ///
    /// - Throws: ``Unusable``.
    static func prepare(_ path: String) throws(Unusable) {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw Unusable(path: path, reason: error.localizedDescription)
        }
        guard FileManager.default.isWritableFile(atPath: path) else {
            throw Unusable(path: path, reason: "it is not writable")
        }
    }
}
