import ArgumentParser
import JSONValues
import OperatorAPI

/// `perigee reload`
struct ReloadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload", abstract: "Has a running server take over its game folder, and prints what changed.",
        discussion: """
            The server does so by itself a moment after a file was saved; this waits for it and says what it did. It finds \
            the server that runs over the data folder, and has the operator's key from there. The exit status is 0 if all \
            files are good, 1 if one is not or the server can't be asked, 2 when the command line is wrong. What is wrong \
            goes to the error output as FILE:LINE:COLUMN: MESSAGE.
            """)

    @OptionGroup var server: RunningServer
    @Flag(help: "Prints the server's answer as JSON.") var json = false

    func run() async throws {
        try await server.ask { client in
            let report = try await client.reload()
            if json {
                print(report.json.text)
            } else {
                print(report.text)
                for problem in report.problems { StandardError.print("\(problem)") }
            }
            if !report.problems.isEmpty { throw ExitCode.failure }
        }
    }
}
