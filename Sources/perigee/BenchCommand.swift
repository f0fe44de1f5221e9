import ArgumentParser
import Bench
import Foundation

/// `perigee bench`
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measures a running server.", subcommands: [BenchPlayersCommand.self])
}
