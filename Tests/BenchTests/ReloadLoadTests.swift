import Testing

@testable import Bench

@Suite("What the reload test calls a failure") struct ReloadLoadTests {
    @Test("no failure when all players stayed and each tick was short")
    func good() {
        var outcome = ReloadLoad.Outcome()
        outcome.longestTickCPUMs = 50
        var report = PlayersBenchmark.Report()
        report.joined = 200
        #expect(outcome.problems(beside: report, players: 200, maxTickMs: 50).isEmpty)
    }

    @Test("players lost, commands refused or not answered, ticks too long, changes not loaded")
    func bad() {
        var outcome = ReloadLoad.Outcome()
        outcome.problems = ["lib/bench.lua:1: broken"]
        outcome.longestTickCPUMs = 51.5
        var report = PlayersBenchmark.Report()
        report.joined = 199
        report.disconnects = 1
        report.refusals = 2
        report.commandsUnanswered = 3
        #expect(
            outcome.problems(beside: report, players: 200, maxTickMs: 50) == [
                "lib/bench.lua:1: broken", "only 199 of 200 players were connected", "1 connections were lost",
                "the server refused 2 commands", "3 commands were not answered",
                "a tick took 51.5 ms of CPU time, more than 50.0",
            ])
    }
}
