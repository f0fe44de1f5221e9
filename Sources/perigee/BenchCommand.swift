import ArgumentParser
import Bench
import Foundation
import JSONValues

/// `perigee bench`: measurements that are made from outside, against a running server.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measures a running server from outside.",
        subcommands: [BenchPlayersCommand.self, BenchReloadCommand.self])
}

/// `perigee bench players`: many players on one map; all of them move and see each other.
struct BenchPlayersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "players", abstract: "Connects many players who all move and all see each other.",
        discussion: """
            Reports tick rate, time from a client's send to its own change, server CPU for each delivered change and \
            memory for each connection. Talks to loopback addresses only. Ctrl-C ends it early with a report. Exits \
            with 1 when a move was missed, a command refused or a connection lost.
            """)

    @Option(help: "Players that connect and move (1 to 10000).") var players = 500
    @Option(help: "Commands a second of each player (above 0, up to 50).") var movesPerSecond = 5.0
    @Option(help: "Length of the measured window in seconds (1 to 600).") var seconds = 20
    @Option(help: "The server's address, a loopback one.") var host = "127.0.0.1"
    @Option(help: "The server's port.") var port = 8080
    @Option(help: "Logins are this followed by a number; the accounts are kept and used again.")
    var loginPrefix = "bench"
    @Option(help: "The accounts' password.") var password = "bench-players"
    @Option(help: "The commands that each player sends in turn, separated by commas.")
    var commands = "move/left,move/right"
    @Option(help: "The server's process (default: the one that listens on the port).") var serverPid: Int32?
    @Option(help: "Further clients that connect and never read (0 to 1000).") var stalled = 0
    @Option(help: "Clients whose every message is parsed and compared.") var sampled = 10
    @Option(help: "Logins under way at the same time (1 to 64).") var joinConcurrency = 4
    @Option(help: "Time for all players to connect, in seconds (1 to 3600).") var joinSeconds = 300
    @Option(help: "Threads of the load generator (1 to 16).") var threads = 1
    @Option(help: "Loopback addresses the players come from, for a server that limits each (1 to 200).")
    var sourceAddresses = 1
    @Flag(help: "Prints the report as JSON.") var json = false

    func run() async throws {
        var options = PlayersBenchmark.Options()
        options.players = players
        options.movesPerSecond = movesPerSecond
        options.seconds = seconds
        options.host = host
        options.port = port
        options.loginPrefix = loginPrefix
        options.password = password
        options.commands = commands.split(separator: ",").map(String.init)
        options.serverPID = serverPid
        options.stalled = stalled
        options.sampled = min(sampled, players)
        options.joinConcurrency = joinConcurrency
        options.joinSeconds = joinSeconds
        options.threads = threads
        options.sourceAddresses = sourceAddresses
        // Progress goes to standard error, so that standard output has only the report.
        let benchmark = PlayersBenchmark(options) { line in
            FileHandle.standardError.write(Data((line + "\n").utf8))
        }
        let report = try await benchmark.runUntilInterrupted()
        print(json ? report.json.text : report.text)
        if !report.problems.isEmpty { throw ExitCode.failure }
    }
}
