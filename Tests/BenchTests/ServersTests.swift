import Foundation
import NIOCore
import NIOPosix
import Testing

@testable import Bench

@Suite("Games and servers of the benchmarks") struct ServersTests {
    @Test("with 4 tiles between players and a view of 7, nine are in view with oneself, fewer at the edge")
    func grid() {
        let grid = PlayerGrid(count: 10_000, spacing: 4)
        #expect(grid.near(5_050, within: 7).count == 9)
        #expect(grid.near(0, within: 7) == [0, 1, 100, 101])
        #expect(grid.near(5_050, within: 0) == [5_050])
        #expect(PlayerGrid(count: 5, spacing: 4).near(4, within: 100) == [0, 1, 2, 3, 4])
        #expect(PlayerGrid(count: 1, spacing: 4).place(0) == BenchPlace(mapID: 1, x: 4, y: 4))
    }

    @Test("every player of a grid stands on the map", arguments: [1, 2, 9, 10, 1_000])
    func places(count: Int) {
        let grid = PlayerGrid(count: count, spacing: 4)
        let last = Double(grid.mapSide - 1)
        for index in 0..<count {
            let place = grid.place(index)
            #expect(place.x > 0 && place.x < last && place.y > 0 && place.y < last)
        }
    }

    @Test("a tick rate replaces the former one and lowers the send rate")
    func tickRate() {
        let text = "name: Meadow\ntick_rate: 60     # steps\nsend_rate: 30     # changes\n"
        #expect(
            BenchGame.configuration(text, withTickRate: 20) == "tick_rate: 20\nname: Meadow\nsend_rate: 20\n")
        #expect(
            BenchGame.configuration(text, withTickRate: 90)
                == "tick_rate: 90\nname: Meadow\nsend_rate: 30     # changes\n")
        #expect(BenchGame.configuration("", withTickRate: 5) == "tick_rate: 5\n")
    }

    @Test("a setting of the command line replaces the bench's own")
    func settings() throws {
        let game = BenchGame.walking(
            settings: ["max_entities: 5", "position_decimals: 2"], annotations: ["share none"])
        let yaml = try #require(game.files["game.yaml"])
        #expect(yaml.components(separatedBy: "max_entities").count == 2)
        #expect(yaml.contains("max_entities: 5\n") && yaml.contains("position_decimals: 2\n"))
        #expect(game.files["events/move/timeout.lua"] == "--@share none\nreturn 0.1\n")
    }

    @Test("lines of a game that exists are replaced by others with the same key")
    func replacedLines() {
        let text = "name: Battle\nmax_sessions: 5   # few\nmax_sessions_more: 1"
        #expect(
            BenchGame.configuration(text, with: ["max_sessions: 9", "tick_rate: 5"])
                == "name: Battle\nmax_sessions_more: 1\nmax_sessions: 9\ntick_rate: 5\n")
    }

    @Test("the generator gets the last cores, the server all others; one core is shared")
    func cores() {
        let two = CoreAffinity(cores: [0, 1], generatorThreads: 1)
        #expect((two.server, two.generator, two.isPinned) == ([0], [1], true))
        let greedy = CoreAffinity(cores: [2, 3, 5], generatorThreads: 9)
        #expect((greedy.server, greedy.generator) == ([2], [3, 5]))
        #expect(!CoreAffinity(cores: [0], generatorThreads: 1).isPinned)
        #expect(!CoreAffinity(isWanted: false).isPinned)
    }

    /// Runs a bare broadcaster, and stops it also when `body` fails.
    private static func withFloor(
        _ options: FloorServer.Options = .init(), _ body: (FloorServer) async throws -> Void
    ) async throws {
        let floor = try await FloorServer(options)
        let result: Result<Void, any Error>
        do { result = .success(try await body(floor)) } catch { result = .failure(error) }
        try await floor.stop()
        try result.get()
    }

    private static func options(_ floor: FloorServer, players: Int) -> PlayersBenchmark.Options {
        var options = PlayersBenchmark.Options()
        options.entrance = .open
        options.port = floor.port
        options.serverPID = getpid()
        options.players = players
        options.sampled = 0
        options.seconds = 1
        return options
    }

    @Test("the bare broadcaster is measured by the same clients, and all see all")
    func floor() async throws {
        var bare = FloorServer.Options()
        bare.recordBytes = 50
        bare.rateHz = 60
        try await Self.withFloor(bare) { floor in
            var options = Self.options(floor, players: 4)
            options.sampled = 2
            options.movesPerSecond = 20
            let report = try await PlayersBenchmark(options).run()
            #expect(report.joined == 4)
            #expect(report.commandsSent > 40)
            #expect(report.commandsUnanswered == 0 && report.disconnects == 0)
            #expect(report.changes > 100)
            #expect(report.moves.missed == 0 && report.moves.differing == 0)
            #expect((40..<80).contains(report.tickRateHz))
        }
    }

    @Test("a stopped broadcaster listens no more, and closes the connections of its clients")
    func stop() async throws {
        let floor = try await FloorServer(FloorServer.Options())
        let client = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: floor.port).get()
        #expect(ListeningProcess.pid(port: floor.port) == getpid())
        try await floor.stop()
        try await client.closeFuture.get()
        #expect(ListeningProcess.pid(port: floor.port) == nil)
    }

    @Test("players without moves send nothing")
    func idle() async throws {
        try await Self.withFloor { floor in
            var options = Self.options(floor, players: 3)
            options.areMoving = false
            let report = try await PlayersBenchmark(options).run()
            #expect((report.joined, report.commandsSent, report.deltas, report.movesPerSecond) == (3, 0, 0, 0))
        }
    }

    @Test("players who do not all see each other are not compared, others are", arguments: [true, false])
    func comparison(areAllInView: Bool) async throws {
        // The first of three sees the one beside it and the one below it, who do not see each other.
        var bare = FloorServer.Options()
        bare.grid = PlayerGrid(count: 3, spacing: 4)
        bare.viewDistance = 4
        try await Self.withFloor(bare) { floor in
            var options = Self.options(floor, players: 3)
            options.areAllInView = areAllInView
            options.movesPerSecond = 20
            let report = try await PlayersBenchmark(options).run()
            #expect(report.changes > 0)
            #expect(report.problems.contains { $0.contains("coordinates") } == areAllInView)
        }
    }

    @Test("the window ends with what runs beside it, and not later than its length")
    func companion() async throws {
        try await Self.withFloor { floor in
            var options = Self.options(floor, players: 1)
            options.areMoving = false
            options.endsWithCompanion = true
            options.seconds = 600
            let report = try await PlayersBenchmark(options, meanwhile: {}).run()
            #expect(report.seconds < 60)
        }
    }
}
