import ArgumentParser
import Foundation

/// The command line.
@main
struct Perigee: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "perigee",
        abstract: "A multiplayer game server whose games are written in Lua.", version: "perigee \(Version.text)",
        subcommands: [
            ServeCommand.self,
            ReplayCommand.self,
            TestCommand.self,
            RunCommand.self,
            BenchCommand.self,
            ConformanceCommand.self,
            ReloadCommand.self,
            OperatorsCommand.self,
            CheckCommand.self,
            StubsCommand.self,
            BackupCommand.self,
            ExportCommand.self,
            ImportCommand.self,
        ],
        defaultSubcommand: ServeCommand.self)

    /// Exits with 2 when the command line is wrong, as commands of shells do, else with the command's own status.
    static func main() async {
        DeepThread.setUp()
        if let mistake = UnknownCommand.find(in: Array(CommandLine.arguments.dropFirst()), of: Self.self) {
            StandardError.print("perigee: \(mistake)")
            Foundation.exit(2)
        }
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try DeepThread.run { try command.run() }
            }
        } catch  where exitCode(for: error) == .validationFailure {
            StandardError.print(fullMessage(for: error))
            Foundation.exit(2)
        } catch {
            exit(withError: error)
        }
    }
}
