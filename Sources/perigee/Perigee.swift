import ArgumentParser

/// The command line.
@main
struct Perigee: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "perigee",
        abstract: "A multiplayer game server whose games are written in Lua.",
        subcommands: [ServeCommand.self, BenchCommand.self], defaultSubcommand: ServeCommand.self)
}
