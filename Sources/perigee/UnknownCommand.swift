import ArgumentParser
import Foundation
import GameRules

/// A first word that is not the name of a command. ArgumentParser would pass it to the default command as an argument.
struct UnknownCommand: Error, CustomStringConvertible {
    /// What is wrong, and what may have been meant.
    let description: String

    /// Looks for a word that should name a command and does not; `nil` when there is none before the first option.
    ///
    /// - Parameters:
    ///   - words: The command line without the program's name.
    ///   - root: The program's command.
    init?(in words: some Sequence<String>, of root: any ParsableCommand.Type) {
        var command = root
        var path: [String] = []
        for word in words {
            let subcommands = command.configuration.subcommands
            if subcommands.isEmpty || word.hasPrefix("-") { return nil }
            if path.isEmpty, command == root, word == "help" { continue }
            if let next = subcommands.first(where: { $0.configuration.commandName == word }) {
                command = next
                path.append(word)
                continue
            }
            let names = subcommands.compactMap(\.configuration.commandName)
            let hint = Self.hint(word, isFirst: path.isEmpty, among: names)
            let name = (["perigee"] + path).joined(separator: " ")
            description = "\(name) has no command \"\(word)\"\(hint); \(name) --help describes them"
            return
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
