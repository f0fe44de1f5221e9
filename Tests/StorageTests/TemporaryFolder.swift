import Foundation

/// A fresh folder that is removed when this object is released.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "/storage-tests-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Where tests put their database.
    var database: String { file("perigee.sqlite") }

    func file(_ name: String) -> String { path + "/" + name }
}
