import Foundation
import Testing

@testable import ScriptTest

@Suite("What the documentation says of tests") struct DocumentationTests {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The Lua examples of a page, in order.
    static func examples(_ page: String) throws -> [String] {
        let text = try String(contentsOf: root.appendingPathComponent(page), encoding: .utf8)
        return text.components(separatedBy: "```lua\n").dropFirst().compactMap {
            $0.components(separatedBy: "\n```").first
        }
    }

    /// A copy of the bundled game, with other tests and some files more.
    static func meadow(_ files: [String: String]) throws -> ScratchGame {
        let game = try ScratchGame(empty: ())
        let folder = root.appendingPathComponent("lua")
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) where name != "tests" {
            try FileManager.default.copyItem(
                at: folder.appendingPathComponent(name), to: game.directory.appendingPathComponent(name))
        }
        for (path, text) in files { try game.write(path, text) }
        return game
    }

    @Test("the examples of docs/lua/testing.md pass in Meadow")
    func testingPage() throws {
        let examples = try Self.examples("docs/lua/testing.md")
        #expect(examples.count >= 6)
        var files: [String: String] = [:]
        for (index, example) in examples.enumerated() { files["tests/\(index).lua"] = example }
        let game = try Self.meadow(files)
        let results = try game.run()
        #expect(results.count > examples.count)
        for result in results { #expect(result.text == "", "\(result.file): \(result.name)") }
    }

    @Test("the README's tutorial passes its own test")
    func tutorial() throws {
        let examples = try Self.examples("README.md")
        func example(_ word: String) throws -> String { try #require(examples.first { $0.contains(word) }) }
        let counting = try example("object.components.dances = object.components.dances + 1")
        let event = try example("--@param turns number").replacingOccurrences(
            of: "object.action = \"dance\"", with: "object.action = \"dance\"\n\(counting)")
        let game = try Self.meadow([
            "events/dance/index.lua": event, "events/dance/timeout.lua": try example("return 0.5 /"),
            "components/dances.lua": try example("--@default 0"), "tests/dance.lua": try example("world.join"),
        ])
        let results = try game.run()
        #expect(results.map(\.text) == [""])
    }
}
