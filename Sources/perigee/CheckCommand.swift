import ArgumentParser
import Foundation
import GameFolder
import ScriptCheck
import World

/// `perigee check`
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Finds mistakes in a game folder without running it.",
        discussion: """
            Each finding is one line, FILE:LINE:COLUMN: error|warning: MESSAGE, and the last line on the error output counts \
            them. The exit status is 0 without errors, also with warnings, 1 with errors, 2 when the command line is wrong or \
            there is no such folder.
            """)

    @Argument(help: "The game folder.") var directory = "lua"
    @Flag(help: "Prints one JSON object with all findings.") var json = false

    func run() throws {
        let check: GameCheck
        do throws(GameFolderError) {
            check = try GameCheck(directory: directory)
        } catch {
            StandardError.print(
                "perigee: \(String(describing: error).replacing("--game DIR", with: "perigee check DIR"))")
            throw ExitCode(2)
        }
        let prefix = GamePath.prefix(directory)
        let text = json ? check.json(in: prefix) : check.diagnostics.map { $0.line(in: prefix) + "\n" }.joined()
        FileHandle.standardOutput.write(Data(text.utf8))
        StandardError.print("perigee: \(check.summary)")
        if check.count(.error) > 0 { throw ExitCode(1) }
    }
}

/// Paths of a game folder's files, relative to the current folder.
enum GamePath {
    /// The prefix of a path within the game folder.
    static func prefix(_ directory: String) -> String {
        if directory == "." || directory == "./" { return "" }
        return directory.hasSuffix("/") ? directory : directory + "/"
    }
}
