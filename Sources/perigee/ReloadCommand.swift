import ArgumentParser
import World

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
        let report: JSON
        do {
            report = try await OperatorClient(url: url, dataDirectory: data).post("/server/api/reload")
        } catch let error as OperatorClient.Failure {
            StandardError.print("perigee: \(error)")
            throw ExitCode.failure
        }
        let object = report.object ?? [:]
        let problems = object["problems"]?.array ?? []
        if json {
            print(report.text)
        } else {
            let changes = (object["changes"]?.array ?? []).compactMap(\.string)
            let effects = (object["effects"]?.object?.members ?? []).flatMap { member in
                (member.value.array ?? []).compactMap(\.string).map { "map \(member.key): \($0)" }
            }
            let lines = changes + effects
            print(lines.isEmpty ? "nothing changed" : lines.joined(separator: "\n"))
            for problem in problems.compactMap(\.object) { StandardError.print(Self.text(problem)) }
        }
        if !problems.isEmpty { throw ExitCode.failure }
    }

    private static func text(_ problem: JSONObject) -> String {
        let place = ["line", "column"].compactMap { problem[$0]?.number }.map { "\(Int($0))" }
        return ([problem["file"]?.string ?? ""] + place + [" " + (problem["message"]?.string ?? "")]).joined(
            separator: ":")
    }
}
