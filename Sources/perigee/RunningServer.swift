import ArgumentParser
import OperatorAPI

/// The options of the commands that ask a running server.
struct RunningServer: ParsableArguments {
    @Option(help: "The data folder of the server.") var data = "data"
    @Option(help: "The server's address (default: that of the server that runs over the data folder).") var url: String?

    /// Asks the server; what fails is printed in one line.
    ///
    /// - Parameter body: Asks.
    /// - Throws: `ExitCode`: 1 when the server refuses or can't be asked, 2 for a mistake of the command line.
    func ask(_ body: (OperatorClient) async throws -> Void) async throws {
        do {
            try await body(try OperatorClient(url: url, dataDirectory: data))
        } catch let error as OperatorClient.Failure {
            StandardError.print("perigee: \(error)")
            throw ExitCode.failure
        } catch let error as WrongArgument {
            throw error.printed()
        }
    }
}
