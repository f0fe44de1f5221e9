import ArgumentParser
import Foundation
import GameFolder
import ScriptCheck

/// `perigee stubs`
struct StubsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stubs", abstract: "Writes definitions for editors into a game folder.",
        discussion: """
            The Lua language server completes and checks what scripts write with the files in DIR/stubs and its settings in \
            DIR/.luarc.json. Run it again after components or events were added. With --check nothing is written, and the \
            exit status is 1 when a file is out of date.
            """)

    @Argument(help: "The game folder.") var directory = "lua"
    @Flag(help: "Writes nothing; only tells which files are out of date.") var check = false

    func run() throws {
        let game: GameDefinition
        do throws(GameFolderError) {
            game = try GameFolder.survey(directory: directory).definition
        } catch {
            StandardError.print(
                "perigee: \(String(describing: error).replacing("--game DIR", with: "perigee stubs DIR"))")
            throw ExitCode(2)
        }
        var isOutOfDate = false
        for file in EditorFiles.files(of: game) {
            let path = GamePath.prefix(directory) + file.path
            if FileManager.default.contents(atPath: path) == Data(file.text.utf8) { continue }
            isOutOfDate = true
            if !check { try write(file.text, to: path) }
            print(check ? "\(path) is out of date; run perigee stubs" : "wrote \(path)")
        }
        if check, isOutOfDate { throw ExitCode(1) }
    }

    private func write(_ text: String, to path: String) throws {
        do {
            let url = URL(filePath: path)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: url)
        } catch {
            StandardError.print("perigee: can't write \"\(path)\" (\(error.localizedDescription))")
            throw ExitCode(1)
        }
    }
}
