import Foundation

/// Games as folders, so that what the fuzzer finds can be read, and made smaller by hand.
extension GeneratedGame {
    private static let planFile = "plan"
    private static let changedFolder = "changed/"

    /// Reads what ``show()`` wrote: each script in its file, those of the changed game in `changed`, and in `plan` the
    /// seed and the hardness of each stage.
    init(folder: String) {
        func read(_ root: String) -> [String: String] {
            var found: [String: String] = [:]
            for case let path as String in FileManager.default.enumerator(atPath: root) ?? .init()
            where path.hasSuffix(".lua") && !path.hasPrefix(Self.changedFolder) {
                found[path] = try? String(contentsOfFile: "\(root)/\(path)", encoding: .utf8)
            }
            return found
        }
        scripts = read(folder)
        let changed = read("\(folder)/\(Self.changedFolder)")
        self.changed = changed.isEmpty ? scripts : changed
        let plan = (try? String(contentsOfFile: "\(folder)/\(Self.planFile)", encoding: .utf8)) ?? ""
        let numbers = plan.split(whereSeparator: \.isWhitespace).compactMap { UInt32($0) }
        seed = numbers.first ?? 0
        hardness = (0..<Self.stages).map { stage in
            let at = 1 + 2 * stage
            return at + 1 < numbers.count ? (numbers[at], numbers[at + 1]) : (0, 0)
        }
    }

    /// Prints the game; with `FUZZ_SAVE=FOLDER` it is written there.
    func show() {
        let plan = "\(seed) " + hardness.map { "\($0.collect) \($0.fail)" }.joined(separator: " ")
        var files = [Self.planFile: plan]
        for (path, text) in scripts { files[path] = text }
        for (path, text) in changed { files[Self.changedFolder + path] = text }
        for (path, text) in files.sorted(by: { $0.key < $1.key }) {
            print("==== \(path)\n\(text)")
            guard let folder = ProcessInfo.processInfo.environment["FUZZ_SAVE"] else { continue }
            let url = URL(filePath: folder).appending(path: path)
            try? FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try? text.write(to: url, atomically: false, encoding: .utf8)
        }
        fflush(nil)
    }
}
