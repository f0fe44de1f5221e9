import Foundation
import GameFolder
import OperatorAPI

/// Reads log files as ``FileLogStore`` wrote them. It blocks on the disk.
enum LogFileReader {
    /// How much of the end of each file is read after a restart, in bytes.
    static let tailBytes = 64 << 10

    /// Reads the end of a regular file.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - maxBytes: How much of its end.
    /// - Returns: The bytes; empty for a file that is not there, or not a regular one. A first line that is cut is left
    ///   out, unless it is the only one.
    static func tail(of path: String, maxBytes: Int) -> [UInt8] {
        guard let descriptor = try? PlainFile.open(path, O_RDONLY) else { return [] }
        defer { close(descriptor) }
        let size = max(Int(lseek(descriptor, 0, SEEK_END)), 0)
        let start = max(size - maxBytes, 0)
        var bytes = [UInt8](repeating: 0, count: size - start)
        var count = 0
        while count < bytes.count {
            let got = bytes.withUnsafeMutableBytes {
                pread(descriptor, $0.baseAddress?.advanced(by: count), $0.count - count, off_t(start + count))
            }
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { break }
            count += got
        }
        let rest = bytes[..<count]
        guard start > 0, let end = rest.firstIndex(of: 0x0A) else { return Array(rest) }
        return Array(rest[(end + 1)...])
    }

    /// The latest entries of all maps that have log files in a folder, by ascending time.
    static func entries(in directory: String) -> [LogEntry] {
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []).sorted()
        var entries: [LogEntry] = []
        for name in names {
            guard name.hasPrefix("map-"), name.hasSuffix(".log") else { continue }
            let middle = name.dropFirst(4).dropLast(4)
            let isError = middle.hasSuffix("-errors")
            guard let map = Int(isError ? middle.dropLast(7) : middle) else { continue }
            var text = tail(of: "\(directory)/\(name)", maxBytes: tailBytes)
            if text.count < tailBytes / 2 {
                text = tail(of: "\(directory)/\(name).1", maxBytes: tailBytes - text.count) + text
            }
            let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
            entries += isError ? errors(in: lines, map: map) : self.lines(in: lines, map: map)
        }
        return entries.sorted { $0.time < $1.time }
    }

    /// The entries of a log: `2026-01-31 10:20:30.456 tick=12 events/a/b.lua text`, with `-` for no script.
    static func lines(in lines: [Substring], map: Int) -> [LogEntry] {
        lines.compactMap { line in
            guard let (time, tick, rest) = head(of: line) else { return nil }
            let parts = rest.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
            guard let first = parts.first else { return nil }
            let script = first == "-" ? nil : String(first)
            return LogEntry(
                map: map, time: time, tick: tick, level: script == nil ? .server : .print, script: script,
                text: parts.count > 1 ? String(parts[1]) : "")
        }
    }

    /// The entries of an error log: `2026-01-31 10:20:30.456 tick=12 runtime enemys_7 message`, without a key when no
    /// entity is known, and lines of a traceback behind four spaces.
    static func errors(in lines: [Substring], map: Int) -> [LogEntry] {
        var entries: [LogEntry] = []
        for line in lines {
            guard let (time, tick, rest) = head(of: line) else {
                guard line.hasPrefix("    "), var last = entries.popLast() else { continue }
                last.traceback = (last.traceback.map { $0 + "\n" } ?? "") + line.dropFirst(4)
                entries.append(last)
                continue
            }
            let parts = rest.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { continue }
            var message = parts[1]
            var entity: String?
            if let end = message.firstIndex(of: " "), MessagePattern.isEntityKey(message[..<end].utf8) {
                entity = String(message[..<end])
                message = message[end...].dropFirst()
            }
            let place = message.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            let number = place.count == 3 ? Int(place[1]) : nil
            entries.append(
                LogEntry(
                    map: map, time: time, tick: tick, level: parts[0] == "returned" ? .result : .error,
                    kind: String(parts[0]),
                    script: number == nil ? suspendedScript(String(parts[0]), message) : String(place[0]),
                    line: number, entity: entity, text: String(message)))
        }
        return entries
    }

    /// The script that a message about a suspension names: `events/a/b.lua failed 100 times …`, or `the server died …;
    /// events/a/b.lua is not run …`; `nil` for other kinds of errors.
    private static func suspendedScript(_ kind: String, _ message: Substring) -> String? {
        guard kind == "suspended" else { return nil }
        let words = message.split(separator: " ")
        guard let verb = words.firstIndex(where: { $0 == "failed" || $0 == "is" }), verb > 0 else { return nil }
        return String(words[verb - 1])
    }

    private static func head(of line: Substring) -> (time: Double, tick: UInt64, rest: Substring)? {
        let parts = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 4, parts[2].hasPrefix("tick="), let tick = UInt64(parts[2].dropFirst(5)),
            let time = time(parts[0], parts[1])
        else { return nil }
        return (time, tick, parts[3])
    }

    private static func time(_ date: Substring, _ clock: Substring) -> Double? {
        let days = date.split(separator: "-").compactMap { Int32($0) }
        let parts = clock.split(separator: ":")
        guard days.count == 3, parts.count == 3, let hour = Int32(parts[0]), let minute = Int32(parts[1]),
            let second = Double(parts[2])
        else { return nil }
        var moment = tm()
        moment.tm_year = days[0] &- 1900
        moment.tm_mon = days[1] &- 1
        moment.tm_mday = days[2]
        moment.tm_hour = hour
        moment.tm_min = minute
        return Double(timegm(&moment)) + second
    }
}
