import LuaSyntax

/// The path of a file that an operator may edit, relative to the game folder and checked: it can't lead out of the
/// folder by its text alone. ``EditableFolder`` checks where links lead.
package struct EditablePath: Hashable, Sendable, CustomStringConvertible {
    /// The path with `/`.
    package let text: String
    /// Its parts; the last one is the name of the file.
    package let parts: [String]

    /// The longest name of a file or folder, in bytes, as file systems have it.
    package static let maxNameBytes = 255
    /// The ends of names of files that are texts.
    package static let endings = [
        "css", "csv", "glsl", "htm", "html", "js", "json", "lua", "md", "mjs", "svg", "tj", "tmj", "tsj", "tx", "txt",
        "world", "xml", "yaml", "yml",
    ]

    /// Checks a path.
    ///
    /// - Parameter text: The path as a client sent it.
    /// - Throws: ``EditError/badPath(_:_:)`` with what is wrong and what is allowed.
    package init(_ text: String) throws(EditError) {
        func refuse(_ reason: String) -> EditError { .badPath(text, reason) }
        guard !text.isEmpty else { throw refuse("it is empty; name a file, as in events/move/to.lua") }
        guard !text.hasPrefix("/") else {
            throw refuse("it begins with /; write it as it is within the game folder, as in events/move/to.lua")
        }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count <= FolderTree.maxDepth else {
            throw refuse("it is too deep; at most \(FolderTree.maxDepth - 1) folders lie inside each other")
        }
        for part in parts { try Self.check(part, refuse) }
        let name = parts[parts.count - 1]
        guard let dot = name.lastIndex(of: "."), Self.endings.contains(name[name.index(after: dot)...].lowercased())
        else {
            throw refuse(
                "only texts can be edited here; their names end in "
                    + Self.endings.map { ".\($0)" }.joined(separator: " "))
        }
        self.text = text
        self.parts = parts
    }

    private static func check(_ part: String, _ refuse: (String) -> EditError) throws(EditError) {
        guard !part.isEmpty else { throw refuse("a part between two / is empty") }
        guard part != ".", part != ".." else {
            throw refuse("a part is \"\(part)\"; paths stay within the game folder")
        }
        guard part.utf8.count <= maxNameBytes else {
            throw refuse("a name has \(part.utf8.count) bytes; at most \(maxNameBytes) are allowed")
        }
        let isOdd = part.unicodeScalars.contains { scalar in
            scalar.properties.generalCategory == .control || scalar.properties.isBidiControl
                || scalar.properties.generalCategory == .format || "\\:*?\"<>|\u{FFFD}".unicodeScalars.contains(scalar)
        }
        guard !isOdd, part.first?.isWhitespace == false, part.last?.isWhitespace == false else {
            throw refuse(
                "a name has a character that is not allowed: control characters, \\ : * ? \" < > |, or a space at an end"
            )
        }
        guard !FolderTree.isIgnored(part) else {
            throw refuse("\"\(part)\" is the name of a hidden, backup or temporary file, which the server ignores")
        }
    }

    /// The path.
    package var description: String { text }

    /// Whether its file is sent to browsers of players, so that a script in it can act for an operator who plays.
    package var isServed: Bool { FolderTree.servedFolders.contains { $0 == parts[0].lowercased() } }

    /// Whether the file is in a folder that is no part of the running game, such as `tests/`.
    package var isOutsideGame: Bool { FolderTree.isIgnoredPlace(text) }

    /// What the file is for, by its place; `nil` when it is no script of the game.
    package var role: GameScript.Role? {
        guard !isOutsideGame, case .script(let role) = FilePlace(path: text, among: [text]) else { return nil }
        return role
    }

    /// Why a text can't be that of this file, since it has no code: events and timeout formulas need some [M11.14].
    ///
    /// - Parameter bytes: The text.
    /// - Returns: What is missing; `nil` for a text that will do.
    package func missingCode(in bytes: [UInt8]) -> String? {
        guard let role, !LuaAnnotations(bytes).hasCode else { return nil }
        switch role {
        case .event: return "no code; an event must say in Lua what it does"
        case .timeout: return "no code; a timeout formula must return seconds, for instance return 0.2"
        case .lib, .component, .spawn, .leave, .socket: return nil
        }
    }

    /// Why the file has no effect at this place or under this name; `nil` when it has, or the server does not read it.
    package var mistake: String? {
        guard !isOutsideGame, case .mistaken(let message) = FilePlace(path: text, among: [text]) else { return nil }
        return message
    }
}

/// Why a file of the game folder can't be read or changed, with what is allowed.
package enum EditError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The path is not allowed, for this reason.
    case badPath(String, String)
    /// There is no such file.
    case missing(String)
    /// The file, or one whose name differs from it only in case, exists already.
    case exists(String)
    /// The file has more bytes than ``EditableFolder/maxBytes``.
    case tooLarge(String, bytes: Int)
    /// The file is no text in UTF-8.
    case notText(String)
    /// The system refused, for this reason.
    case refused(String, String)

    /// What is wrong, where, and what to do.
    package var description: String {
        switch self {
        case .badPath(let path, let reason): "the path \"\(path.prefix(300))\" is not allowed: \(reason)"
        case .missing(let path): "there is no file \(path) in the game folder"
        case .exists(let path): "\(path) exists already; choose another name (upper and lower case count as the same)"
        case .tooLarge(let path, let bytes):
            "\(path) has \(bytes) bytes; at most \(EditableFolder.maxBytes) (1 MiB) can be edited here"
        case .notText(let path): "\(path) is no text in UTF-8, so it can't be edited here"
        case .refused(let path, let reason): "\(path): \(reason)"
        }
    }
}
