import Foundation
import Testing
import World

@testable import GameFolder
@testable import Simulation

@Suite("The journal of crashes") struct CrashJournalTests {
    static let source = Array("print(1)\n".utf8)
    static var game: GameDefinition {
        var game = GameDefinition(directory: "game")
        game.scripts = ["a.lua", "b.lua"].map {
            GameScript(role: .lib(String($0.prefix(1))), path: "lib/\($0)", source: source)
        }
        return game
    }
    static var version: String { GameScript.version(of: source) }

    /// Writes a journal's file, opens it, applies `use`, and returns the journal and the file's lines after that.
    func open(_ lines: [String], _ use: (CrashJournal) -> Void = { _ in }) throws -> (CrashJournal, [String]) {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("perigee-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("crashes")
        if !lines.isEmpty { try Data(lines.map { $0 + "\n" }.joined().utf8).write(to: file) }
        let journal = try CrashJournal(directory: folder.path, game: Self.game)
        use(journal)
        return (journal, try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init))
    }

    @Test("the first start creates it, empty and with nothing to report")
    func first() throws {
        let (journal, lines) = try open([])
        #expect(journal.crashes.isEmpty && journal.news.isEmpty && lines.isEmpty)
    }

    @Test("keeps the last crash of each script whose file is unchanged, oldest first, and reports all crashes")
    func keeps() throws {
        let old = "1 SIGBUS 1 5 \(Self.version) lib/b.lua"
        let kept = ["2 SIGSEGV 1 6 \(Self.version) lib/a.lua", "3 SIGSEGV 1 7 \(Self.version) lib/b.lua"]
        let changed = "4 SIGSEGV 1 8 000000000000 lib/a.lua", gone = "5 SIGSEGV 1 9 \(Self.version) lib/c.lua"
        let outside = "6 SIGABRT -1 0 - -"
        // The changed version of lib/a.lua is the last that crashed, so its running version has no crash any more.
        let (journal, lines) = try open([old] + kept + [gone, outside, "torn"])
        #expect(journal.crashes.map(\.line) == kept)
        #expect(lines == kept)
        #expect(journal.news.count == 5)
        #expect(journal.news.suffix(2).allSatisfy { $0.hasSuffix("until it is changed or resumed in the panel") })
        #expect(try open(kept + [changed]).1 == [kept[1]])
    }

    @Test("an operator's resume removes the script's crash, from the file too")
    func forgive() throws {
        let lines = ["2 SIGSEGV 1 6 \(Self.version) lib/a.lua", "3 SIGSEGV 1 7 \(Self.version) lib/b.lua"]
        let (journal, left) = try open(lines) {
            $0.forgive("lib/a.lua")
            $0.forgive("lib/unknown.lua")
        }
        #expect(journal.crashes.map(\.path) == ["lib/b.lua"])
        #expect(left == [lines[1]])
    }
}
