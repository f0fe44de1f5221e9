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

    @Option(help: "The data folder of the server.") var data = "data"
    @Option(help: "The server's address (default: that of the server that runs over the data folder).") var url: String?
    @Flag(help: "Prints the server's answer as JSON.") var json = false

    func run() async throws {
        do {
            let report = try await OperatorClient(url: url, dataDirectory: data).reload()
            if json {
                print(report.json.text)
            } else {
                print(report.text)
                for problem in report.problems { StandardError.print("\(problem)") }
            }
            if !report.problems.isEmpty { throw ExitCode.failure }
        } catch let error as OperatorClient.Failure {
            StandardError.print("perigee: \(error)")
            throw ExitCode.failure
        }
    }
}
