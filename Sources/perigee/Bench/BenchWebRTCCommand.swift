import ArgumentParser
import Bench

/// `perigee bench webrtc`: what data channels cost, beside other servers, and players over them beside WebSockets.
struct BenchWebRTCCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "webrtc", abstract: "Measures data channels, and players over WebRTC.",
        discussion: """
            Two workloads. echo: clients who send messages on a channel like fast, which may lose them, to `perigee conformance`, which \
            sends each back. Each client has --in-flight messages under way. Reports echoes a second of the server's \
            CPU time, and CPU time for each echo and for each datagram. With --against aiortc the same clients then use \
            an echo server on aiortc, a library for Python, and with --against pion one on Pion, for Go; both may be \
            given. players: those of `perigee bench view`, over WebSockets and then over WebRTC; \
            reports how old positions are when they come, and of how many ticks in which a player moved its datagram \
            came.
            """)

    /// What is measured.
    enum Workload: String, CaseIterable, ExpressibleByArgument {
        case both, echo, players
    }

    /// A server beside which Perigee is measured.
    enum Opponent: String, CaseIterable, ExpressibleByArgument {
        case aiortc, pion
    }

    @Option(help: "What is measured.") var workload = Workload.both
    @Option(help: "Clients of the echo server (1 to 1000); several numbers with commas are a series.")
    var clients = NumberSeries(16)
    @Option(help: "Messages of each client that are under way at the same time (1 to 64).") var inFlight = 4
    @Option(help: "Bytes of a message (8 to 1100).") var bytes = 200
    @Option(help: "Players (1 to 1000).") var players = 500
    @Option(help: "Moves a second of each player (above 0, up to 50).") var movesPerSecond = 5.0
    @Option(help: "Length of each measured window in seconds (1 to 600).") var seconds = 10
    @Option(help: "Measures the echo also with this server, and prints the ratio; may be given for each server.")
    var against: [Opponent] = []
    @Option(help: "The Python of --against aiortc, with the packages of Tests/clients/requirements.txt.")
    var python = ".build/venv/bin/python"
    @Option(help: "The program of --against pion, which scripts/bootstrap bench-pion builds.")
    var pion = ".build/pion/echo"
    @Option(help: "Time for all clients to connect, in seconds (1 to 3600).") var joinSeconds = 60
    @OptionGroup var shared: BenchArguments

    func validate() throws {
        for count in clients.numbers {
            do { try echoOptions(count).validate() } catch { throw ValidationError("\(error)") }
        }
        try checkOption("players", players, 1...1_000)
        try playerOptions.checkOnCommandLine()
        if !against.isEmpty, workload == .players {
            throw ValidationError("--against belongs to the echo; use it without --workload players")
        }
    }

    func run() async throws {
        let about =
            "data channels that may lose messages; echo: \(inFlight) of \(bytes) bytes under way for each client; "
            + "players: \(movesPerSecond) moves a second of each, \(BenchGame.tickRateHz) Hz"
        try await BenchWorkplace.run(BenchOutcome(bench: "webrtc", about: about), shared) { workplace, outcome in
            if workload != .players {
                let runs = EchoRuns(workplace: workplace, opponents: against.map(server))
                for count in clients.numbers { try await runs.measure(echoOptions(count), &outcome) }
            }
            if workload != .echo { try await LaneRuns(workplace: workplace).measure(playerOptions, &outcome) }
        }
    }

    private func server(_ opponent: Opponent) -> EchoRuns.Opponent {
        switch opponent {
        case .aiortc:
            return .init(name: opponent.rawValue, program: python, script: "Benchmarks/webrtc/echo_server.py")
        case .pion: return .init(name: opponent.rawValue, program: pion)
        }
    }

    private var playerOptions: PlayersBenchmark.Options {
        var options = PlayersBenchmark.Options(apart: players, seconds: seconds, joinSeconds: joinSeconds)
        options.movesPerSecond = movesPerSecond
        // At most 32 clients of one address may be connecting over WebRTC.
        options.joinConcurrency = 16
        return options
    }

    private func echoOptions(_ count: Int) -> EchoBenchmark.Options {
        var options = EchoBenchmark.Options()
        options.clients = count
        options.inFlight = inFlight
        options.bytes = bytes
        options.seconds = seconds
        options.joinSeconds = joinSeconds
        return options
    }
}
