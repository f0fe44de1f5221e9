import ArgumentParser
import Bench
import Foundation

/// `perigee bench joins`: many players who come within a short time.
struct BenchJoinsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "joins", abstract: "Lets many players join within a short time, while others play.",
        discussion: """
            The players have sessions, so no password is checked. Reports how long it takes until all have their \
            snapshot, and the time from send to own change of the players that are on the map meanwhile. With --restart \
            the server is killed with all players on it and started again: how long until all are back, each with a \
            token for its session and random pauses between its attempts.
            """)

    @Option(help: "Players that join (1 to 19000); several numbers with commas are a series.")
    var players = NumberSeries(2_000)
    @Option(help: "The time in which they come, evenly spread, in seconds (1 to 600).") var within = 10
    @Option(help: "Players that are on the map meanwhile, and move (1 to 1000).") var present = 50
    @Option(help: "Commands a second of each of those (above 0, up to 50).") var movesPerSecond = 5.0
    @Option(help: "How far each sees, in tiles (0 to 100); 0 for the whole map.") var viewDistance = 7
    @Flag(help: "Kills the server with kill -9 and starts it again, and lets all come back.") var restart = false
    @OptionGroup var plot: PlotArgument
    @OptionGroup var ownGame: OwnGameArguments
    @OptionGroup var shared: BenchArguments

    private static let spacing = 4

    /// The benchmark gives up after this time.
    private var longest: Int { min(within * 6 + 20, 600) }

    func validate() throws {
        try players.check("players", 1...19_000)
        try checkOption("within", within, 1...600)
        try checkOption("present", present, 1...1_000)
        try checkOption("view-distance", viewDistance, 0...100)
        try presentOptions.checkOnCommandLine()
    }

    func run() async throws {
        let sees = viewDistance > 0 ? "view distance \(viewDistance)" : "no view distance"
        let about =
            restart
            ? "players who come back after kill -9 and a new start, \(sees)"
            : "players who join within \(within) s, \(sees), while \(present) play"
        try await BenchWorkplace.run(BenchOutcome(bench: "joins", about: about), shared) { workplace, outcome in
            for count in players.numbers {
                if restart {
                    try await comeBack(count, workplace, &outcome)
                } else {
                    try await join(count, workplace, &outcome)
                }
            }
            try plot.draw(
                outcome.rows,
                as: SeriesPlot(
                    title: about, across: .init("players", "players"),
                    panels: restart
                        ? [.init("back_seconds", "until all are back, s")]
                        : [.init("join_seconds", "until all are in, s"), .init("p99_ms", "p99 of those who play, ms")]))
        }
    }

    private func serve(_ count: Int, _ workplace: BenchWorkplace) async throws -> BenchServer {
        let grid = PlayerGrid(count: count + present, spacing: Self.spacing)
        let game = ownGame.walking(side: grid.mapSide, viewDistance: viewDistance)
        // The numbers are spread over the grid, so that those who play have newcomers around them.
        let all = count + present
        let step = [7, 11, 13, 17, 19, 23].first { all % $0 != 0 } ?? 1
        return try await workplace.serve(game, accounts: all) { grid.place($0 * step % all) }
    }

    private func join(_ count: Int, _ workplace: BenchWorkplace, _ outcome: inout BenchOutcome) async throws {
        let server = try await serve(count, workplace)
        defer { server.process.stop() }
        var joining = server.load(joiningOptions(count))
        joining.joinsPerSecond = Double(count) / Double(within)
        let wave = JoinWave(joining)
        let report = try await PlayersBenchmark(
            server.load(presentOptions), progress: BenchWorkplace.progress, meanwhile: { await wave.join() }
        ).run()
        await wave.leave()
        let joined = wave.outcome
        let figures = report.figures(
            "server_cpu_percent", "p50_ms", "p99_ms", "generator_cpu_percent", "cores_busy_with_others")
        var row = BenchOutcome.Row(
            "Perigee",
            [
                .init("players", "players", Double(count), digits: 0),
                .init("joined", "joined", Double(joined.joined), digits: 0),
                .init("join_seconds", "all in s", joined.seconds, digits: 2),
                .init("joins_per_second", "joins/s", Double(joined.joined) / joined.seconds),
                .init("longest_gap_ms", "longest gap ms", report.gap.max),
            ] + figures)
        row.report = report.json
        outcome.rows.append(row)
        outcome.targets.append(
            .init(
                "seconds until \(count) are in", most: Double(within) + 0.5,
                measured: joined.joined == count ? joined.seconds : nil))
        outcome.targets.append(
            .init("p99 ms of those who play, \(count) join", most: 60, measured: row.value("p99_ms")))
        outcome.addProblems(report, "\(present) players while \(count) join")
        if joined.joined < count {
            outcome.addProblems([
                "only \(joined.joined) of \(count) players joined" + (joined.problem.map { ": \($0)" } ?? "")
            ])
        }
    }

    private func comeBack(_ count: Int, _ workplace: BenchWorkplace, _ outcome: inout BenchOutcome) async throws {
        var server = try await serve(count, workplace)
        defer { server.process.stop() }
        let before = JoinWave(server.load(joiningOptions(count)))
        BenchWorkplace.progress("\(count) players join")
        await before.join()
        guard before.outcome.joined == count else {
            outcome.problems.append(
                "only \(before.outcome.joined) of \(count) players joined before the restart"
                    + (before.outcome.problem.map { ": \($0)" } ?? ""))
            return await before.leave()
        }
        BenchWorkplace.progress("kill -9, and a new start")
        server.process.kill()
        let begin = ContinuousClock.now
        let generator = ProcessSample(pid: getpid())
        let after = JoinWave(server.load(joiningOptions(count)))
        // The players try from the first moment on, while the server still starts.
        async let back: Void = after.comeBack(since: begin)
        server.process = try await ServerProcess.serve(
            game: server.game, data: server.data, port: server.process.port, affinity: workplace.affinity)
        let listening = (ContinuousClock.now - begin) / .seconds(1)
        await back
        let seconds = (ContinuousClock.now - begin) / .seconds(1)
        let process = ProcessSample(pid: server.process.pid)
        let busy = ProcessSample(pid: getpid()).flatMap { now in
            generator.map { (now.cpuSeconds - $0.cpuSeconds) / seconds }
        }
        let result = after.outcome
        await before.leave()
        await after.leave()
        let row = BenchOutcome.Row(
            "Perigee",
            [
                .init("players", "players", Double(count), digits: 0),
                .init("back", "back", Double(result.joined), digits: 0),
                .init("listening_seconds", "listens s", listening, digits: 2),
                .init("back_seconds", "all back s", result.joined == count ? result.seconds : nil, digits: 2),
                .init("server_cpu_percent", "server CPU %", process.map { $0.cpuSeconds / seconds * 100 }),
                .init("generator_cpu_percent", "generator CPU %", busy.map { $0 * 100 }),
            ])
        outcome.rows.append(row)
        outcome.targets.append(
            .init("seconds until \(count) are back", most: 10, measured: row.value("back_seconds")))
        if let busy, busy > 0.9 {
            outcome.addProblems(["the generator was busy \(Int(busy * 100)) % of the time and may be the limit"])
        }
        if result.joined < count {
            outcome.addProblems([
                "only \(result.joined) of \(count) players came back" + (result.problem.map { ": \($0)" } ?? "")
            ])
        }
    }

    /// Those who are on the map meanwhile have the first accounts.
    private var presentOptions: PlayersBenchmark.Options {
        var options = PlayersBenchmark.Options(apart: present, seconds: longest, joinSeconds: 60)
        options.movesPerSecond = movesPerSecond
        options.endsWithCompanion = true
        return options
    }

    private func joiningOptions(_ count: Int) -> PlayersBenchmark.Options {
        var options = PlayersBenchmark.Options(apart: count, seconds: longest, joinSeconds: longest)
        options.firstPlayer = present
        options.areMoving = false
        options.joinConcurrency = 64
        return options
    }
}
