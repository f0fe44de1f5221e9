import Foundation
import ScriptCheck
import Testing

/// A game folder of its own for one test, removed at its end.
final class ScratchGame {
    let directory = FileManager.default.temporaryDirectory.appending(path: "perigee-check-\(UUID().uuidString)")

    /// Makes the folder; `files` are contents by path within it, beside those of ``base``.
    init(_ files: [String: String] = [:]) throws {
        for (path, text) in Self.base.merging(files, uniquingKeysWith: { $1 }) {
            let url = directory.appending(path: path)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: url)
        }
    }

    deinit { try? FileManager.default.removeItem(at: directory) }

    /// The lines that `perigee check` prints for the folder.
    func lines() throws -> [String] { try GameCheck(directory: directory.path).diagnostics.map { $0.line() } }

    static let base = [
        "lib/base.lua": "rules = { reach = 2 }\nfunction alive(entity) return entity.components.hp > 0 end\n",
        "components/hp.lua": "--@type number\n--@default 10\n",
        "components/title.lua": "--@type string\n",
        "components/bag.lua": "--@type json\n--@default {}\n--@entities players\n",
        "events/move/to.lua": "--@public true\n--@param x number\n--@param y number = 3\nobject.x = data.x + data.y\n",
        "events/move/timeout.lua": "return 0.2\n",
    ]
}
