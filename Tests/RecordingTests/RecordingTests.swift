import Foundation
import GameFolder
import JSONValues
import LuaSandbox
import Simulation
import SimulationTestKit
import Synchronization
import Testing
import Wire
import World

@testable import Recording

/// The same inputs give the same ticks, so a recorded session can be replayed [design 6, M8.5.2].
@Suite("Record and replay") struct RecordingTests {
    /// A game whose scripts use everything that the world and its surroundings offer.
    static let files = [
        "game.yaml": "name: Recorded\ntick_rate: 16\nsend_rate: 8\n",
        "components/hp.lua": "--@type number\n--@default 10\nif value < 0 then object.components.hp = 10 end",
        "components/bag.lua": "--@type json\n--@default {\"items\":[]}\n",
        "components/secret.lua": "--@type number\n--@default 1\n--@private\n",
        "events/walk/index.lua": """
        --@public true
        --@param dx number = 1
        object.x = object.x + data.dx
        object.components.bag.items[#object.components.bag.items + 1] = { at = object.x, name = object.key }
        object.components.secret = object.components.secret + 1
        """,
        "events/walk/timeout.lua": "return 0.25",
        "events/roll/index.lua": """
        --@public true
        object.components.hp = math.random(100) - 20
        local x, y = map.random()
        map.broadcast({ dice = math.random(), x = x, y = y })
        """,
        "events/clock/index.lua": """
        --@public true
        print(microtime(), os.time(), os.date("!%c"), os.clock(), microtime())
        object.send({ now = microtime() })
        """,
        "events/breed/index.lua": """
        --@public true
        local other = objects.add("animals", { prefab = "sheep", components = { hp = 3 } })
        other.events.add("live")
        """,
        "events/live/index.lua": """
        object.components.hp = object.components.hp - math.random()
        object.x, object.y = map.random()
        object.events.add("live")
        """,
        "events/live/timeout.lua": "return 0.2",
        "events/leave/index.lua":
            "--@public true\nfor _, one in pairs(objects) do if one.type == 'animals' then one.map_id = 2 break end end",
        "events/wrong/index.lua": "--@public true\nlocal nothing = nil\nnothing.x = 1",
        "spawn/players.lua": "print('welcome', object.login)",
        "lib/say.lua": "function say(text) print('say', text) end",
        "maps/1-one.tmj": map, "maps/2-two.tmj": map,
    ]

    static let map = """
        {"width":20,"height":20,"tilewidth":32,"tileheight":32,"orientation":"orthogonal","infinite":false,"tilesets":[],"layers":[]}
        """

    static let records = [
        EntityRecord(
            key: EntityKey(.animals, 7), mapID: 1, prefab: "cow", x: 3, y: 3, components: ["hp": .number(-0.0)],
            events: ["live": EventRecord(action: "index", time: 1_700_000_000.5)])
    ]

    /// Gives a map every kind of input, for some seconds, with a reload in the middle.
    static func play(_ map: TestMap) throws {
        map.join(1)
        map.join(2, components: ["hp": .number(4), "bag": .object(["items": .array([.null, .number(0.1)])])])
        for second in 0..<4 {
            for (index, command) in ["walk", "roll", "clock", "breed", "wrong", "nothing", "load"].enumerated() {
                map.time.advance(UInt64(1_000_000 * index + 17))
                try map.command(1 + index % 2, command, id: Double(second * 10 + index))
                map.advance(0.125)
            }
            try map.command(2, "walk", ["dx": .number(-0.3)])
            try map.command(2, "walk", ["wrong": .bool(true)])
        }
        try map.change([
            "events/roll/index.lua": "--@public true\nobject.components.hp = math.random()", "lib/say.lua": nil,
        ])
        try map.change(["events/walk/index.lua": "--@public true\nthis is no Lua"])
        map.tick([
            .arrive(EntityRecord(key: EntityKey(.enemys, 5), mapID: 1, x: 1, y: 1), from: 2), .reload(2),
            .event(
                .init(
                    key: EntityKey(.enemys, 5), group: "walk", event: "index", data: ["dx": .number(0.5)], mapID: 2)),
        ])
        try map.command(1, "roll")
        try map.command(1, "leave")
        map.advance(1)
        // The same player joins with another connection, and then leaves.
        map.tick([
            .join(EntityRecord(key: EntityKey(.players, 1), login: "player1", mapID: 1), TestPlayer(id: 9, playerID: 1))
        ])
        map.advance(1)
        map.tick([.leave(9)])
        map.advance(2)
    }

