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
    @Flag(help: "Measures also a bare broadcaster that sends as much, and prints the ratio.") var floor = false
    @Option(help: "The address of a server that runs, a loopback one.") var host = "127.0.0.1"
    @Option(help: "The port of a server that runs; without it the bench starts one.") var port: Int?
    @Option(help: "Logins are this followed by a number; the accounts are kept and used again.")
    var loginPrefix = "bench"
    @Option(help: "The accounts' password.") var password = "bench-players"
    @Option(help: "The commands that each player sends in turn, separated by commas.")
    var commands = "move/left,move/right"
    @Option(help: "The process of a server that runs (default: the one that listens on the port).")
    var serverPid: Int32?
    @Option(help: "Further clients that connect and never read (0 to 1000).") var stalled = 0
    @Option(help: "Clients whose every message is parsed and compared.") var sampled = 10
    @Option(help: "Logins under way at the same time (1 to 64).") var joinConcurrency = 4
    @Option(help: "Time for all players to connect, in seconds (1 to 3600).") var joinSeconds = 300
    @Option(help: "Threads of the load generator (1 to 16).") var threads = 1
    @Option(help: "Loopback addresses the players come from, for a server that limits each (1 to 200).")
    var sourceAddresses = 1
    @OptionGroup var plot: PlotArgument
    @OptionGroup var shared: BenchArguments

    private static let tickRateHz = 30.0

    func validate() throws {
        try players.check("players", 1...20_000)
        do { try options(players.numbers[0]).validate() } catch { throw ValidationError("\(error)") }
        guard port != nil else { return }
        guard players.numbers.count == 1, !floor, plot.plot == nil, game == nil else {
            throw ValidationError(
                "--port measures a server that runs: a series, --floor, --plot and --game need one that the bench starts"
            )
        }
    }

    func run() async throws {
        if port != nil { return try await measureRunning() }
        let about =
            "players who all see each other, \(movesPerSecond) moves a second each, "
            + (game.map { "game \($0)" } ?? "30 Hz, each move runs a script")
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
            server = try await workplace.serve(
                .walking(settings: shared.setting, annotations: shared.annotation), accounts: count + stalled)
        }
        var options = options(count)
        options.joinConcurrency = max(joinConcurrency, 16)
        let report = try await server.measure(options)
        let row = report.row("Perigee")
        outcome.rows.append(row)
        outcome.addProblems(report, "\(count) players", tickRateHz: game == nil ? Self.tickRateHz : 0)
        guard floor else { return }
        let bare = FloorServer.Options(asMuchAs: report)
        let lowest = try await workplace.measureFloor(options, bare)
        outcome.rows.append(lowest.row("floor"))
        outcome.addProblems(lowest, "floor with \(count) players")
        outcome.rows.append(row.ratio(to: lowest.row("floor")))
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
        options.host = host
        options.port = port ?? 8080
        options.loginPrefix = loginPrefix
        options.password = password
        options.commands = commands.split(separator: ",").map(String.init)
        options.serverPID = serverPid
        options.stalled = stalled
        options.sampled = min(sampled, count)
        options.joinConcurrency = joinConcurrency
        options.joinSeconds = joinSeconds
        options.threads = threads
        options.sourceAddresses = sourceAddresses
        return options
    }
}
