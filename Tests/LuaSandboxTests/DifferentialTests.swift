import Foundation
import LuaSandbox
import Testing

/// Side by side with Debian's `lua5.1`, which scripts/bootstrap installs for the tests.
@Suite("Stock results (M8.3: the language is Lua 5.1)") struct DifferentialTests {
    static let seeds: [UInt64] =
        ProcessInfo.processInfo.environment["PERIGEE_FUZZ"] == nil
        ? [1, 2] : (0..<50).map { _ in .random(in: 3 ... .max) }

    @Test("2500 generated cases give what lua5.1 gives, messages and positions included", arguments: seeds)
    func cases(seed: UInt64) throws {
        var cases = DifferentialCases(seed: seed)
        let script = cases.script(count: 2500)
        let folder = FileManager.default.temporaryDirectory.appending(path: "perigee-differential-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(script.utf8).write(to: folder.appending(path: "cases.lua"))

        let stock = try Self.runStock(in: folder)
        let bench = try Bench(source: 8 << 20)
        try bench.run(script, name: "cases.lua", limit: .seconds(60))
        let ours = bench.log.printed.joined(separator: "\n").split(separator: "\n")
        #expect(stock.count >= 2500)
        #expect(ours.count == stock.count)
        var differences = 0
        for (mine, theirs) in zip(ours, stock) where mine != theirs {
            differences += 1
            if differences <= 20 { Issue.record("seed \(seed)\nours:  \(mine)\nstock: \(theirs)") }
        }
        #expect(differences == 0)
    }

    private static func runStock(in folder: URL) throws -> [Substring] {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["lua5.1", "cases.lua"]
        process.currentDirectoryURL = folder
        process.environment = ["LC_ALL": "C", "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin"]
        // To a file: a pipe that nobody reads meanwhile would fill.
        let output = folder.appending(path: "output")
        try Data().write(to: output)
        let handle = try FileHandle(forWritingTo: output)
        process.standardOutput = handle
        try process.run()
        process.waitUntilExit()
        try handle.close()
        #expect(process.terminationStatus == 0, "lua5.1 is needed: scripts/bootstrap test")
        return String(decoding: try Data(contentsOf: output), as: UTF8.self).split(separator: "\n")
    }
}
