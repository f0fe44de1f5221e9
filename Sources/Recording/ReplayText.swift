import Foundation
package import JSONValues
import Simulation
import World

/// The texts that `perigee replay` prints.
package enum ReplayText {
    /// One map's report, for people.
    package static func of(_ report: ReplayRunner.MapReport, isEdited: Bool) -> String {
        var lines = report.notes.map { "map \(report.mapID), tick \($0.tick): \($0.note.text)" }
        let length = String(format: "%.1f", report.to - report.from)
        guard let difference = report.difference else {
            let same = isEdited ? "no difference" : "identical, \(report.hashes) hashes compared"
            lines.append("map \(report.mapID): \(report.ticks) ticks, \(length) s: \(same)")
            return lines.joined(separator: "\n")
        }
        let time = ISO8601DateFormatter.string(
            from: Date(timeIntervalSince1970: difference.time), timeZone: .current,
            formatOptions: [.withInternetDateTime, .withFractionalSeconds])
        let second = String(format: "%.3f", difference.time - report.from)
        lines.append("map \(report.mapID) differs at tick \(difference.tick), \(second) s after its start (\(time)):")
        lines += describe(difference.kind).map { "  \($0)" }
        return lines.joined(separator: "\n")
    }

    private static func describe(_ kind: ReplayDifference.Kind) -> [String] {
        func sides(_ recorded: String?, _ replayed: String?) -> [String] {
            ["recorded: \(recorded ?? "nothing")", "replayed: \(replayed ?? "nothing")"]
        }
        func player(_ session: UInt64, _ login: String?) -> String {
            login.map { "the client of \($0)" } ?? "session \(session)"
        }
        switch kind {
        case .unlikeRecorded:
            return [
                "the same game on the same inputs did something else than it had done. A limit that stopped a script",
                "before it explains that, and so does another version of perigee or of the C library than the one that recorded.",
            ]
        case .value(let session, let login, let path, let recorded, let replayed):
            return ["\(path), as told to \(player(session, login))"] + sides(recorded, replayed)
        case .message(let session, let login, let recorded, let replayed):
            return ["a message to \(player(session, login))"] + sides(recorded, replayed)
        case .line(let recorded, let replayed):
            return ["a line of the log"] + sides(recorded, replayed)
        }
    }

    /// How the recording ends, for people.
    package static func end(of recording: LoadedRecording) -> String {
        if let cut = recording.cut {
            return "the recording is cut off or damaged at byte \(cut); this is what stands before"
        }
        return switch recording.end {
        case nil: "the recording ends without an end: the server was killed, or is still running"
        case .stopped?: "the recording is complete"
        case let end?: "the recording ends before the game did: \(end.text)"
        }
    }

    /// The whole report as JSON.
    package static func json(_ recording: LoadedRecording, _ reports: [ReplayRunner.MapReport]) -> JSON {
        .object([
            "game": .string(recording.head.game), "started": .number(recording.head.started),
            "end": .string(end(of: recording)), "complete": .bool(recording.end == .stopped),
            "identical": .bool(reports.allSatisfy { $0.difference == nil }),
            "maps": .array(reports.map(json)),
        ])
    }

    private static func json(_ report: ReplayRunner.MapReport) -> JSON {
        .object([
            "map": .number(Double(report.mapID)), "ticks": .number(Double(report.ticks)),
            "seconds": .number(report.to - report.from), "hashes": .number(Double(report.hashes)),
            "difference": report.difference.map(json) ?? .null,
            "notes": .array(
                report.notes.map {
                    .object(["tick": .number(Double($0.tick)), "text": .string($0.note.text)])
                }),
        ])
    }

    private static func json(_ difference: ReplayDifference) -> JSON {
        var object: JSONObject = ["tick": .number(Double(difference.tick)), "time": .number(difference.time)]
        func sides(_ recorded: String?, _ replayed: String?) {
            object["recorded"] = recorded.map { .string($0) } ?? .null
            object["replayed"] = replayed.map { .string($0) } ?? .null
        }
        switch difference.kind {
        case .unlikeRecorded: object["what"] = .string("hash")
        case .value(_, let login, let path, let recorded, let replayed):
            object["what"] = .string("value")
            object["login"] = login.map { .string($0) } ?? .null
            object["path"] = .string(path)
            sides(recorded, replayed)
        case .message(_, let login, let recorded, let replayed):
            object["what"] = .string("message")
            object["login"] = login.map { .string($0) } ?? .null
            sides(recorded, replayed)
        case .line(let recorded, let replayed):
            object["what"] = .string("line")
            sides(recorded, replayed)
        }
        return .object(object)
    }
}
