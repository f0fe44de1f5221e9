import Foundation

/// A game folder of its own for one test, removed at its end.
final class ScratchFolder: Sendable {
    let path: String

    /// Makes the folder; `files` are contents by path within it.
    init(_ files: [String: String] = [:]) throws {
        let name = "perigee-folder-\(UUID().uuidString)"
        path = FileManager.default.temporaryDirectory.appendingPathComponent(name).path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        for (file, text) in files { try write(file, text) }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ file: String, _ text: String) throws { try write(file, Data(text.utf8)) }

    func write(_ file: String, _ data: Data) throws {
        let url = URL(fileURLWithPath: "\(path)/\(file)")
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try data.write(to: url)
    }

    func remove(_ file: String) throws { try FileManager.default.removeItem(atPath: "\(path)/\(file)") }

    func move(_ file: String, to other: String) throws {
        try FileManager.default.moveItem(atPath: "\(path)/\(file)", toPath: "\(path)/\(other)")
    }
}
