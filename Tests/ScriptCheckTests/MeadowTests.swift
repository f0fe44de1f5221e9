import Foundation
import ScriptCheck
import Testing

@Suite("perigee check on the bundled game") struct MeadowTests {
    @Test("finds nothing")
    func clean() throws {
        let check = try GameCheck(directory: Paths.meadow)
        #expect(check.diagnostics.map { $0.line() } == [])
        #expect(check.scriptCount >= 49)
    }

    /// The Lua examples of a page, each with the line where it begins.
    private func examples(_ page: String) throws -> [(line: Int, code: String)] {
        let text = String(decoding: try Data(contentsOf: Paths.root.appending(path: page)), as: UTF8.self)
        var examples: [(line: Int, code: String)] = []
        var current: [Substring]?
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if line == "```lua" {
                current = []
            } else if line == "```", let lines = current {
                examples.append((number - lines.count, lines.joined(separator: "\n")))
                current = nil
            } else {
                current?.append(line)
            }
        }
        return examples
    }

    @Test("finds no error in the examples of the docs, each of which is an event of this game")
    func examples() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "perigee-examples-\(UUID().uuidString)")
        try FileManager.default.copyItem(at: URL(filePath: Paths.meadow), to: folder)
        defer { try? FileManager.default.removeItem(at: folder) }
        let examples = try examples("docs/lua-api.md")
        #expect(examples.count >= 8)
        for (line, code) in examples {
            let event = folder.appending(path: "events/example/index.lua")
            try FileManager.default.createDirectory(
                at: event.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(code.utf8).write(to: event)
            let found = try GameCheck(directory: folder.path).diagnostics.map { $0.line() }
            #expect(found == [], "docs/lua-api.md:\(line)")
        }
    }
}
