import ArgumentParser
import Foundation
import GameRules

/// A first word that names no command. ArgumentParser takes it for an argument of the default command.
struct UnknownCommand: Error, CustomStringConvertible {
    /// What is wrong, and what may have been meant.
    let description: String

    /// Looks for a command that is not there; `nil` when the words up to the first option name a command.
    ///
    /// - Parameters:
    ///   - words: The command line without the program's name.
    ///   - root: The program's command.
    init?(in words: some Sequence<String>, of root: any ParsableCommand.Type) {
        guard let description = Self.description(Array(words), of: root) else { return nil }
        self.description = description
    }

    private static func description(_ words: [String], of root: any ParsableCommand.Type) -> String? {
        var command = root
        var path: [String] = []
        for word in words {
            let subcommands = command.configuration.subcommands
            if subcommands.isEmpty || word.hasPrefix("-") { return nil }
            if path.isEmpty, word == "help" { continue }
            if let next = subcommands.first(where: { $0.configuration.commandName == word }) {
                command = next
                path.append(word)
                continue
            }
            let names = subcommands.compactMap { $0.configuration.commandName }
            let hint = hint(word, isFirst: path.isEmpty, among: names)
            let name = (["perigee"] + path).joined(separator: " ")
            return "\(name) has no command \"\(word)\"\(hint); \(name) --help describes them"
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
