import Foundation
import LuaSandbox
import Testing

/// One file of Tests/Attacks: a script, and in comments how it must end.
///
/// ```
/// -- What it tries.
/// --@expect time | memory | stopped | runtime TEXT | syntax TEXT | value TEXT
/// --@limit MS      CPU time; else 100 for those that must hit it, 5000 for the others
/// --@memory MIB    else 16
/// --@source MIB    longest source; else 64 KiB
/// --@repeat N TEXT in this place TEXT stands N times, a line each
/// ```
struct Attack: Sendable {
    enum Outcome: Hashable, Sendable {
        case time, memory, runtime, syntax, value
    }

    let name: String
    let outcome: Outcome
    /// What the message contains, or the returned value is.
    let text: String
    let limitMs: UInt64
    let memoryMiB: Int
    let sourceBytes: Int
    let source: [UInt8]

    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Attacks")

    /// The attacks of a folder, by name.
    static func all(in folder: URL) throws -> [Attack] {
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
                let count = try #require(Int(parts[0]), "\(file.path): --@repeat N TEXT")
                expanded += Array((String(parts[1]) + "\n").utf8.repeated(count))
            } else {
                header[key] = rest
                expanded.append(UInt8(ascii: "\n"))
            }
        }
        source = expanded
        let expected = try #require(header["expect"], "\(file.path) has no --@expect")
            .split(separator: " ", maxSplits: 1)
        let outcomes: [String: Outcome] = [
            "time": .time, "memory": .memory, "runtime": .runtime, "syntax": .syntax, "value": .value,
        ]
        let outcome = try #require(outcomes[String(expected[0])], "\(file.path): unknown outcome \(expected[0])")
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
