package import Foundation

/// One file of Tests/Attacks: a script with a header of comments that say how the script must end.
///
/// ```
/// -- What the script tries.
/// --@expect time | memory | runtime TEXT | syntax TEXT | value TEXT
/// --@limit MS      limit of CPU time; default 100 for scripts that must exceed it, 5000 for the others
/// --@memory MIB    limit of memory; default 16
/// --@source MIB    limit of the source's length; default 64 KiB
/// --@repeat N TEXT is replaced by N lines of TEXT
/// ```
package struct Attack: Sendable {
    /// How a script ends.
    package enum Outcome: String, Hashable, Sendable {
        case time, memory, runtime, syntax, value
    }

    /// A mistake in a file's header.
    package struct Mistake: Error, CustomStringConvertible {
        package let description: String
    }

    /// The file's name.
    package let name: String
    /// How it ends.
    package let outcome: Outcome
    /// A part of the error's message, or the returned value as text.
    package let text: String
    /// The limit of its CPU time, in milliseconds.
    package let limitMs: UInt64
    /// The limit of its VM's memory, in MiB.
    package let memoryMiB: Int
    /// The length of the longest source that its VM compiles, in bytes.
    package let sourceBytes: Int
    /// The script, with an empty line for each line of the header.
    package let source: [UInt8]

    /// The folder Tests/Attacks.
    package static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Attacks")

    /// The attacks of a folder, sorted by path.
    package static func all(in folder: URL) throws -> [Attack] {
        try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "lua" }.sorted { $0.path < $1.path }.map(Attack.init(file:))
    }

    init(file: URL) throws {
        name = file.lastPathComponent
        let bytes = Array(try Data(contentsOf: file))
        var header: [String: String] = [:]
        var expanded: [UInt8] = []
        for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            let text = String(decoding: line, as: UTF8.self)
            guard text.hasPrefix("--@") else {
                expanded += line + [UInt8(ascii: "\n")]
                continue
            }
            let words = text.dropFirst(3).split(separator: " ", maxSplits: 1)
            let key = String(words[0])
            let rest = words.count > 1 ? String(words[1]) : ""
            if key == "repeat" {
                let parts = rest.split(separator: " ", maxSplits: 1)
                guard parts.count == 2, let count = Int(parts[0]) else {
                    throw Mistake(description: "\(file.path): --@repeat N TEXT")
                }
                expanded += Array((String(parts[1]) + "\n").utf8.repeated(count))
            } else {
                header[key] = rest
                expanded.append(UInt8(ascii: "\n"))
            }
        }
        source = expanded
        guard let expected = header["expect"]?.split(separator: " ", maxSplits: 1), let first = expected.first else {
            throw Mistake(description: "\(file.path) has no --@expect")
        }
        guard let outcome = Outcome(rawValue: String(first)) else {
            throw Mistake(description: "\(file.path): unknown outcome \(first)")
        }
        self.outcome = outcome
        text = expected.count > 1 ? String(expected[1]) : ""
        limitMs = header["limit"].flatMap(UInt64.init) ?? (outcome == .time ? 100 : 5000)
        memoryMiB = header["memory"].flatMap(Int.init) ?? 16
        sourceBytes = header["source"].flatMap(Int.init).map { $0 << 20 } ?? 64 << 10
    }
}

extension Sequence where Element == UInt8 {
    fileprivate func repeated(_ count: Int) -> [UInt8] {
        let once = Array(self)
        var all: [UInt8] = []
        all.reserveCapacity(once.count * count)
        for _ in 0..<count { all += once }
        return all
    }
}
