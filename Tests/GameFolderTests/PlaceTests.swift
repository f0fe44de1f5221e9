import Foundation
import GameFolder
import GameRules
import Testing
import World

@Suite("The place of a mistake") struct PlaceTests {
    @Test(
        "line and column, from 1, point at what is wrong",
        arguments: [
            ("components/mp.lua", "--@type int", "1:9"), ("components/mp.lua", "--@type number\n\n  --@tipe x", "3:3"),
            ("components/mp.lua", "--@type number\n--@entities players,  enemies", "2:23"),
            ("components/mp.lua", "--@type number\n--@default [1,]", "2:15"),
            ("components/mp.lua", "--@type  string\n--@default   5", "2:14"),
            ("components/mp.lua", "--@type number\n--@private  yes", "2:13"),
            ("components/mp.lua", "--@type number\n--@entities", "2:12"),
            ("events/move/up.lua", "--@public  yes\nx = 1", "1:12"),
            ("events/move/up.lua", "--@param a int\nx = 1", "1:12"),
            ("events/move/up.lua", "--@param a  number  =  \"1\"\nx = 1", "1:24"),
            ("events/move/up.lua", "--@param a any\n--@param a any\nx = 1", "2:10"),
            ("events/move/up.lua", "--[[ é ]] -- @public true\nx = 1", "1:11"),
            ("events/move/up.lua", "x = 1 --@public true", "1:7"),
            ("events/move/timeout.lua", "--@order first\nreturn 1", "1:10"),
            ("game.yaml", "name: A\ntick_rate: 0", "2:12"), ("game.yaml", "name: A\ntick_rte: 60", "2:1"),
            ("game.yaml", "allowed_origins:\n  - \"*\"\n  - x", "3:5"), ("game.yaml", "start_map: 9", "1:1"),
        ])
    func columns(file: String, text: String, place: String) throws {
        let folder = try ScratchFolder(goodGame)
        try folder.write(file, text)
        let (_, problems) = try GameFolder.load(directory: folder.path)
        #expect(problems.count == 1, "\(problems)")
        let problem = try #require(problems.first)
        #expect(problem.description.hasPrefix("\(file):\(place): "), "\(problem)")
    }

    @Test("lines are counted as Lua counts them, whatever their line endings", arguments: ["\n", "\r\n", "\r", "\n\r"])
    func lineEnds(end: String) throws {
        let folder = try ScratchFolder(goodGame)
        let lines = ["--@public true", "--[[ a", "b ]]", "--@param x number = 1 steps", "x = 'a\\", "b' --@about y"]
        try folder.write("events/move/up.lua", lines.joined(separator: end))
        let (_, problems) = try GameFolder.load(directory: folder.path)
        #expect(problems.map { "\($0.line ?? 0):\($0.column ?? 0)" } == ["6:4"])
        try folder.write("events/move/up.lua", (lines.dropLast() + ["b'"]).joined(separator: end))
        let (game, none) = try GameFolder.load(directory: folder.path)
        #expect(none == [])
        let up = try #require(game.schema.groups.first?.events.first { $0.name == "up" })
        #expect(up.isPublic && up.parameters.map(\.about) == ["steps"])
    }

    @Test(
        "the error for a mistyped word suggests the word that was meant",
        arguments: [
            ("events/move/up.lua", "--@pubic true\nx = 1", "--@public"),
            ("components/mp.lua", "--@type number\n--@defualt 1", "--@default"),
            ("components/mp.lua", "--@type number\n--@entities enemies", "enemys"),
            ("events/move/up.lua", "--@param x nubmer\nx = 1", "number"), ("spawn/player.lua", "x = 1", "players"),
            ("game.yaml", "tickrate: 60", "tick_rate"), ("game.yaml", "max_entites: 60", "max_entities"),
            ("component/mp.lua", "--@type number", "components/"), ("event/mp/x.lua", "x = 1", "events/"),
            ("Spawn/players.lua", "x = 1", "spawn/"), ("leave/player.lua", "x = 1", "players"),
            ("leaves/players.lua", "x = 1", "leave/"),
        ])
    func suggestions(file: String, text: String, meant: String) throws {
        let folder = try ScratchFolder(goodGame)
        try folder.write(file, text)
        let (_, problems) = try GameFolder.load(directory: folder.path)
        #expect(problems.map { $0.message.hasSuffix("; did you mean \(meant)?") } == [true], "\(problems)")
    }

    @Test("nothing is suggested for a word that is similar to none", arguments: ["colour", "x", "owner_of_this_game"])
    func noSuggestion(key: String) throws {
        let folder = try ScratchFolder(["game.yaml": "\(key): 1"])
        let (_, problems) = try GameFolder.load(directory: folder.path)
        #expect(problems.map { $0.message.contains("did you mean") } == [false])
    }

    @Test("all wrong lines of game.yaml are reported at once, and nothing of the file takes effect")
    func severalMistakes() throws {
        let folder = try ScratchFolder(["game.yaml": "name: A\ntick_rate: fast\nsend_rate: [1]\ncolour: red\n"])
        let (game, problems) = try GameFolder.load(directory: folder.path)
        #expect(problems.map(\.line) == [2, 3, 4])
        #expect(game.configuration == GameConfiguration())
    }
}
