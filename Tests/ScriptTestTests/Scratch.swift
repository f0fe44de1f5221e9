import Foundation
import GameFolder
import Simulation
import Synchronization
import Testing

@testable import ScriptTest

/// A game folder that a test writes, with tests in Lua.
final class ScratchGame {
    let directory: URL

    /// The files that the folder has unless a test replaces them.
    static let files = [
        "maps/1-field.tmj": map(spawns: #"{"id":1,"type":"objects","name":"stone","x":64,"y":64}"#),
        "maps/2-cave.tmj": map(spawns: ""),
        "components/hp.lua": "--@type number\n--@default 5\nif value < 0 then object.components.hp = 0 end\n",
        "components/bag.lua": "--@type json\n--@default {\"slots\":[]}\n--@private\n--@entities players\n",
        "events/move/to.lua":
            "--@public true\n--@param x number\n--@param y number = 3\nobject.x = data.x\nobject.y = data.y",
        "events/move/timeout.lua": "return 0.25",
        "events/heal/index.lua": "object.components.hp = object.components.hp + 1\nobject.events.add('heal')",
        "events/fail/index.lua": "--@public true\nlocal nothing\nnothing.x = 1",
        "events/leave/index.lua": "--@public true\nobject.map_id = 2",
        "lib/tools.lua": "function double(n) return n * 2 end\ntools = { reach = 2 }",
        "spawn/enemys.lua": "print('here is', object.key)\nobject.side = 'left'",
    ]

    init(_ files: [String: String] = [:]) throws {
        directory = try Self.makeFolder()
        for (path, text) in Self.files.merging(files, uniquingKeysWith: { $1 }) { try write(path, text) }
    }

    private static func makeFolder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("perigee-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    func write(_ path: String, _ text: String) throws {
        let url = directory.appendingPathComponent(path)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }

    deinit { try? FileManager.default.removeItem(at: directory) }

    /// 10 × 10 tiles with a wall at x = 4 from y = 0 to 8.
    static func map(spawns: String) -> String {
        var tiles = Array(repeating: "0", count: 100)
        for row in 0...8 { tiles[row * 10 + 4] = "1" }
        return """
            {"type":"map","version":"1.8","orientation":"orthogonal","infinite":false,"width":10,"height":10,
            "tilewidth":32,"tileheight":32,"tilesets":[],"layers":[{"type":"tilelayer","name":"collision","id":1,
            "width":10,"height":10,"x":0,"y":0,"data":[\(tiles.joined(separator: ","))]},
            {"type":"objectgroup","name":"things","id":2,"x":0,"y":0,"objects":[\(spawns)]}]}
            """
    }

    /// The tests of the folder; without a `clock` argument time stands still.
    func tests(
        clock: SimulationClock = SimulationClock(now: { 0 }, monotonic: { 0 }),
        _ change: (inout GameTests.Options) -> Void = { _ in }
    ) throws -> GameTests {
        var options = GameTests.Options(clock: clock)
        change(&options)
        return try GameTests(directory: directory.path, options: options)
    }

    /// Runs all tests.
    func run(_ change: (inout GameTests.Options) -> Void = { _ in }) throws -> [TestResult] {
        try tests(change).results()
    }

    /// Runs one test with this body and returns its result.
    static func result(of body: String, _ files: [String: String] = [:]) throws -> TestResult? {
        let game = try ScratchGame(
            files.merging(["tests/one.lua": "test('one', function()\n\(body)\nend)"]) { $1 })
        return try game.run().first
    }
}

extension GameTests {
    func results() -> [TestResult] {
        var results: [TestResult] = []
        _ = run { if case .result(let result) = $0 { results.append(result) } }
        return results
    }
}

extension TestResult {
    /// The failures as `file:line: message`, one a line.
    var text: String {
        failures.map { $0.line == 0 ? $0.message : "\($0.file):\($0.line): \($0.message)" }.joined(separator: "\n")
    }
}

/// One body of a test, and what it must fail with.
struct LuaCase: Sendable, CustomTestStringConvertible {
    let rule: String
    let body: String
    let failure: String?

    /// - Parameters:
    ///   - rule: The rule that the case shows.
    ///   - body: The code of the test.
    ///   - failure: What the test must fail with, as a part of its text; `nil` when it must pass.
    init(_ rule: String, _ body: String, fails failure: String? = nil) {
        self.rule = rule
        self.body = body
        self.failure = failure
    }

    var testDescription: String { rule }
}
