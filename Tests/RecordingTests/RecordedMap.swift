import Foundation
import GameFolder
import Simulation
import SimulationTestKit
import Testing
import Wire
import World

@testable import Recording

/// A map that is recorded into a file of its own while a test uses it.
final class RecordedMap {
    let path: String
    let file: RecordingFile
    let map: TestMap
    let ends = Ends()
    private let directory: URL

    /// The reasons for which the recording ended early.
    final class Ends: Sendable {
        private let list = Locked<[RecordingEnd]>([])
        var all: [RecordingEnd] { list.value }
        func add(_ end: RecordingEnd) { list.change { $0.append(end) } }
    }

    /// With `readingNs`, in nanoseconds, each reading of the monotonic clock takes that long.
    init(
        _ files: [String: String], records: [EntityRecord] = [], limitBytes: Int = 64 << 20,
        clockStepNs: UInt64? = nil, readingNs: UInt64? = nil, socketPackets: SocketPackets = SocketPackets()
    ) throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("perigee-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        path = directory.appendingPathComponent("session.rec").path
        file = try RecordingFile(
            path: path, limitBytes: limitBytes, head: RecordingHead(started: 1, zone: "UTC", game: "test"),
            onEnd: { [ends] in ends.add($0) })
        let (file, time) = (file, TestTime())
        map = try TestMap(
            files, records: records,
            recording: { surroundings, mapID in
                var surroundings = surroundings
                surroundings.socketPackets = socketPackets
                if let readingNs {
                    surroundings.clock.monotonic = {
                        time.advance(readingNs)
                        return time.nanoseconds
                    }
                }
                return file.recorded(surroundings, mapID: mapID)
            }, clockStepNs: clockStepNs)
    }

    deinit { try? FileManager.default.removeItem(at: directory) }

    /// Ends the recording and reads it.
    func finished() throws -> LoadedRecording {
        file.close()
        return try LoadedRecording(path: path)
    }

    /// The recording's bytes.
    var bytes: Data { get throws { try Data(contentsOf: URL(fileURLWithPath: path)) } }

    /// The recorded game with some files changed, or removed.
    func edited(_ changes: [String: String?]) throws -> GameDefinition {
        var contents = try #require(try LoadedRecording(path: path).lastFiles).contents
        for (path, text) in changes { contents[path] = text.map { Array($0.utf8) } }
        return try GameFolder.load(files: GameFiles(contents)).0
    }
}

extension LoadedRecording {
    /// Replays a map.
    func replay(mapID: Int = 1, game: GameDefinition? = nil, until: Int? = nil) throws -> ReplayRunner.MapReport {
        var options = ReplayRunner.Options()
        options.game = game
        options.until = until
        return try ReplayRunner(self, options: options).run(mapID: mapID)
    }
}
