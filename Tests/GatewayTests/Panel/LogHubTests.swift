import Foundation
import Logging
import OperatorAPI
import Simulation
import Testing

@testable import AdminPanel

@Suite("The logs of all maps [M7.3]") struct LogHubTests {
    private func line(_ text: String, script: String? = "events/a/b.lua", time: Double = 5) -> MapLog.Entry {
        .line(.init(time: time, tick: 3, script: script, text: text))
    }

    private func error(_ text: String, entity: String? = "animals_1", time: Double = 5) -> MapLog.Entry {
        .error(ErrorGroupsTests.error(text, entity: entity, time: time))
    }

    @Test("entries are found by map, level, script, entity and text, in any case; each map keeps a bounded number")
    func filters() {
        let logs = LogHub()
        logs.note(line("Hello"), mapID: 1)
        logs.note(line("the tick took long", script: nil), mapID: 2)
        logs.note(error("events/a/b.lua:3: No Field"), mapID: 2)
        var returned = ErrorGroupsTests.error("events/a/b.lua returned 5", kind: "returned")
        returned.entity = "players_4"
        logs.note(.error(returned), mapID: 1)
        func texts(_ filter: LogFilter) -> [String] { logs.entries(filter, limit: 10).map(\.text) }
        #expect(texts(LogFilter()).count == 4)
        #expect(texts(LogFilter(map: 2)) == ["the tick took long", "events/a/b.lua:3: No Field"])
        #expect(texts(LogFilter(level: .server)) == ["the tick took long"])
        #expect(texts(LogFilter(level: .error)) == ["events/a/b.lua:3: No Field"])
        #expect(texts(LogFilter(level: .result)) == ["events/a/b.lua returned 5"], "row 159")
        #expect(texts(LogFilter(entity: "PLAYERS_4")) == ["events/a/b.lua returned 5"])
        #expect(texts(LogFilter(script: "A/B")).count == 3)
        #expect(texts(LogFilter(text: "no field")) == ["events/a/b.lua:3: No Field"])
        #expect(logs.entries(LogFilter(), limit: 2).map(\.number) == [3, 4])
        #expect(logs.groups().groups.map(\.count) == [1], "what a trigger returned is no error")
        for number in 0..<3000 { logs.note(line("\(number)"), mapID: 1) }
        #expect(logs.entries(LogFilter(map: 1), limit: 9999).count == LogRing.maxEntries)
        let long = String(repeating: "x", count: 4000)
        for _ in 0..<3000 { logs.note(line(long), mapID: 1) }
        #expect(logs.entries(LogFilter(map: 1), limit: 9999).map(\.weight).reduce(0, +) <= LogRing.maxBytes)
        #expect(logs.entries(LogFilter(map: 2), limit: 9999).count == 2, "a noisy map does not drown the others")
    }

    @Test("a reader that is too slow loses the oldest entries and is told how many; memory stays bounded")
    func slowReader() throws {
        let logs = LogHub()
        let stream = try #require(logs.open(owner: "ada", LogFilter(), after: nil))
        for number in 1...10_000 { logs.note(line("\(number)"), mapID: 1) }
        let batch = stream.queue.take()
        #expect(batch.entries.count <= LogQueue.maxEntries && batch.entries.count > LogQueue.maxEntries / 2)
        #expect(batch.entries.count + batch.skipped == 10_000)
        #expect(batch.entries.last?.text == "10000")
        let long = String(repeating: "x", count: 4000)
        for _ in 0..<1000 { logs.note(line(long), mapID: 1) }
        let heavy = stream.queue.take()
        #expect(heavy.entries.map(\.weight).reduce(0, +) <= LogQueue.maxBytes)
        #expect(heavy.entries.count + heavy.skipped == 1000)
        #expect(stream.queue.take().entries.isEmpty)
    }