    static func played(_ more: [String: String] = [:]) throws -> RecordedMap {
        let recorded = try RecordedMap(files.merging(more) { $1 }, records: records)
        try play(recorded.map)
        return recorded
    }

    @Test("the entities near a neighbour's edge are recorded too [M3.8]")
    func borders() throws {
        let recorded = try RecordedMap(
            Self.files.merging(["game.yaml": "border_view: 3\nneighbours:\n  1: {right: 2}\n"]) { $1 },
            records: Self.records)
        let (map, key) = (recorded.map, EntityKey(.enemys, 40))
        let player = map.join(1)
        let strip = BorderStrip(
            mapID: 2,
            records: [
                EntityRecord(
                    key: key, mapID: 2, prefab: "wolf", x: 21, y: 3, action: "howl", components: ["hp": .number(0.5)])
            ], actionAssigned: [key])
        map.tick([.watch(from: 2, isNew: true), .border(strip)])
        try map.command(1, "breed")
        map.tick([.border(strip)])
        map.advance(1)
        #expect(player.world["\(key)"]?["x"] == .number(21))
        map.tick([.border(BorderStrip(mapID: 2, records: [], actionAssigned: []))])
        map.advance(1)
        #expect(player.world["\(key)"] == nil)
        let recording = try recorded.finished()
        let report = try recording.replay()
        #expect(report.difference == nil && report.hashes >= 2)
        let blind = try recorded.edited(["game.yaml": "neighbours:\n  1: {right: 2}\n"])
        #expect(try recording.replay(game: blind).difference != nil, "the players were told of it")
    }

    @Test("a recorded session is replayed tick by tick, without the game's folder")
    func identical() throws {
        let recorded = try Self.played()
        let ticks = recorded.map.simulation.tickNumber
        let lines = recorded.map.simulation.log.lines
        let recording = try recorded.finished()
        try FileManager.default.removeItem(at: recorded.map.directory)
        let report = try recording.replay()
        #expect(report.difference == nil)
        #expect(report.ticks == ticks)
        #expect(report.hashes >= 7, "one a second")
        #expect(report.notes == [])
        #expect(recording.end == .stopped && recording.cut == nil)
        #expect(recording.head == RecordingHead(started: 1, zone: "UTC", game: "test"))

        let told = Locked<[String]>([])
        var options = ReplayRunner.Options()
        options.onLine = { _, line, isError in if !isError { told.change { $0.append(line) } } }
        _ = try ReplayRunner(recording, options: options).run(mapID: 1)
        #expect(told.value.count == lines.count)
        #expect(told.value.contains { $0.contains("events/clock/index.lua") }, "the test plays what it says")
    }

    @Test("replaying with the same game as the other game shows no difference, and ends at the requested tick")
    func sameGame() throws {
        let recorded = try Self.played()
        let recording = try recorded.finished()
        // With another game the recorded reloads are left out, so compare with the first files, before the reload.
        let first = try recorded.edited(Self.files.mapValues { $0 })
        let report = try recording.replay(game: first, until: 40)
        #expect(report.difference == nil)
        #expect(report.ticks == 40)
    }

    struct Edit: Sendable, CustomTestStringConvertible {
        let rule: String
        let files: [String: String]
        /// Parts of the difference's text.
        let says: [String]
        var testDescription: String { rule }
    }

