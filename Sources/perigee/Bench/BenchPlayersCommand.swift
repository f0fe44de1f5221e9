import ArgumentParser
import Bench
import Foundation
import JSONValues

/// `perigee bench players`: many players on one map; all of them move and see each other.
struct BenchPlayersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "players", abstract: "Connects many players who all move and all see each other.",
        discussion: """
            Reports tick rate, time from a client's send to its own change, server CPU for each delivered change and \
            memory for each connection. With --port it measures a server that runs already, on a loopback address, and \
            Ctrl-C ends it early with a report. Exits with 1 when a move was missed, a command refused or a connection \
            lost.
            """)

    @Option(help: "Players that connect and move (1 to 20000); several numbers with commas are a series.")
    var players = NumberSeries(500)
    @Option(help: "Commands a second of each player (above 0, up to 50).") var movesPerSecond = 5.0
    @Option(help: "Length of the measured window in seconds (1 to 600).") var seconds = 20
    @Option(help: "The game folder of the server that is started (default: a small game of the bench).")
    var game: String?
    @Option(help: "A PostgreSQL database for the server that is started: an empty one, or one of an earlier bench.")
    var store: String?
    @Flag(help: "Measures also a bare broadcaster that sends as much, and prints the ratio.") var floor = false
    @Option(help: "The commands that each player sends in turn, separated by commas.")
    var commands = "move/left,move/right"
    @Option(help: "Further clients that connect and never read (0 to 1000).") var stalled = 0
    @Option(help: "Clients whose every message is parsed and compared.") var sampled = 10
    @Option(help: "Logins under way at the same time (1 to 64).") var joinConcurrency = 4
    @Option(help: "Time for all players to connect, in seconds (1 to 3600).") var joinSeconds = 300
    @Option(help: "Threads of the load generator (1 to 16).") var threads = 1
    @Option(help: "Loopback addresses the players come from, for a server that limits each (1 to 200).")
    var sourceAddresses = 1
    @OptionGroup var running: RunningServerArguments
    @OptionGroup var plot: PlotArgument
    @OptionGroup var ownGame: OwnGameArguments
    @OptionGroup var shared: BenchArguments

    func validate() throws {
        try players.check("players", 1...20_000)
        try options(players.numbers[0]).checkOnCommandLine()
        if game != nil {
            try ownGame.checkUnused(beside: "game")
            try OwnGameArguments.check("store", isGiven: store != nil, beside: "game")
        }
        guard running.port != nil else { return }
        try ownGame.checkUnused(beside: "port")
        try OwnGameArguments.check("store", isGiven: store != nil, beside: "port")
        guard players.numbers.count == 1, !floor, plot.plot == nil, game == nil else {
            throw ValidationError(
                "--port measures a server that runs: a series, --floor, --plot and --game need one that the bench starts"
            )
        }
    }

    func run() async throws {
        if running.port != nil { return try await measureRunning() }
        let about =
            "players who all see each other, \(movesPerSecond) moves a second each, "
            + (game.map { "game \($0)" } ?? "\(BenchGame.tickRateHz) Hz, each move runs a script")
        try await BenchWorkplace.run(BenchOutcome(bench: "players", about: about), shared, threads: threads) {
            workplace, outcome in
            for count in players.numbers { try await measure(count, workplace, &outcome) }
            try plot.draw(
                outcome.rows,
                as: SeriesPlot(
                    title: "Players who all see each other, \(movesPerSecond) moves a second each",
                    across: .init("players", "players"),
                    panels: [
                        .init("server_cpu_percent", "server CPU, % of a core"),
                        .init("server_cpu_us_per_change", "CPU per delivered change, µs"), .init("p99_ms", "p99, ms"),
                    ]))
        }
    }

    private func measure(_ count: Int, _ workplace: BenchWorkplace, _ outcome: inout BenchOutcome) async throws {
        let server: BenchServer
        if let game {
            let folder = URL(fileURLWithPath: game).resolvingSymlinksInPath()
            server = try await workplace.serve(folder, accounts: count + stalled)
        } else {
            server = try await workplace.serve(ownGame.walking(), accounts: count + stalled, store: store)
        }
        var options = options(count)
        options.joinConcurrency = max(joinConcurrency, 16)
        let report = try await server.measure(options)
        outcome.rows.append(report.row("Perigee"))
        outcome.addProblems(report, "\(count) players", tickRateHz: game == nil ? BenchGame.tickRateHz : 0)
        if floor { try await workplace.addFloor(FloorServer.Options(asMuchAs: report), options, to: &outcome) }
    }

    private func measureRunning() async throws {
        let benchmark = PlayersBenchmark(options(players.numbers[0]), progress: BenchWorkplace.progress)
        let report = try await benchmark.runUntilInterrupted()
        print(shared.json ? report.json.text : report.text)
        if !report.problems.isEmpty { throw ExitCode.failure }
    }

    private func options(_ count: Int) -> PlayersBenchmark.Options {
        var options = PlayersBenchmark.Options()
        options.players = count
        options.movesPerSecond = movesPerSecond
        options.seconds = seconds
        options.commands = commands.split(separator: ",").map(String.init)
        options.stalled = stalled
        options.sampled = min(sampled, count)
        options.joinConcurrency = joinConcurrency
        options.joinSeconds = joinSeconds
        options.threads = threads
        options.sourceAddresses = sourceAddresses
        running.apply(to: &options)
        return options
    }
}