    @Test("streams are bounded: a further one of an operator ends the oldest, and too many in all are refused")
    func streamLimits() throws {
        let logs = LogHub()
        var streams: [LogStream] = []
        for _ in 0..<LogHub.maxStreamsEach {
            streams.append(try #require(logs.open(owner: "ada", LogFilter(), after: nil)))
        }
        let more = try #require(logs.open(owner: "ada", LogFilter(), after: nil))
        #expect(streams[0].queue.take().end == .replaced && streams[1].queue.take().end == nil)
        #expect(logs.streamCount == LogHub.maxStreamsEach)
        streams.append(more)
        for owner in 0..<(LogHub.maxStreams - LogHub.maxStreamsEach) {
            streams.append(try #require(logs.open(owner: "\(owner)", LogFilter(), after: nil)))
        }
        #expect(logs.open(owner: "late", LogFilter(), after: nil) == nil)
        streams.removeAll()
        #expect(logs.streamCount == 1, "only `more` is left")
        withExtendedLifetime(more) {}
    }

    @Test("a stream begins with the latest entries of its map, and goes on after the last one that a reader has")
    func beginning() throws {
        let logs = LogHub()
        for number in 1...400 { logs.note(line("\(number)"), mapID: number % 2 + 1) }
        let first = try #require(logs.open(owner: "ada", LogFilter(), after: nil)).queue.take()
        #expect(first.entries.map(\.text) == (101...400).map(String.init) && first.skipped == 0)
        let own = try #require(logs.open(owner: "ada", LogFilter(map: 2), after: nil)).queue.take()
        #expect(own.entries.count == 200 && own.entries.allSatisfy { $0.map == 2 })
        let resumed = try #require(logs.open(owner: "ada", LogFilter(), after: 398)).queue.take()
        #expect(resumed.entries.map(\.text) == ["399", "400"] && resumed.skipped == 0)
        let late = try #require(logs.open(owner: "ada", LogFilter(), after: 50)).queue.take()
        #expect(late.entries.map(\.text) == (101...400).map(String.init) && late.skipped == 50)
        let later = try #require(logs.open(owner: "ada", LogFilter(map: 1), after: 50)).queue.take()
        #expect(later.entries.count == 175 && later.skipped == 0)
    }

    @Test("entries that come while a stream is opened follow those with which it begins")
    func opening() {
        func entries(_ numbers: ClosedRange<UInt64>) -> [LogEntry] {
            numbers.map { number in
                var entry = LogEntry(map: 1, time: 5, tick: 3, level: .server, text: "\(number)")
                entry.number = number
                return entry
            }
        }
        let queue = LogQueue()
        for entry in entries(4...5) { queue.offer(entry) }
        queue.begin(with: entries(2...3), skipped: 1)
        let batch = queue.take()
        #expect(batch.entries.map(\.number) == [2, 3, 4, 5] && batch.skipped == 1)
        // When some of those that came are gone already, all before them are.
        for entry in entries(3...1000) { queue.offer(entry) }
        queue.begin(with: entries(1...2), skipped: 0)
        let flood = queue.take()
        #expect(flood.entries.count + flood.skipped == 1000 && flood.entries.last?.number == 1000)
        #expect(flood.entries.first?.number == UInt64(flood.skipped) + 1)
    }

    private func withFolder(_ body: (String, @escaping () throws -> LogHub) throws -> Void) throws {
        let folder = NSTemporaryDirectory() + "/log-hub-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        try body(folder) {
            LogHub(files: try FileLogStore(directory: folder, logger: logger), directory: folder, now: { 1000 })
        }
    }

    /// A map's log with a sink, as a map uses it.
    private func log(_ logs: LogHub, map: Int) -> MapLog { MapLog(mapID: map, sink: logs) }

    @Test("after a restart the earlier lines come from the files, and the groups of errors are as they were")
    func restart() throws {
        try withFolder { folder, open in
            let before = try open()
            let log = log(before, map: 4)
            log.line("hello <b>", script: "events/a/b.lua", time: 990.25, tick: 7)
            log.line("reloaded", time: 991, tick: 8)
            var error = ErrorGroupsTests.error("events/a/b.lua:3: boom", entity: "animals_7", time: 992.5)
            error.traceback = "in main\nin step"
            log.error(error)
            log.error(error)
            before.flush()
            let after = try open()
            let entries = after.entries(LogFilter(), limit: 10)
            #expect(
                entries.map(\.text) == ["hello <b>", "reloaded", "events/a/b.lua:3: boom", "events/a/b.lua:3: boom"])
            #expect(entries.map(\.level) == [.print, .server, .error, .error] && entries.allSatisfy { $0.map == 4 })
            #expect(abs(entries[0].time - 990.25) < 0.002 && entries[0].tick == 7)
            #expect(entries[0].script == "events/a/b.lua" && entries[1].script == nil)
            let last = entries[3]
            #expect(
                last.kind == "runtime" && last.entity == "animals_7" && last.script == "events/a/b.lua"
                    && last.line == 3)
            #expect(last.traceback == "in main\nin step")
            #expect(after.groups().groups == before.groups().groups && after.groups().groups[0].count == 2)
            #expect(after.groups().groups[0].maps[0].version == "v1", "so that a file mended meanwhile is recognised")
            #expect(after.removeGroup(after.groups().groups[0].id) != nil)
            after.flush()
            #expect(try open().groups().groups.isEmpty, "what was cleared does not come back")
        }
    }

    @Test(
        "after a crash, errors that were not saved in their groups are counted from the files, and never mend by themselves"
    )
    func crash() throws {
        try withFolder { folder, open in
            let before = try open()
            log(before, map: 4).error(ErrorGroupsTests.error("events/a/b.lua:3: boom", time: 992.5))
            before.flush()
            try FileManager.default.removeItem(atPath: folder + "/error-groups.json")
            let after = try open()
            #expect(after.groups().groups.map(\.count) == [1])
            after.markMended(
                by: [4: ScriptStates(versions: ["events/a/b.lua": "v2"], runs: ["events/a/b.lua": 99])])
            #expect(after.groups().groups[0].mended == nil)
            try Data("{".utf8).write(to: URL(fileURLWithPath: folder + "/error-groups.json"))
            #expect(try open().groups().groups.count == 1, "a broken file counts as none")
        }
    }

    @Test(
        "a suspension that is counted from the file names its script",
        arguments: [
            "events/a/b.lua failed 100 times in a row and is not run until it is changed or resumed",
            "the server died by SIGSEGV while events/a/b.lua ran on map 4, tick 9; events/a/b.lua is not run until it is changed or resumed",
        ])
    func suspension(message: String) throws {
        try withFolder { folder, open in
            let before = try open()
            log(before, map: 4).error(ErrorGroupsTests.error(message, line: nil, kind: "suspended", time: 992.5))
            before.flush()
            let id = before.groups().groups[0].id
            try FileManager.default.removeItem(atPath: folder + "/error-groups.json")
            let after = try open().groups().groups
            #expect(after.map(\.script) == ["events/a/b.lua"] && after.map(\.id) == [id])
        }
    }

    @Test("of a long file only the end is read, from whole lines; the renamed file helps when the new one is short")
    func tails() throws {
        try withFolder { folder, open in
            _ = try open()
            let rows = (0..<5000).map { "1970-01-01 00:16:\($0 % 50 + 10).000 tick=\($0) - line \($0)" }
            let text = rows.joined(separator: "\n") + "\n"
            try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/map-1.log.1"))
            try Data("1970-01-01 00:20:00.000 tick=5000 - newest\nbroken line\n".utf8)
                .write(to: URL(fileURLWithPath: folder + "/map-1.log"))
            let entries = LogFileReader.entries(in: folder)
            #expect(entries.last?.text == "newest" && entries.last?.time == 1200)
            #expect(entries.count > 500 && entries.count < 2500)
            #expect(entries.allSatisfy { $0.text == "newest" || $0.text.hasPrefix("line ") })
        }
    }
}