    @Test(
        "an edited game: the first difference is named, with the recorded and the replayed value",
        arguments: [
            Edit(
                rule: "another value of a component",
                files: ["components/hp.lua": "--@type number\n--@default 11\n"],
                says: ["players_1.components.hp", "\"10\"", "\"11\"", "player1"]),
            Edit(
                rule: "another position",
                files: ["events/walk/index.lua": "--@public true\n--@param dx number = 1\nobject.x = object.x + 2"],
                says: ["players_1.x", "\"6\"", "\"7\""]),
            Edit(
                rule: "a log line more",
                files: ["spawn/players.lua": "print('welcome', object.login) print('and more')"],
                says: ["line", "recorded: nil", "and more"]),
            Edit(
                rule: "a log line less", files: ["spawn/players.lua": "local nothing"],
                says: ["line", "replayed: nil", "welcome"]),
            Edit(
                rule: "another message of a script",
                files: ["events/clock/index.lua": "--@public true\nobject.send({ later = 1 })"],
                says: ["line", "replayed: nil"]),
            Edit(
                rule: "another timeout", files: ["events/walk/timeout.lua": "return 0.3"],
                says: ["timeouts.walk.timeout", "\"0.25\"", "\"0.3\""]),
            Edit(
                rule: "an error gone", files: ["events/wrong/index.lua": "--@public true\nlocal fine = 1"],
                says: ["line", "replayed: nil", "events/wrong/index.lua:3"]),
        ])
    func edited(edit: Edit) throws {
        let recorded = try RecordedMap(Self.files, records: Self.records)
        recorded.map.join(1)
        for command in ["walk", "clock", "wrong"] {
            try recorded.map.command(1, command)
            recorded.map.advance(0.5)
        }
        let recording = try recorded.finished()
        let report = try recording.replay(game: try recorded.edited(edit.files))
        let difference = try #require(report.difference)
        for part in edit.says { #expect("\(difference.kind)".contains(part), "\(difference.kind)") }
        #expect(difference.tick == report.ticks && difference.tick > 0)
        #expect(difference.time == report.to)
    }

    @Test("the replay also stops a script that its time limit had stopped, and notes that it may differ from there")
    func timeLimit() throws {
        let endless = [
            "events/walk/index.lua": "--@public true\nobject.x = 9\nwhile true do end",
            "game.yaml": "tick_rate: 16\nevent_time_limit_ms: 5\n",
        ]
        let recorded = try RecordedMap(Self.files.merging(endless) { $1 })
        recorded.map.join(1)
        try recorded.map.command(1, "walk")
        recorded.map.advance(1)
        let report = try recorded.finished().replay()
        #expect(report.difference == nil, "the error is the recorded one, its line and traceback as well")
        #expect(report.notes.map(\.note) == [.stopped(path: "events/walk/index.lua", kind: "time")])
        #expect(report.notes.first?.tick == 2)
    }

    @Test("a VM that was replaced for lack of memory, and scripts that failed before that, replay the same")
    func memory() throws {
        let files = Self.files.merging([
            "game.yaml": "tick_rate: 16\nmemory_limit_mb: 1\n",
            "events/fill/index.lua": "--@public true\n" + TestMap.fill, "events/fill/timeout.lua": "return 0",
        ]) { $1 }
        let recorded = try RecordedMap(files)
        recorded.map.join(1)
        try recorded.map.fillUntilRebuilt()
        try recorded.map.command(1, "roll")
        recorded.map.advance(1)
        let report = try recorded.finished().replay()
        #expect(report.difference == nil)
        #expect(report.ticks == recorded.map.simulation.tickNumber)
    }

    @Test("a map that closes and opens again in the same recording replays both times")
    func reopened() throws {
        let recorded = try Self.played()
        let again = try TestMap(Self.files, seed: 8, records: Self.records, recording: recorded.file.recorded)
        try Self.play(again)
        let report = try recorded.finished().replay()
        #expect(report.difference == nil)
        #expect(report.ticks == recorded.map.simulation.tickNumber + again.simulation.tickNumber)
        #expect(report.to == again.now)
    }

    @Test(
        "a script that ends by itself only in the replay counts as stopped with the recorded error, and a note says so")
    func endedThisTime() {
        let error = ScriptError(kind: .time, message: "a.lua:3: too long", file: "a.lua", line: 3)
        var step = RecordedStep(mapStep: .tick([]), now: 1)
        step.stops = [.init(call: 1, path: "a.lua", error: error)]
        let outside = ReplaySurroundings(isStrict: true)
        outside.begin(step)
        #expect(outside.limit(.milliseconds(50)) > .seconds(1), "a call that was not stopped has time on any machine")
        #expect(outside.limit(.milliseconds(50)) == .milliseconds(50))
        #expect(outside.ended("a.lua", nil) == error)
        #expect(outside.ended("b.lua", nil) == nil)
        #expect(outside.notes == [.endedThisTime(path: "a.lua", kind: "time")])
        #expect(outside.notes[0].text.contains("a.lua was stopped by its time limit when it was recorded"))
    }

    @Test("an edited game that needs more than was recorded gets it: other ids, and the last recorded time")
    func moreThanRecorded() {
        let outside = ReplaySurroundings(isStrict: false)
        var step = RecordedStep(mapStep: .tick([]), now: 1)
        step.ids = [EntityKey(.animals, 7), EntityKey(.animals, 8)]
        step.elapsed = [5, 6]
        outside.begin(step)
        #expect((0..<3).map { _ in outside.nextID(.animals) } == [7, 8, 1_000_000_001])
        #expect(outside.nextID(.enemys) == 1_000_000_001)
        let clock = outside.clock
        #expect((0..<3).map { _ in clock.elapsed(0) } == [5, 6, 6])
        #expect(outside.latest(EntityKey(.players, 1)) == nil)
        #expect(outside.transfer(EntityRecord(key: EntityKey(.animals, 7), mapID: 1), to: 2, from: nil))
    }

    @Test(
        "a recording that reaches its limit of bytes says why it ends, and replays up to there")
    func limit() throws {
        let recorded = try RecordedMap(Self.files, limitBytes: RecordingFile.minLimitBytes)
        recorded.map.join(1)
        var random = SeededGenerator(seed: 1)
        for _ in 0..<200 where recorded.ends.all.isEmpty {
            let noise = String(
                decoding: (0..<12_000).map { _ in UInt8.random(in: 32...126, using: &random) }, as: UTF8.self)
            try recorded.map.command(1, "walk", ["noise": .string(noise)])
            recorded.file.flush()
        }
        let ticks = recorded.map.simulation.tickNumber
        recorded.map.advance(1)
        let recording = try recorded.finished()
        #expect(recording.end == .limit)
        #expect(recorded.ends.all == [.limit])
        let report = try recording.replay()
        #expect(report.difference == nil && report.ticks == ticks - 1, "the last one did not fit")
        #expect(try recorded.bytes.count <= RecordingFile.minLimitBytes)
    }

    @Test("after the end nothing is written")
    func closed() throws {
        let recorded = try RecordedMap(Self.files)
        recorded.map.join(1)
        recorded.file.close()
        let size = try recorded.bytes.count
        recorded.map.advance(1)
        recorded.file.close()
        #expect(try recorded.bytes.count == size)
        #expect(try LoadedRecording(path: recorded.path).replay().ticks == 1)
        #expect(recorded.ends.all == [], "a recording that is closed did not end early")
    }

    @Test("a recording has the logins of players, and no passwords or tokens")
    func contents() throws {
        let recorded = try RecordedMap(Self.files)
        recorded.map.join(1)
        var steps = try recorded.finished().steps(mapID: 1)
        var logins: [String?] = []
        while let step = try steps.next() {
            guard case .tick(let inputs) = step.mapStep else { continue }
            for case .join(let record, _) in inputs { logins.append(record.login) }
        }
        #expect(logins == ["player1"])
    }
}

/// A value that several threads may change.
final class Locked<Value: Sendable>: Sendable {
    private let mutex: Mutex<Value>
    init(_ value: Value) { mutex = Mutex(value) }
    var value: Value { mutex.withLock { $0 } }
    func change(_ body: (inout sending Value) -> Void) { mutex.withLock { body(&$0) } }
}
