import NIOCore
import NIOPosix
import Testing

@testable import Bench

@Suite("Options of the players test") struct OptionsTests {
    /// A change that must be refused, and the option that must be named.
    struct Wrong: Sendable {
        var name: String
        var change: @Sendable (inout PlayersBenchmark.Options) -> Void

        init(_ name: String, change: @escaping @Sendable (inout PlayersBenchmark.Options) -> Void) {
            self.name = name
            self.change = change
        }
    }

    @Test("the defaults are the load of a release: 500 players, 5 moves a second, loopback")
    func defaults() throws {
        let options = PlayersBenchmark.Options()
        try options.validate()
        #expect((options.players, options.movesPerSecond, options.host) == (500, 5, "127.0.0.1"))
        #expect(options.login(0) == "bench1")
    }

    @Test(
        "refuses what is out of range and names the option",
        arguments: [
            Wrong("players") { $0.players = 0 }, Wrong("players") { $0.players = 20_001 },
            Wrong("seconds") { $0.seconds = 601 }, Wrong("seconds") { $0.seconds = 0 },
            Wrong("port") { $0.port = 65_536 }, Wrong("stalled") { $0.stalled = -1 },
            Wrong("sampled") { $0.sampled = $0.players + 1 }, Wrong("join-concurrency") { $0.joinConcurrency = 0 },
            Wrong("join-seconds") { $0.joinSeconds = 0 }, Wrong("threads") { $0.threads = 17 },
            Wrong("source-addresses") { $0.sourceAddresses = 0 }, Wrong("moves-per-second") { $0.movesPerSecond = 0 },
            Wrong("moves-per-second") { $0.movesPerSecond = .nan },
            Wrong("moves-per-second") { $0.movesPerSecond = 51 }, Wrong("commands") { $0.commands = [] },
            Wrong("commands") { $0.commands = ["move/left\"}"] }, Wrong("commands") { $0.commands = ["a/b/c"] },
            Wrong("players") { $0.entrance = .sessions(["x"]) },
            Wrong("login-prefix") { $0.loginPrefix = "a b" },
        ])
    func refusals(wrong: Wrong) {
        var options = PlayersBenchmark.Options()
        wrong.change(&options)
        let error = #expect(throws: BenchError.self) { try options.validate() }
        #expect(error?.description.hasPrefix("--\(wrong.name) is ") == true)
    }

    @Test(
        "accepts only loopback addresses",
        arguments: [
            ("127.0.0.1", true), ("127.1.2.3", true), ("localhost", true), ("::1", true), ("10.0.0.1", false),
            ("example.org", false), ("127.0.0.1.example.org", false), ("127.0.0", false), ("0.0.0.0", false),
            ("", false),
        ])
    func loopback(host: String, isAllowed: Bool) {
        var options = PlayersBenchmark.Options()
        options.host = host
        #expect(((try? options.validate()) != nil) == isAllowed)
    }

    @Test("reports in one line that no server answers")
    func unreachable() async throws {
        // A port that was free a moment ago: it is bound and closed again.
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        var options = PlayersBenchmark.Options()
        options.port = try #require(server.localAddress?.port)
        try await server.close()
        let benchmark = PlayersBenchmark(options)
        let error = await #expect(throws: BenchError.self) { try await benchmark.run() }
        let words = try #require(error).description
        #expect(words.hasPrefix("no server answers at 127.0.0.1:\(options.port) (Connection refused)"))
        #expect(!words.contains("\n"))
    }
}
