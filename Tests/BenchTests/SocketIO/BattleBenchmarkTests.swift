import Foundation
import Testing

@testable import Bench

@Suite("Load test of the battle") struct BattleBenchmarkTests {
    /// A change that must be refused, and the option that must be named.
    struct Wrong: Sendable {
        var name: String
        var change: @Sendable (inout BattleBenchmark.Options) -> Void

        init(_ name: String, change: @escaping @Sendable (inout BattleBenchmark.Options) -> Void) {
            (self.name, self.change) = (name, change)
        }
    }

    @Test("the bare broadcaster tells all of all moves, and each event is timed")
    func floor() async throws {
        let floor = try await BattleFloor(rateHz: 60)
        var options = BattleBenchmark.Options()
        options.players = 4
        options.movesPerSecond = 20
        options.seconds = 1
        options.port = floor.port
        options.serverPID = getpid()
        let result: Result<BattleBenchmark.Report, any Error>
        do { result = .success(try await BattleBenchmark(options).run()) } catch { result = .failure(error) }
        try await floor.stop()
        let report = try result.get()
        #expect(report.joined == 4)
        #expect(report.sent > 40)
        #expect((report.missing, report.strange, report.disconnects, report.skipped) == (0, 0, 0, 0))
        #expect(report.own.count == report.sent && report.others.count == 3 * report.sent)
        #expect(report.events > 160)
        #expect(report.holds(within: 60_000) && !report.holds(within: 0.001))
        let row = report.row("floor")
        #expect(row.value("server_cpu_us_per_delivery") != nil)
        #expect((row.value("bytes_per_event") ?? 0) > 80)
    }

    @Test("a run in which something was lost is no result, and does not hold")
    func losses() {
        var report = BattleBenchmark.Report(players: 3, movesPerSecond: 5)
        (report.joined, report.own.count, report.own.p99, report.others.p99) = (3, 10, 20, 30)
        #expect(report.problems.isEmpty && report.holds(within: 31) && !report.holds(within: 30))
        report.missing = 7
        #expect(report.problems == ["7 events never came"])
        #expect(!report.holds(within: 31))
        report.missing = 0
        report.joined = 2
        report.obstacle = "full"
        #expect(report.problems == ["only 2 of 3 clients were connected (full)"])
    }

    @Test("a generator that is full says so, but events that came in time came in time")
    func fullGenerator() {
        var report = BattleBenchmark.Report(players: 3, movesPerSecond: 5)
        (report.joined, report.own.count, report.own.p99, report.others.p99) = (3, 10, 20, 30)
        report.use.seconds = 10
        report.use.generatorCPUSeconds = 9.5
        #expect(report.problems == ["the generator was busy 95 % of the time and may be the limit"])
        #expect(report.isGeneratorFull && report.holds(within: 100))
    }

    @Test("nobody listens: that is an error which names the port")
    func unreachable() async throws {
        let floor = try await BattleFloor(rateHz: 60)
        var options = BattleBenchmark.Options()
        options.port = floor.port
        try await floor.stop()
        let benchmark = BattleBenchmark(options)
        let error = await #expect(throws: BenchError.self) { try await benchmark.run() }
        #expect(error?.description.contains("127.0.0.1:\(options.port) (Connection refused)") == true)
    }

    @Test(
        "refuses what is out of range and names the option",
        arguments: [
            Wrong("players") { $0.players = 0 }, Wrong("players") { $0.players = 5_001 },
            Wrong("seconds") { $0.seconds = 0 }, Wrong("port") { $0.port = 0 },
            Wrong("join-seconds") { $0.joinSeconds = 0 }, Wrong("moves-per-second") { $0.movesPerSecond = .nan },
        ])
    func refusals(wrong: Wrong) {
        var options = BattleBenchmark.Options()
        wrong.change(&options)
        let error = #expect(throws: BenchError.self) { try options.validate() }
        #expect(error?.description.hasPrefix("--\(wrong.name) is ") == true)
    }

    @Test("a server that is a script ends with its words when it can't start")
    func scripts() async throws {
        let folder = try RunningProcesses.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let script = folder.appendingPathComponent("server.sh")
        let shell = URL(fileURLWithPath: "/bin/sh")
        let affinity = CoreAffinity(isWanted: false)
        func start(_ text: String) async throws -> ServerProcess {
            try Data(text.utf8).write(to: script)
            return try await ServerProcess.opponent(
                "the sample", program: shell, script: script, folder: folder, affinity: affinity)
        }
        let failed = await #expect(throws: BenchError.self) { try await start("echo no module >&2; exit 1\n") }
        #expect(failed?.description == "the sample did not start: no module")
        let server = try await start("echo 4711; cat\n")
        #expect(server.port == 4_711)
        server.stop()
        let missing = folder.appendingPathComponent("nothing")
        let error = await #expect(throws: BenchError.self) {
            try await ServerProcess.opponent(
                "the sample", program: missing, script: script, folder: folder, affinity: affinity)
        }
        #expect(error?.description == "the sample did not start: there is no file \(missing.path)")
    }
}
