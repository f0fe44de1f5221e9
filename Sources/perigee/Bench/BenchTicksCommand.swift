import ArgumentParser
import Bench
import Foundation

/// `perigee bench ticks`: the highest tick rate that this machine holds for a game.
struct BenchTicksCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ticks", abstract: "Finds the highest tick rate that this machine holds for a game.",
        discussion: """
            Serves a copy of the game at one rate after the other, with players who move, and halves the range between \
            the highest rate that was held and the lowest that was not. A rate is held when the map ticks at 99 % of it \
            by the server's clock. The search begins at 240 Hz, the highest that game.yaml allows.
            """)

    @Option(help: "The game folder (default: a small game of the bench).") var game: String?
    @Option(help: "Players that connect and move (1 to 5000).") var players = 100
    @Option(help: "Creatures with an event in every tick, without --game (0 to 50000).") var npcs = 0
    @Option(help: "Commands a second of each player (above 0, up to 50).") var movesPerSecond = 5.0
    @Option(help: "The commands that each player sends in turn, separated by commas.")
    var commands = "move/left,move/right"
    @Option(help: "Length of the measured window of each rate in seconds (1 to 600).") var seconds = 4
    @Option(help: "The highest rate that is tried, in Hz (1 to 240).") var most = 240
    @Option(help: "The search ends when it is as close as this, in Hz (1 to 100).") var precision = 10
    @OptionGroup var ownGame: OwnGameArguments
    @OptionGroup var shared: BenchArguments

    func validate() throws {
        try checkOption("players", players, 1...5_000)
        try checkOption("npcs", npcs, 0...50_000)
        try checkOption("most", most, 1...240)
        try checkOption("precision", precision, 1...100)
        if game != nil {
            try OwnGameArguments.check("npcs", isGiven: npcs > 0, beside: "game")
            try ownGame.checkUnused(beside: "game")
        }
        try options().checkOnCommandLine()
    }

    func run() async throws {
        let what = game.map { "game \($0)" } ?? (npcs > 0 ? "\(npcs) NPCs" : "the game of the bench")
        let about = "the highest tick rate for \(what), \(players) players with \(movesPerSecond) moves a second each"
        try await BenchWorkplace.run(BenchOutcome(bench: "ticks", about: about), shared) { workplace, outcome in
            // Invariant: `held` was held, or is 0; everything from `lost` on was not held, or is not allowed.
            var (held, lost) = (0, most + 1)
            var next = most
            while lost - held > (held == 0 ? 1 : precision), outcome.problems.isEmpty {
                if try await holds(next, workplace, &outcome) { held = next } else { lost = next }
                next = (held + lost) / 2
            }
            guard outcome.problems.isEmpty else { return }
            guard held > 0 else {
                outcome.problems.append("not even 1 Hz was held")
                return
            }
            var row = BenchOutcome.Row("highest", [.init("rate_hz", "set Hz", Double(held), digits: 0)])
            row.figures.append(.init("highest_allowed", "is the limit", held == most ? 1 : 0, digits: 0))
            outcome.rows.append(row)
        }
    }

    private func holds(
        _ rateHz: Int, _ workplace: BenchWorkplace, _ outcome: inout BenchOutcome
    ) async throws -> Bool {
        BenchWorkplace.progress("trying \(rateHz) Hz")
        let copy: URL
        if let game {
            copy = try workplace.copy(game)
        } else {
            let creatures = npcs > 0 ? ownGame.creatures(npcs).files : [:]
            copy = try workplace.newFolder()
            try BenchGame(files: ownGame.walking(side: 200).files.merging(creatures) { $1 }).write(to: copy)
        }
        let file = copy.appendingPathComponent("game.yaml")
        let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        try Data(BenchGame.configuration(text, withTickRate: rateHz).utf8).write(to: file)
        let server = try await workplace.serve(copy, accounts: players)
        let report = try await server.measure(options())
        let figures = report.figures(
            "tick_rate_hz", "server_cpu_percent", "p50_ms", "p99_ms", "generator_cpu_percent", "cores_busy_with_others")
        let isHeld = report.tickRateHz >= 0.99 * Double(rateHz)
        var row = BenchOutcome.Row(
            isHeld ? "held" : "not held", [.init("rate_hz", "set Hz", Double(rateHz), digits: 0)] + figures)
        row.report = report.json
        outcome.rows.append(row)
        // An overloaded server loses commands, which is why this rate is not held.
        if isHeld || report.generatorBusyShare > 0.9 || report.joined < players {
            outcome.addProblems(report, "\(rateHz) Hz")
        }
        return isHeld
    }

    private func options() -> PlayersBenchmark.Options {
        var options = PlayersBenchmark.Options(apart: players, seconds: seconds, joinSeconds: 60)
        options.movesPerSecond = movesPerSecond
        options.commands = commands.split(separator: ",").map(String.init)
        return options
    }
}
