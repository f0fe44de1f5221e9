import ArgumentParser
import Bench
import Foundation
import OperatorAPI

/// `perigee bench reload`: hot reloads while many players play.
struct BenchReloadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload", abstract: "Changes a game's files again and again while many players play it.",
        discussion: """
            Copies the game, serves the copy on a free port, connects players who move, and saves changed files twice a \
            second: scripts, libs, components that come and go, maps, and all files at once. Exits with 1 when a \
            connection or a command was lost, a file was not taken over, or a tick took longer than allowed.
            """)

    @Option(help: "Players that connect and move (1 to 20000).") var players = 200
    // The rate is low so that even on a busy machine no command is sent while the player's earlier one still waits in
    // its event group: the new command would replace the earlier one, and the bench would wait for an acknowledgement
    // that never comes.
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
        let problems = outcome.problems(beside: report, players: players, maxTickMs: maxTickMs)
        for problem in problems { print("reload problem            \(problem)") }
        if !problems.isEmpty { throw ExitCode.failure }
    }

    /// Waits until the server listens, and returns a client of it.
    private static func client(_ data: String, _ server: Process) async throws -> OperatorClient {
        for _ in 0..<300 where server.isRunning {
            if let client = try? OperatorClient(url: nil, dataDirectory: data) { return client }
            try await Task.sleep(for: .milliseconds(100))
        }
        StandardError.print("perigee: the server did not start; try perigee serve with the same game")
        throw ExitCode.failure
    }
}
