import Foundation
import GameFolder
import GameRules
import Simulation
import SimulationTestKit
import Testing
import World

@testable import Recording

@Suite("Recordings that are cut off or damaged, and files that are not recordings") struct RecordingFileTests {
    /// The bytes of a recording of a few seconds, written in several pieces, and its number of ticks.
    static func session() throws -> (bytes: Data, ticks: Int) {
        let recorded = try RecordedMap(RecordingTests.files, records: RecordingTests.records)
        try RecordingTests.play(recorded.map)
        recorded.file.close()
        return (try recorded.bytes, recorded.map.simulation.tickNumber)
    }

    static func error(_ bytes: Data) -> RecordingError? {
        do {
            _ = try LoadedRecording(bytes, path: "x.rec")
            return nil
        } catch {
            return error
        }
    }

    @Test("a recording that is cut off anywhere, as by a kill, replays up to its last complete piece, or says why not")
    func cutOff() throws {
        let (bytes, ticks) = try Self.session()
        var seen: Set<Int> = []
        for length in stride(from: 0, to: bytes.count, by: 97) {
            do {
                let recording = try LoadedRecording(bytes.prefix(length), path: "x.rec")
                let report = try recording.replay()
                #expect(report.difference == nil)
                #expect(recording.end == nil)
                seen.insert(report.ticks)
            } catch let error as RecordingError {
                #expect(!error.description.isEmpty)
            }
        }
        #expect(seen.allSatisfy { $0 <= ticks })
        let whole = try LoadedRecording(bytes, path: "x.rec")
        #expect(try whole.replay().ticks == ticks)
        // Without the mark of its end the recording has all ticks, but `end` is nil.
        let open = try LoadedRecording(bytes.prefix(bytes.count - 26), path: "x.rec")
        #expect(open.end == nil)
        #expect(try open.replay().ticks == ticks)
    }

    @Test("any wrong byte is noticed, and nothing after it is replayed")
    func damaged() throws {
        let (bytes, ticks) = try Self.session()
        for offset in stride(from: 0, to: bytes.count, by: 61) {
            var wrong = bytes
            wrong[offset] ^= 0x55
            do {
                let recording = try LoadedRecording(wrong, path: "x.rec")
                let report = try recording.replay()
                #expect(report.difference == nil && report.ticks <= ticks)
                #expect(recording.end == nil && recording.cut != nil)
            } catch let error as RecordingError {
                #expect(!error.description.isEmpty)
            }
        }
    }

