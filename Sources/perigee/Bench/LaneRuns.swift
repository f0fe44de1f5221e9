import Bench

/// The runs of players who see a few others, over WebSockets and over WebRTC.
struct LaneRuns {
    /// The title of the rows' table.
    static let group = "players: each sees a few others"

    /// How far each sees, and the distance of two neighbours, in tiles: as in `perigee bench view`.
    private static let (viewDistance, spacing) = (7, 4)
    /// The least share of ticks whose positions must come, in percent.
    private static let leastHeld = 99.0

    let workplace: BenchWorkplace

    /// Measures the same players over both transports.
    ///
    /// - Parameters:
    ///   - options: The load.
    ///   - outcome: Gets the rows, their ratio, targets and problems.
    /// - Throws: ``BenchError``, or an error of the file system or the database.
    func measure(_ options: PlayersBenchmark.Options, _ outcome: inout BenchOutcome) async throws {
        var rows: [BenchOutcome.Row] = []
        for (label, dialect) in [("WebSocket", PlayersBenchmark.Options.Dialect.perigee), ("WebRTC", .lanes)] {
            BenchWorkplace.progress("\(options.players) players over \(label)")
            let grid = PlayerGrid(count: options.players, spacing: Self.spacing)
            let game = BenchGame.walking(
                side: grid.mapSide, viewDistance: Self.viewDistance,
                settings: ["webrtc: true", "webrtc_offers_per_minute: 600000"])
            let server = try await workplace.serve(game, accounts: options.players, place: grid.place)
            var load = options
            load.dialect = dialect
            let report = try await server.measure(load)
            var row = report.positionRow(label)
            row.group = Self.group
            outcome.rows.append(row)
            outcome.addProblems(
                report, "\(options.players) players over \(label)", tickRateHz: BenchGame.tickRateHz)
            rows.append(outcome.rows[outcome.rows.count - 1])
        }
        outcome.rows.append(rows[1].ratio(to: rows[0]))
        outcome.targets.append(
            .init(
                "% of the ticks in which one of \(options.players) players moved that came on fast",
                least: Self.leastHeld, measured: rows[1].isResult ? rows[1].value("held_percent") : nil))
    }
}
