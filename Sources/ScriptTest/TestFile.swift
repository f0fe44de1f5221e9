import Foundation

/// A file of tests: a `.lua` file in `tests/` of a game folder, or in a folder inside it.
struct TestFile {
    /// The longest file that is compiled, in bytes.
    static let maxBytes = 1 << 20

    /// The path within the game folder, as in `tests/walk.lua`.
    let path: String
    let source: [UInt8]

    /// The text of a line, without white space at its ends; empty when the file has no such line.
    func line(_ number: Int) -> String {
        let lines = source.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard lines.indices.contains(number - 1) else { return "" }
        return String(decoding: lines[number - 1], as: UTF8.self).trimmingCharacters(in: .whitespaces)
    }

    /// The paths of a game folder's test files, ascending.
    static func paths(in directory: String) -> [String] {
        let folder = "\(directory)/tests"
        let found = (try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []
        return found.filter { $0.hasSuffix(".lua") && !$0.split(separator: "/").contains { $0.hasPrefix(".") } }
            .map { "tests/\($0)" }.sorted()
    }

    /// Reads a file.
    ///
    /// - Throws: ``TestMistake`` when it can't be read.
    init(path: String, in directory: String) throws(TestMistake) {
        self.path = path
        do {
            source = Array(try Data(contentsOf: URL(fileURLWithPath: "\(directory)/\(path)")))
        } catch {
            throw TestMistake("can't be read: \(error.localizedDescription)")
        }
    }
}
