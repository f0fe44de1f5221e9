package import Foundation
package import OperatorAPI

/// Saves changed files twice a second and collects the server's reports about them.
package actor ReloadLoad {
    /// The results of the changes.
    package struct Outcome: Sendable, Equatable {
        /// How often files were saved.
        package var saves = 0
        /// Changes that the server has applied according to its log; the log keeps only the last lines.
        package var files = 0
        /// The longest tick, in milliseconds.
        package var longestTickMs = 0.0
        /// The longest CPU time of a tick, in milliseconds.
        package var longestTickCPUMs = 0.0
        /// Descriptions of what went wrong, at most 20 lines.
        package var problems: [String] = []

        /// Lists what went wrong with the reloads or with the players; empty for a good run.
        ///
        /// - Parameters:
        ///   - report: The report of the players' load test.
        ///   - players: The number of players that should be connected.
        ///   - maxTickMs: The longest CPU time that a tick may take, in milliseconds.
        /// - Returns: One line for each problem.
        package func problems(beside report: PlayersBenchmark.Report, players: Int, maxTickMs: Double) -> [String] {
            var problems = problems
            if report.joined < players { problems.append("only \(report.joined) of \(players) players were connected") }
            if report.disconnects > 0 { problems.append("\(report.disconnects) connections were lost") }
            if report.refusals > 0 { problems.append("the server refused \(report.refusals) commands") }
            if report.commandsUnanswered > 0 {
                problems.append("\(report.commandsUnanswered) commands were not answered")
            }
            if longestTickCPUMs > maxTickMs {
                problems.append("a tick took \(longestTickCPUMs) ms of CPU time, more than \(maxTickMs)")
            }
            return problems
        }

        /// The figures of the changes for a table.
        package var figures: [BenchOutcome.Figure] {
            [
                .init("saves", "saves", Double(saves), digits: 0),
                .init("changes_taken_over", "taken over", Double(files), digits: 0),
                .init("longest_tick_ms", "longest tick ms", longestTickMs),
                .init("longest_tick_cpu_ms", "longest tick CPU ms", longestTickCPUMs),
            ]
        }
    }

    /// The results of the changes so far.
    package private(set) var outcome = Outcome()
    private let game: URL
    private let client: OperatorClient

    /// - Parameters:
    ///   - game: The game folder, whose files are changed.
    ///   - client: The operator's client for the server that runs this game.
    package init(game: URL, client: OperatorClient) {
        self.game = game
        self.client = client
    }

    /// Changes files until the task is cancelled.
    package func run() async {
        do {
            let scripts = try Self.files(game, ending: ".lua")
            let maps = try Self.files(game, ending: ".tmj")
            while !Task.isCancelled {
                let round = outcome.saves
                try change(round, scripts: scripts, maps: maps)
                outcome.saves += 1
                // The server's file watcher applies the files by itself; `reload` only returns the problems.
                try? await Task.sleep(for: .milliseconds(250))
                for problem in try await client.reload().problems { note("\(problem)") }
                try? await Task.sleep(for: .milliseconds(250))
                if round % 10 == 9 { try await look() }
            }
            try await look()
        } catch {
            note("\(error)")
        }
    }

    private func note(_ problem: String) {
        if outcome.problems.count < 20 { outcome.problems.append(problem) }
    }

    /// Reads the longest tick, and from the log the number of applied changes.
    private func look() async throws {
        for id in try Self.files(game, ending: ".tmj").compactMap({ Int($0.lastPathComponent.prefix { $0.isNumber }) })
        {
            let answer = try await client.performance(ofMap: id)
            outcome.longestTickMs = max(outcome.longestTickMs, answer.longestTickMs)
            outcome.longestTickCPUMs = max(outcome.longestTickCPUMs, answer.longestTickCPUMs)
            outcome.files = max(
                outcome.files,
                answer.log.count { $0.hasPrefix("reloaded ") || $0.hasPrefix("loaded ") || $0.hasPrefix("removed ") })
        }
    }

    /// Makes one of six kinds of change, chosen by `round`.
    private func change(_ round: Int, scripts: [URL], maps: [URL]) throws {
        let mana = game.appendingPathComponent("components/bench_mana.lua")
        switch round % 6 {
        case 0: try touch(scripts[round / 6 % scripts.count], round)
        case 1: try save("--@type number\n--@default \(round)\n", mana)
        case 2: try save("function bench_lib() return \(round) end\n", game.appendingPathComponent("lib/bench.lua"))
        case 3:
            try save(
                "--@param n number = \(round)\nprint(data.n)\n", game.appendingPathComponent("events/bench/index.lua"))
        case 4: for script in scripts { try touch(script, round) }
        default:
            try FileManager.default.removeItem(at: mana)
            for map in maps { try touch(map, round) }
        }
    }

    /// Changes the version of a file without changing what the file does.
    private func touch(_ file: URL, _ round: Int) throws {
        let isMap = file.pathExtension == "tmj"
        var text = try String(contentsOf: file, encoding: .utf8)
        if let mark = text.range(of: isMap ? "\n\n\n" : "\n-- bench ") { text.removeSubrange(mark.lowerBound...) }
        text += isMap ? "\n\n\n" + String(repeating: " ", count: round % 60 + 1) : "\n-- bench \(round)\n"
        try save(text, file)
    }

    /// Saves as editors do: writes a temporary file, then renames it.
    private func save(_ text: String, _ file: URL) throws {
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file, options: .atomic)
    }

    private static func files(_ game: URL, ending: String) throws -> [URL] {
        try FileManager.default.subpathsOfDirectory(atPath: game.path).filter {
            $0.hasSuffix(ending) && !$0.hasPrefix("client/")
        }.sorted().map { game.appendingPathComponent($0) }
    }
}
