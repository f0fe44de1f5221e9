import ArgumentParser
import Foundation
import GameRules

/// A first word that is not the name of a command. ArgumentParser would pass it to the default command as an argument.
struct UnknownCommand: Error, CustomStringConvertible {
    /// What is wrong, and what may have been meant.
    let description: String

    /// Looks for a word that should name a command and does not.
    ///
    /// - Parameters:
    ///   - words: The command line without the program's name.
    ///   - root: The program's command.
    /// - Returns: What is wrong; `nil` when every word before the first option names a command, or follows one that has
    ///   no further commands.
    static func find(in words: [String], of root: any ParsableCommand.Type) -> UnknownCommand? {
        var subcommands = root.configuration.subcommands
        var path = ["perigee"]
        for (index, word) in words.enumerated() {
            if subcommands.isEmpty || word.hasPrefix("-") { return nil }
            if index == 0, word == "help" { continue }
            guard let next = subcommands.first(where: { $0._commandName == word }) else {
                let names = subcommands.map { $0._commandName }
                let hint = hint(word, isFirst: path.count == 1, among: names)
                let name = path.joined(separator: " ")
                return UnknownCommand(
                    description: "\(name) has no command \"\(word)\"\(hint); \(name) --help describes them")
            }
            subcommands = next.configuration.subcommands
            path.append(word)
        }
        return nil
    }

    private static func hint(_ word: String, isFirst: Bool, among names: [String]) -> String {
        if isFirst, word.lowercased() == "version" { return "; did you mean --version?" }
        let near = Suggestion.hint(for: word, among: names)
        if !near.isEmpty { return near }
        var isFolder: ObjCBool = false
        if isFirst, FileManager.default.fileExists(atPath: word, isDirectory: &isFolder), isFolder.boolValue {
            return "; did you mean serve \(word)?"
        }
        return "; there are \(names.joined(separator: ", "))"
    }
}
