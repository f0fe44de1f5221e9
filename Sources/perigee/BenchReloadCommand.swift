import ArgumentParser
import Bench
import Foundation
import World

/// `perigee bench reload`: hot reloads while many players play.
struct BenchReloadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload", abstract: "Changes a game's files again and again while many players play it.",
        discussion: """
            Copies the game, serves the copy on a free port, connects players who move, and saves changed files twice a \
            second: scripts, libs, components that come and go, maps, and all files at once. Exits with 1 when a \
            connection or a command was lost, a file was not taken over, or a tick took longer than allowed.
            """)

    @Option(help: "Players that connect and move (1 to 10000).") var players = 200
    // Slow enough that a generator on a busy machine never sends one while the one before waits for its group: that
    // would replace it, and the bench would miss an acknowledgement that nobody owes.
    @Option(help: "Commands a second of each player (above 0, up to 50).") var movesPerSecond = 2.0
    @Option(help: "Length of the measured window in seconds (10 to 600).") var seconds = 30
    @Option(help: "The game folder; it is copied, not changed.") var game = "lua"
    @Option(help: "The commands that each player sends in turn, separated by commas.")
    var commands = "move/left,move/right"
    @Option(help: "The longest that a tick may take, in milliseconds of CPU time.") var maxTickMs = 50.0

    func validate() throws {
        guard (10...600).contains(seconds) else {
            throw ValidationError("--seconds is \(seconds); give a whole number from 10 to 600")
        }
    }

    func run() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("perigee-bench-\(UUID().uuidString)")
        let (copy, data) = (folder.appendingPathComponent("game"), folder.appendingPathComponent("data"))
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.copyItem(at: URL(fileURLWithPath: game).resolvingSymlinksInPath(), to: copy)
        let server = Process()
        server.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        server.arguments = [
            "serve", "--game", copy.path, "--data", data.path, "--host", "127.0.0.1", "--port", "0",
            "--unlimited-logins",
        ]
        server.standardOutput = FileHandle.nullDevice
        try server.run()
        defer {
            server.terminate()
            server.waitUntilExit()
        }
        let client = try await Self.client(data.path, server)
        var options = PlayersBenchmark.Options()
        options.players = players
        options.movesPerSecond = movesPerSecond
        options.seconds = seconds
        options.port = client.port
        options.commands = commands.split(separator: ",").map(String.init)
        options.serverPID = server.processIdentifier
        options.sampled = min(10, players)
        let reloads = ReloadLoad(game: copy, client: client)
        let benchmark = PlayersBenchmark(
            options, progress: { FileHandle.standardError.write(Data(($0 + "\n").utf8)) },
            meanwhile: { await reloads.run() })
        let report = try await benchmark.runUntilInterrupted()
        let outcome = await reloads.outcome
        print(report.text)
        print(outcome.text)
        var problems = outcome.problems
        if report.joined < players { problems.append("only \(report.joined) of \(players) players were connected") }
        if report.disconnects > 0 { problems.append("\(report.disconnects) connections were lost") }
        if report.refusals > 0 { problems.append("the server refused \(report.refusals) commands") }
        if report.commandsUnanswered > 0 { problems.append("\(report.commandsUnanswered) commands were not answered") }
        if outcome.longestTickCPUMs > maxTickMs {
            problems.append("a tick took \(outcome.longestTickCPUMs) ms of CPU time, more than \(maxTickMs)")
        }
        for problem in problems { print("reload problem            \(problem)") }
        if !problems.isEmpty { throw ExitCode.failure }
    }

    /// The server as soon as it listens.
    private static func client(_ data: String, _ server: Process) async throws -> OperatorClient {
        for _ in 0..<300 where server.isRunning {
            if let client = try? OperatorClient(url: nil, dataDirectory: data) { return client }
            try await Task.sleep(for: .milliseconds(100))
        }
        StandardError.print("perigee: the server did not start; try perigee serve with the same game")
        throw ExitCode.failure
    }
}

/// Saves changed files twice a second and keeps what the server says of it.
actor ReloadLoad {
    struct Outcome {
        var saves = 0
        var files = 0
        var longestTickMs = 0.0
        var longestTickCPUMs = 0.0
        var problems: [String] = []

        var text: String {
            func number(_ value: Double) -> String { String(format: "%.1f", value) }
            return """
                reloads                   \(saves) times files were saved, \(files) changes taken over
                longest tick              \(number(longestTickMs)) ms, of them at most \(number(longestTickCPUMs)) ms of CPU time
                """
        }
    }

    private(set) var outcome = Outcome()
    private let game: URL
    private let client: OperatorClient

    init(game: URL, client: OperatorClient) {
        self.game = game
        self.client = client
    }

    /// Changes files until the task is cancelled.
    func run() async {
        do {
            let scripts = try Self.files(game, ending: ".lua")
            let maps = try Self.files(game, ending: ".tmj")
            let operatorKey = client
            while !Task.isCancelled {
                let round = outcome.saves
                try change(round, scripts: scripts, maps: maps)
                outcome.saves += 1
                // The watcher takes the files over by itself; this says when and what, and what is wrong.
                try? await Task.sleep(for: .milliseconds(250))
                let report = try await operatorKey.post("/server/api/reload").object ?? [:]
                for problem in report["problems"]?.array ?? [] { note("\(problem.text)") }
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

    /// Reads how long ticks took, and from the log how many changes were taken over.
    private func look() async throws {
        for id in try Self.files(game, ending: ".tmj").compactMap({ Int($0.lastPathComponent.prefix { $0.isNumber }) })
        {
            let answer = try await client.get("/server/api/log_performance/\(id)").object
            let status = answer?["status"]?.object
            outcome.longestTickMs = max(outcome.longestTickMs, status?["tick_recent_max_ms"]?.number ?? 0)
            outcome.longestTickCPUMs = max(outcome.longestTickCPUMs, status?["tick_recent_max_cpu_ms"]?.number ?? 0)
            let lines = (answer?["log"]?.array ?? []).compactMap { $0.object?["text"]?.string }
            outcome.files = max(
                outcome.files,
                lines.count { $0.hasPrefix("reloaded ") || $0.hasPrefix("loaded ") || $0.hasPrefix("removed ") })
        }
    }

    /// One of six kinds of change, in turn.
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

    /// Changes the version of a file and nothing else.
    private func touch(_ file: URL, _ round: Int) throws {
        let isMap = file.pathExtension == "tmj"
        var text = try String(contentsOf: file, encoding: .utf8)
        if let mark = text.range(of: isMap ? "\n\n\n" : "\n-- bench ") { text.removeSubrange(mark.lowerBound...) }
        text += isMap ? "\n\n\n" + String(repeating: " ", count: round % 60 + 1) : "\n-- bench \(round)\n"
        try save(text, file)
    }

    /// Saves as editors do: beside the file, then in its place.
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
