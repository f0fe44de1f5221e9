package import GameFolder
import Simulation
import World

/// Replays the maps of a recording, and reports the first difference from what was recorded.
package struct ReplayRunner {
    /// What to run.
    package struct Options: Sendable {
        /// An edited game, to be compared with the recorded one; `nil` to check only the recording itself.
        package var game: GameDefinition?
        /// The most ticks to run of a map; `nil` for all. It is also the number of the last tick, unless the map was
        /// closed and opened again.
        package var until: Int?
        /// Called for each log line of the replayed map; with an edited game, for each line of that game's map.
        package var onLine: (@Sendable (_ mapID: Int, _ line: String, _ isError: Bool) -> Void)?

        /// Makes options that run everything.
        package init() {}
    }

    /// The result of replaying one map.
    package struct MapReport: Sendable, Equatable {
        /// The map's number.
        package var mapID: Int
        /// How many ticks were run.
        package var ticks = 0
        /// How many steps were run: ticks, and the steps before the first tick.
        var steps = 0
        /// The times of the first and the last step, Unix time in seconds.
        package var from = 0.0, to = 0.0
        /// How many hashes of all steps so far, about one a second, were compared and equal to the recorded ones.
        package var hashes = 0
        /// The first difference; `nil` when there is none.
        package var difference: ReplayDifference?
        /// Notes by tick; only the first 20 are kept.
        package var notes: [Note] = []

        /// A note and its tick.
        package struct Note: Sendable, Equatable {
            /// The number of the tick.
            package var tick: Int
            /// The note.
            package var note: ReplayNote
        }
    }

    /// The most notes kept of a map.
    private static let maxNotes = 20

    private let recording: LoadedRecording
    private let options: Options

    /// Makes a runner.
    ///
    /// - Parameters:
    ///   - recording: The recording.
    ///   - options: What to run.
    package init(_ recording: LoadedRecording, options: Options) {
        self.recording = recording
        self.options = options
    }

    /// Runs one map on the calling thread, up to the first difference.
    ///
    /// - Parameter mapID: The map.
    /// - Returns: The map's report.
    /// - Throws: ``RecordingError``.
    package func run(mapID: Int) throws(RecordingError) -> MapReport {
        var report = MapReport(mapID: mapID)
        var steps = try recording.steps(mapID: mapID)
        let recorded = MapReplay(mapID: mapID, game: nil)
        let edited = options.game.map { MapReplay(mapID: mapID, game: $0) }
        var total = TapeHash()
        while let step = try steps.next() {
            if case .tick = step.mapStep, let until = options.until, report.ticks >= until { break }
            let outcome = try recorded.run(step)
            switch step.mapStep {
            case .start:
                // A map that was closed and opened again starts again.
                total = TapeHash()
                if report.steps == 0 { report.from = outcome.now }
            case .populate: break
            case .tick: report.ticks += 1
            }
            report.steps += 1
            report.to = outcome.now
            for note in outcome.notes where report.notes.count < Self.maxNotes {
                report.notes.append(.init(tick: outcome.tick, note: note))
            }
            total.combine(outcome.hash)
            let isSame = outcome.hash.short == step.check && (step.total == nil || step.total == total)
            guard isSame else {
                report.difference = ReplayDifference(tick: outcome.tick, time: outcome.now, kind: .unlikeRecorded)
                return report
            }
            if step.total != nil { report.hashes += 1 }
            guard let edited else {
                tell(outcome.lines, of: mapID)
                continue
            }
            let other = try edited.run(step)
            tell(other.lines, of: mapID)
            if let difference = ReplayDifference(step, outcome, other) {
                report.difference = difference
                return report
            }
        }
        return report
    }

    private func tell(_ lines: [ReplayedLine], of mapID: Int) {
        guard let onLine = options.onLine else { return }
        for line in lines { onLine(mapID, line.text, line.isError) }
    }
}
