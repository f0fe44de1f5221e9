import Foundation
import GameFolder
import LuaSyntax
import ScriptCheck
import Testing

@Suite("Checking a text before it is saved") struct ReplacementTests {
    private func lines(_ game: ScratchGame, _ path: String, _ text: String) throws -> [String] {
        try GameCheck(
            directory: game.directory.path, replacing: FileReplacement(path: path, bytes: Array(text.utf8))
        ).diagnostics.map { $0.line() }
    }

    @Test("the text counts in the place of the file's, and no file changes")
    func replaced() throws {
        let game = try ScratchGame()
        #expect(try game.lines() == [])
        let found = try lines(game, "events/move/to.lua", "--@public true\nobject.x = data.x +\n")
        #expect(found.count == 1 && found[0].hasPrefix("events/move/to.lua:"))
        #expect(try lines(game, "game.yaml", "nam: x\n").contains { $0.hasPrefix("game.yaml:1:") })
        #expect(try game.lines() == [])
    }

    @Test("what a text makes wrong in other files is found")
    func elsewhere() throws {
        let game = try ScratchGame(["spawn/players.lua": "object.events.add('move', 'to', {x = 1})\n"])
        #expect(try game.lines() == [])
        let found = try lines(game, "events/move/to.lua", "--@param z number\nobject.x = data.z\n")
        #expect(!found.isEmpty && found.allSatisfy { $0.hasPrefix("spawn/players.lua:1:") })
    }

    @Test("a file that does not exist yet is a part of the game that is checked")
    func added() throws {
        let game = try ScratchGame()
        #expect(try lines(game, "events/move/stop.lua", "object.components.speed = 1\n").count == 1)
        #expect(try lines(game, "components/speed.lua", "--@type number\n") == [])
        let far = try lines(game, "componets/speed.lua", "--@type number\n")
        #expect(far.count == 1 && far[0].contains("did you mean components/?"))
        let event = try lines(game, "events/move/stop.lua", "--@about nothing\n")
        #expect(event.count == 1 && event[0].contains("no code"))
    }

    @Test("a script that is too long, or no text for Lua, is found")
    func unusable() throws {
        let game = try ScratchGame()
        let long = try lines(game, "lib/base.lua", String(repeating: "-", count: 65_537))
        #expect(long.contains { $0.contains("longer than 65536 bytes") })
        #expect(try lines(game, "lib/base.lua", "\u{FEFF}x = 1").contains { $0.contains("byte order mark") })
    }

    @Test("a file that is no part of the game changes nothing; of a test, its syntax is checked")
    func outside() throws {
        let game = try ScratchGame()
        #expect(try lines(game, "tests/a.lua", "x = = 1") == [])
        let file = FileReplacement(path: "tests/a.lua", bytes: Array("test('a', function()\n  x = = 1\nend)".utf8))
        #expect(GameCheck.syntaxMistake(in: file)?.position.line == 2)
        #expect(GameCheck.syntaxMistake(in: FileReplacement(path: "tests/a.lua", bytes: Array("x = 1".utf8))) == nil)
    }
}
