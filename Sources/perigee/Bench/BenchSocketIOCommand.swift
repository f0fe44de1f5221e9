import ArgumentParser
import Bench

/// `perigee bench socketio`: what Socket.IO costs beside plain WebSockets, and how many players the battle has.
struct BenchSocketIOCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "socketio", abstract: "Measures players over Socket.IO, and the battle.",
        discussion: """
            Two workloads. broadcast: players who all see each other, over plain WebSockets and then over Socket.IO, \
            and what a delivered message costs the server in both. battle: Socket.IO clients who move, and each is told \
            of every move by an event of its own; reports the time from a client's send to its own event and to those \
            of the others. With --against python it looks, for Perigee and for python-socketio with eventlet, for the \
            most players at which 99 of 100 events come within --limit-ms, beginning with --players. All clients \
            connect with WebSockets.
            """)

    /// What is measured.
    enum Workload: String, CaseIterable, ExpressibleByArgument {
        case both, broadcast, battle
    }

    /// The server beside which Perigee is measured.
    enum Opponent: String, CaseIterable, ExpressibleByArgument {
        case python
    }

    @Option(help: "What is measured.") var workload = Workload.both
    @Option(help: "Clients of the battle (1 to 5000); several numbers with commas are a series.")
    var players = NumberSeries(100)
    @Option(help: "Players of the broadcast (1 to 20000).") var broadcastPlayers = 500
    @Option(help: "Moves a second of each (above 0, up to 50).") var movesPerSecond = 5.0
    @Option(help: "Length of each measured window in seconds (1 to 600).") var seconds = 10
    @Option(help: "The game folder of the battle; it is copied, not changed.") var game = "games/battle"
    @Option(help: "Looks for the most players of Perigee and of this server.") var against: Opponent?
    @Option(help: "The Python of --against, with the packages of Tests/clients/requirements.txt.")
    var python = ".build/venv/bin/python"
    @Option(help: "Within this time 99 of 100 events must come, in milliseconds (1 to 10000).") var limitMs = 100
    @Option(help: "The most clients that the search tries (1 to 5000).") var most = 5_000
    @Option(help: "The search ends when it is as close as this, in percent (1 to 100).") var precision = 10
    @Option(help: "Time for all players to connect, in seconds (1 to 3600).") var joinSeconds = 120
    @Flag(help: "Measures also a bare broadcaster of the battle's packets, and prints the ratio.") var floor = false
    @OptionGroup var plot: PlotArgument
    @OptionGroup var ownGame: OwnGameArguments
    @OptionGroup var shared: BenchArguments

    /// The most that a message over Socket.IO may cost, as a multiple of one over a plain WebSocket.
    private static let mostCost = 1.3

    func validate() throws {
        try players.check("players", BattleBenchmark.Options.playersAllowed)
        try checkOption("limit-ms", limitMs, 1...10_000)
        try checkOption("most", most, BattleBenchmark.Options.playersAllowed)
        try checkOption("precision", precision, 1...100)
        try checkOption("broadcast-players", broadcastPlayers, 1...20_000)
        try broadcastOptions.checkOnCommandLine()
        guard against != nil else { return }
        guard players.numbers.count == 1, players.numbers[0] <= most else {
            throw ValidationError(
                "--against begins its search with --players; give one number, not more than --most (\(most))")
        }
        guard workload != .broadcast else {
            throw ValidationError("--against belongs to the battle; use it without --workload broadcast")
        }
    }

    func run() async throws {
        let about =
            "Socket.IO with WebSockets, \(movesPerSecond) moves a second of each player, all are told of all"
        try await BenchWorkplace.run(BenchOutcome(bench: "socketio", about: about), shared) { workplace, outcome in
            if workload != .battle { try await broadcast(workplace, &outcome) }
            guard workload != .broadcast else { return }
            let battle = BattleRuns(workplace: workplace, command: self)
            if against != nil {
                try await battle.search(&outcome)
            } else {
                try await battle.series(&outcome)
            }
            try plot.draw(
                outcome.rows.filter { $0.group == BattleRuns.group && $0.value("p99_ms") != nil },
                as: SeriesPlot(
                    title: "The battle over Socket.IO, \(movesPerSecond) moves a second of each player",
                    across: .init("players", "players"),
                    panels: [
                        .init("server_cpu_percent", "server CPU, % of a core"),
                        .init("server_cpu_us_per_delivery", "CPU per delivered event, µs"),
                        .init("others_p99_ms", "p99, ms"),
                    ]))
        }
    }

    /// Measures the same players over plain WebSockets and over Socket.IO.
    private func broadcast(_ workplace: BenchWorkplace, _ outcome: inout BenchOutcome) async throws {
        var rows: [BenchOutcome.Row] = []
        for (label, dialect) in [("WebSocket", PlayersBenchmark.Options.Dialect.perigee), ("Socket.IO", .socketIO)] {
            BenchWorkplace.progress("broadcast over \(label)")
            let server = try await workplace.serve(ownGame.walking(), accounts: broadcastPlayers)
            var options = broadcastOptions
            options.dialect = dialect
            let report = try await server.measure(options)
            var row = report.row(label, leavingOut: ["server_cpu_us_per_player_second"])
            row.group = "broadcast: players who all see each other"
            let place = row.figures.firstIndex { $0.key == "server_cpu_us_per_change" } ?? row.figures.endIndex
            row.figures.insert(
                .init("server_cpu_us_per_message", "µs/msg", report.cpuMicrosecondsPerDelta, digits: 2), at: place)
            outcome.rows.append(row)
            outcome.addProblems(report, "broadcast over \(label)", tickRateHz: BenchGame.tickRateHz)
            rows.append(outcome.rows[outcome.rows.count - 1])
        }
        let ratio = rows[1].ratio(to: rows[0])
        outcome.rows.append(ratio)
        outcome.targets.append(
            .init(
                "CPU of a message over Socket.IO over that over a WebSocket", most: Self.mostCost,
                measured: rows.allSatisfy(\.isResult) ? ratio.value("server_cpu_us_per_message") : nil))
    }

    private var broadcastOptions: PlayersBenchmark.Options {
        var options = PlayersBenchmark.Options()
        options.players = broadcastPlayers
        options.movesPerSecond = movesPerSecond
        options.seconds = seconds
        options.sampled = min(10, broadcastPlayers)
        options.joinConcurrency = 16
        options.joinSeconds = joinSeconds
        return options
    }
}
