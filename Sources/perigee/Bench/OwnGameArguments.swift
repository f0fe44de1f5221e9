import ArgumentParser
import Bench

/// The options that change the small game of the bench.
struct OwnGameArguments: ParsableArguments {
    @Option(help: "A further line of the bench's game.yaml, such as \"position_decimals: 2\"; may be repeated.")
    var setting: [String] = []
    @Option(help: "An annotation of the group whose events run, such as \"share none\"; may be repeated.")
    var annotation: [String] = []

    func validate() throws {
        for line in setting where !line.contains(":") || line.contains("\n") {
            throw ValidationError("--setting is \"\(line)\"; give one line of game.yaml, such as \"view_distance: 7\"")
        }
        for line in annotation where line.isEmpty || line.contains("\n") {
            throw ValidationError("--annotation is \"\(line)\"; give one such as \"share none\"")
        }
    }

    /// Refuses these options beside an option that names another game.
    ///
    /// - Throws: `ValidationError`.
    func checkUnused(beside other: String) throws {
        try Self.check("setting", isGiven: !setting.isEmpty, beside: other)
        try Self.check("annotation", isGiven: !annotation.isEmpty, beside: other)
    }

    /// Refuses an option for the game of the bench beside an option that names another game.
    ///
    /// - Throws: `ValidationError`.
    static func check(_ name: String, isGiven: Bool, beside other: String) throws {
        guard isGiven else { return }
        throw ValidationError("--\(name) belongs to the game of the bench; use it without --\(other)")
    }

    /// The game in which players walk, with these lines.
    func walking(maps: Int = 1, side: Int = 64, viewDistance: Int = 0) -> BenchGame {
        .walking(maps: maps, side: side, viewDistance: viewDistance, settings: setting, annotations: annotation)
    }

    /// The game in which creatures walk, with these lines.
    func creatures(_ count: Int, tickRateHz: Int = BenchGame.tickRateHz) -> BenchGame {
        .creatures(count, tickRateHz: tickRateHz, settings: setting, annotations: annotation)
    }
}
