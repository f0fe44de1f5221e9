import Histogram
import JSONValues
import LuaSandbox
import World

/// The log and the error log of a map: bounded in memory, and passed on line by line [M7.3–M7.6, M8.4.1].
package final class MapLog {
    /// The most log lines kept.
    package static let maxLines = 500
    /// The most error entries kept.
    package static let maxErrors = 200
    /// The most bytes kept of one line's text.
    static let maxText = 4_000

    /// The latest lines, oldest first.
    package private(set) var lines: [MapDiagnostics.LogLine] = []
    /// The latest errors, oldest first.
    package private(set) var errors: [MapDiagnostics.ErrorEntry] = []
    /// How many errors there were since the map was made.
    package private(set) var errorCount = 0
    private let mapID: Int
    private let sink: (any MapLogSink)?

    /// An entry of the log or of the error log.
    package enum Entry: Sendable {
        case line(MapDiagnostics.LogLine)
        case error(MapDiagnostics.ErrorEntry)
    }

    /// Called for every new entry, also for an error that repeats the last one.
    package var onEntry: ((Entry) -> Void)?

    /// Makes an empty log, whose entries also go to the sink.
    package init(mapID: Int, sink: (any MapLogSink)?) {
        self.mapID = mapID
        self.sink = sink
    }

    /// Adds a line to the log.
    ///
    /// - Parameters:
    ///   - text: The line.
    ///   - script: The path of the script that printed it.
    ///   - time: Unix time in seconds.
    ///   - tick: The tick's number.
    package func line(_ text: String, script: String? = nil, time: Double, tick: Int) {
        let text = text.clipped(to: Self.maxText)
        let line = MapDiagnostics.LogLine(time: time, tick: UInt64(max(tick, 0)), script: script, text: text)
        lines.append(line)
        onEntry?(.line(line))
        sink?.note(.line(line), mapID: mapID)
        if lines.count > Self.maxLines + 100 { lines.removeFirst(lines.count - Self.maxLines) }
        sink?.append(["\(Self.stamp(time)) tick=\(tick) \(script ?? "-") \(text)"], mapID: mapID, isError: false)
    }

    /// Adds an error; when the last entry is the same error, only increases its count.
    package func error(_ entry: MapDiagnostics.ErrorEntry) {
        var entry = entry
        entry.message = entry.message.clipped(to: Self.maxText)
        entry.traceback = entry.traceback?.clipped(to: Self.maxText)
        errorCount += 1
        onEntry?(.error(entry))
        sink?.note(.error(entry), mapID: mapID)
        if let last = errors.last, last.message.isExactly(entry.message), last.script == entry.script,
            last.entity == entry.entity, last.kind == entry.kind
        {
            errors[errors.count - 1].count += 1
            errors[errors.count - 1].time = entry.time
            errors[errors.count - 1].tick = entry.tick
        } else {
            errors.append(entry)
            if errors.count > Self.maxErrors + 50 { errors.removeFirst(errors.count - Self.maxErrors) }
        }
        let entity = entry.entity.map { " \($0)" } ?? ""
        var text = ["\(Self.stamp(entry.time)) tick=\(entry.tick) \(entry.kind)\(entity) \(entry.message)"]
        if let traceback = entry.traceback, !traceback.isEmpty {
            text += traceback.split(separator: "\n").map { "    \($0)" }
        }
        sink?.append(text, mapID: mapID, isError: true)
    }

    private static func stamp(_ time: Double) -> String {
        let fraction = String(Int(time * 1000) % 1000)
        let padding = String(repeating: "0", count: max(3 - fraction.count, 0))
        return "\(Timestamp(unixTime: time)).\(padding)\(fraction)"
    }
}

/// Durations of one kind of work: mean, percentiles and maximum in milliseconds [M7.6].
package struct Timing {
    private var histogram: Histogram<UInt32>?
    /// How many durations took each number of microseconds, if that is below ``shortMicroseconds``: most scripts take
    /// so little, and a call of the histogram takes a fifth of what they do. The histogram has the other durations.
    private var short: [UInt64] = []
    private static let shortMicroseconds: UInt64 = 128
    /// How many durations were noted.
    package private(set) var count = 0
    /// All durations together, in nanoseconds.
    package private(set) var totalNanoseconds: UInt64 = 0
    private var maxNanoseconds: UInt64 = 0

    /// Makes a timing without durations.
    package init() {}

    /// Notes one duration in nanoseconds.
    package mutating func record(_ nanoseconds: UInt64) {
        count += 1
        totalNanoseconds &+= nanoseconds
        maxNanoseconds = max(maxNanoseconds, nanoseconds)
        let microseconds = max(nanoseconds / 1000, 1)
        if microseconds < Self.shortMicroseconds {
            if short.isEmpty { short = Array(repeating: 0, count: Int(Self.shortMicroseconds)) }
            short[Int(microseconds)] &+= 1
        } else {
            recordLong(microseconds)
        }
    }

    @inline(never)
    private mutating func recordLong(_ microseconds: UInt64) {
        if histogram == nil {
            // Microseconds up to ten seconds at two digits: 12 KiB each, made when first used.
            histogram = Histogram(
                lowestDiscernibleValue: 1, highestTrackableValue: 10_000_000, numberOfSignificantValueDigits: .two)
        }
        _ = histogram?.record(min(microseconds, 10_000_000))
    }

    /// The mean in milliseconds; 0 before the first.
    package var meanMs: Double { count == 0 ? 0 : Double(totalNanoseconds) / Double(count) / 1e6 }
    /// The median in milliseconds, to a microsecond.
    package var p50Ms: Double { percentile(50) }
    /// The 95th percentile in milliseconds, to a microsecond.
    package var p95Ms: Double { percentile(95) }
    /// The 99th percentile in milliseconds, to a microsecond.
    package var p99Ms: Double { percentile(99) }
    /// The 99.9th percentile in milliseconds, to a microsecond.
    package var p999Ms: Double { percentile(99.9) }
    private func percentile(_ percent: Double) -> Double {
        // The place of the duration in the sorted list of all of them, from 1; the short ones come first.
        var rank = max((percent / 100 * Double(count)).rounded(), 1)
        for (microseconds, count) in short.enumerated() where count > 0 {
            if Double(count) >= rank { return Double(microseconds) / 1000 }
            rank -= Double(count)
        }
        guard let histogram, histogram.totalCount > 0 else { return 0 }
        return Double(histogram.valueAtPercentile(100 * rank / Double(histogram.totalCount))) / 1000
    }
    /// The maximum in milliseconds.
    package var maxMs: Double { Double(maxNanoseconds) / 1e6 }
}
