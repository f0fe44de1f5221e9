import ArgumentParser

/// `perigee bench`: measurements that are made from outside, with real connections.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measures a server from outside.",
        discussion: """
            Each benchmark starts a server in a process of its own, with a new database and a small game or that of \
            --game, loads it, prints a table and ends it. Where the system allows it, server and load generator run on \
            different cores. Exits with 1 when the load was not reached or the generator was the limit: then the figures are no result. \
            A missed target is printed as missed. docs/performance.md explains the figures.
            """,
        subcommands: [
            BenchPlayersCommand.self, BenchViewCommand.self, BenchNPCsCommand.self, BenchIdleCommand.self,
            BenchJoinsCommand.self, BenchMapsCommand.self, BenchSavesCommand.self, BenchTicksCommand.self,
            BenchReloadCommand.self,
            BenchSocketIOCommand.self, BenchWebRTCCommand.self, BenchFloorCommand.self,
        ])
}