    @Test("a file that is not a recording is refused, and the error says what to do")
    func refused() throws {
        let (bytes, _) = try Self.session()
        var newer = bytes
        newer[8] = 7
        #expect(Self.error(newer) == .newerVersion(path: "x.rec", found: 7, known: 6))
        #expect(Self.error(newer)?.description.contains("format 7, and this perigee knows up to 6") == true)
        var older = bytes
        older[8] = 3
        #expect(Self.error(older) == nil, "files of former formats are still read")
        #expect(Self.error(Data()) == .notARecording(path: "x.rec"))
        #expect(Self.error(Data("PERIGEE is great".utf8)) == .notARecording(path: "x.rec"))
        #expect(Self.error(bytes.prefix(12)) == .empty(path: "x.rec"))
        #expect(throws: RecordingError.self) { try LoadedRecording(path: "/nowhere/at/all.rec") }
        #expect(throws: RecordingError.noSuchMap(7, known: [1])) {
            try LoadedRecording(bytes, path: "x.rec").replay(mapID: 7)
        }
    }

    @Test("a file that can't be made is an error that names it")
    func unwritable() throws {
        let path = "/nowhere/at/all.rec"
        #expect(throws: RecordingError.self) {
            try RecordingFile(
                path: path, limitBytes: 1 << 20, head: RecordingHead(started: 0, zone: "", game: ""), onEnd: { _ in })
        }
    }

    @Test("random bytes instead of steps are reported as malformed and never crash")
    func garbage() throws {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<2_000 {
            let count = Int.random(in: 1...200, using: &random)
            var tape = TapeReader((0..<count).map { _ in UInt8.random(in: 0...40, using: &random) })
            var time: UInt64 = 0
            while !tape.isAtEnd, (try? tape.step(before: &time, game: { _ in GameDefinition() })) != nil {}
        }
    }

    /// The bytes of an enemy with one pending event, and where in them the byte before the event's name is.
    private static func pending() -> (bytes: [UInt8], mark: Int) {
        var record = EntityRecord(key: EntityKey(.enemys, 1), mapID: 1)
        record.events["work"] = EventRecord(action: "go", data: nil, commandID: nil, time: 5, isFromClient: true)
        var writer = TapeWriter()
        writer.write(record)
        // Behind it stand the event's name with its length, two flags and the time.
        return (writer.bytes, writer.bytes.count - (1 + 2 + 2 + 8) - 1)
    }

    @Test("an unknown byte is reported as malformed, with its value and its place", arguments: [3, 7, 255] as [UInt8])
    func unknownByte(value: UInt8) throws {
        var (bytes, mark) = Self.pending()
        var reader = TapeReader(bytes, chunkAt: 1000)
        #expect(try reader.record().events["work"]?.isFromClient == true)
        bytes[mark] = value
        reader = TapeReader(bytes, chunkAt: 1000)
        #expect(
            throws: RecordingError.malformed(
                "\(value) is not the mark of a pending event, 0 to 2; byte \(mark) of the part that begins at byte 1000 of the file"
            )
        ) { try reader.record() }
        reader = TapeReader([value])
        #expect(
            throws: RecordingError.malformed(
                "\(value) is not 0 or 1, which say no and yes; byte 0 of the part that begins at byte 0 of the file")
        ) { try reader.flag() }
    }

    @Test("an input of an unknown kind is refused with its number and its place")
    func unknownInput() throws {
        var writer = TapeWriter()
        var time: UInt64 = 0
        writer.write(.tick([.close]), now: 5, after: &time) { _ in 0 }
        var bytes = writer.bytes
        let last = bytes.count - 1
        bytes[last] = 250
        var tape = TapeReader(bytes, chunkAt: 1000)
        time = 0
        #expect(
            throws: RecordingError.malformed(
                "250 is not a kind of input; byte \(last) of the part that begins at byte 1000 of the file")
        ) { try tape.mapStep(before: &time) { _ in GameDefinition() } }
    }

    @Test("the place in the error is that of the damaged part in the file")
    func place() throws {
        // A whole and undamaged part of steps, as another version might write it.
        let head = try #require(RecordingFormat.chunk(.head, Array("{}".utf8)))
        let steps = try #require(RecordingFormat.chunk(.steps, map: 1, [99]))
        let bytes = RecordingFormat.magic + [3, 0, 0, 0] + head + steps
        #expect(
            throws: RecordingError.malformed(
                "99 is not the beginning of a step; byte 0 of the part that begins at byte \(12 + head.count) of the file"
            )
        ) { try LoadedRecording(Data(bytes), path: "x.rec").replay() }
    }

    @Test(
        "integers and numbers are read exactly as they were written",
        arguments: [0, 1, -1, 63, 64, -64, -65, 1 << 40, .max, .min])
    func integers(value: Int) throws {
        var writer = TapeWriter()
        writer.write(value)
        writer.write(unsigned: UInt64(bitPattern: Int64(value)))
        writer.write(Double(value) / 3)
        writer.write(-0.0)
        var reader = TapeReader(writer.bytes)
        #expect(try reader.integer() == value)
        #expect(try reader.unsigned() == UInt64(bitPattern: Int64(value)))
        #expect(try reader.double() == Double(value) / 3)
        #expect(try reader.double().sign == .minus)
        #expect(reader.isAtEnd)
    }

    @Test("loading a definition's files gives the same definition; a broken file has its last good contents")
    func definitions() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("perigee-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try TestMap.write(RecordingTests.files, to: folder)
        var (game, _) = try GameFolder.load(directory: folder.path)
        game.files = GameFiles(of: game, previous: nil)
        try TestMap.write(
            [
                "game.yaml": "tick_rate: [", "maps/1-one.tmj": "{", "components/hp.lua": "--@type colour\n",
                "events/new/index.lua": "print(1)",
            ], to: folder)
        var (next, problems) = try GameFolder.load(directory: folder.path, previous: game)
        #expect(problems.count >= 3)
        next.files = GameFiles(of: next, previous: game.files)
        let (again, mistakes) = try GameFolder.load(files: try #require(next.files))
        #expect(mistakes == [])
        #expect(again.configuration == next.configuration)
        #expect(again.schema == next.schema)
        #expect(again.scripts == next.scripts)
        #expect(again.maps == next.maps)
        #expect(again.configuration.name == "Recorded")
    }

    @Test("files of a foreign recording are written only inside the folder")
    func escape() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("perigee-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let inner = folder.appendingPathComponent("inner")
        try GameFiles(["../out.lua": [1], "lib/in.lua": [2]]).write(to: inner.path)
        #expect(!FileManager.default.fileExists(atPath: folder.appendingPathComponent("out.lua").path))
        #expect(FileManager.default.fileExists(atPath: inner.appendingPathComponent("lib/in.lua").path))
    }
}
