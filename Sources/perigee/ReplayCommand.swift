import ArgumentParser
import Foundation
import GameFolder
import JSONValues
import NIOPosix
import Recording
import Simulation
import World

/// `perigee replay`
struct ReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Runs a recording of perigee serve --record again, without network.",
        discussion: """
            Each map does again what it did, as fast as it can, and each tick is checked against the recording. With \
            --game the game in a folder is run beside the recorded one on the same inputs, and the first tick is shown in \
            which they part. The exit status is 0 when nothing differs, 1 when something does, 2 when the command line or \
            the file is wrong.
            """)

    @Argument(help: "The recording.") var file: String
    @Option(help: "The folder of an edited game, to run in the place of the recorded one and its reloads.")
    var game: String?
    @Option(help: "The last tick to run.") var until: Int?
    @Option(help: "The only map to run.") var map: Int?
    @Flag(help: "Prints the log lines and errors of the maps as they come.") var log = false
    @Option(help: "Writes the recorded game into this new folder and ends.") var extract: String?
    @Flag(help: "Prints one JSON object.") var json = false

    func validate() throws {
        if let until, until < 0 { throw ValidationError("--until is \(until); give a tick from 0") }
        if json, log { throw ValidationError("--log and --json don't go together") }
    }

    func run() throws {
        do {
            let recording = try LoadedRecording(path: file)
            // Log lines and os.date show local time: that of the machine that recorded.
            if !recording.head.zone.isEmpty {
                setenv("TZ", recording.head.zone, 1)
                tzset()
            }
            if let extract { return try Self.extract(recording, to: extract) }
            var options = ReplayRunner.Options()
            options.until = until
            if let game {
                let (edited, problems) = try GameFolder.load(directory: game)
                for problem in problems.prefix(20) { StandardError.print(problem.described(in: game)) }
                options.game = edited
            }
            if log {
                options.onLine = { mapID, line, isError in
                    Swift.print("map \(mapID)\(isError ? " error" : ""): \(line)")
                }
            }
            try run(recording, options)
        } catch let error as any CustomStringConvertible & Error {
            StandardError.print("perigee: \(error)")
            throw ExitCode(2)
        }
    }

    private func run(_ recording: LoadedRecording, _ options: ReplayRunner.Options) throws {
        let runner = ReplayRunner(recording, options: options)
        var reports: [ReplayRunner.MapReport] = []
        for mapID in map.map({ [$0] }) ?? recording.mapIDs {
            let report = try runner.run(mapID: mapID)
            reports.append(report)
            if !json { Swift.print(ReplayText.of(report, isEdited: game != nil)) }
        }
        if json {
            Swift.print(ReplayText.json(recording, reports).text)
        } else {
            Swift.print(ReplayText.end(of: recording))
        }
        if reports.contains(where: { $0.difference != nil }) { throw ExitCode(1) }
    }

    private static func extract(_ recording: LoadedRecording, to directory: String) throws {
        if FileManager.default.fileExists(atPath: directory) {
            throw ExtractError(message: "\"\(directory)\" is there already; name a new folder with --extract DIR")
        }
        let files = recording.lastFiles ?? GameFiles([:])
        do {
            try files.write(to: directory)
        } catch {
            throw ExtractError(message: "\"\(directory)\" can't be written (\(error.localizedDescription))")
        }
        Swift.print("\(files.contents.count) files of \(recording.head.game) are in \(directory)")
    }

    private struct ExtractError: Error, CustomStringConvertible {
        var message: String
        var description: String { message }
    }
}
