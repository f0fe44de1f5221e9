import Foundation
import Testing

/// `README.md` or a page of `docs/`, as its tests read it: fenced blocks in order, each with its role.
///
/// The visible text gives a block its role, or else an HTML comment right above the block:
/// - a first line `-- events/move/to.lua` (or `#`, `//`, `<!-- -->` in other languages), or `<!-- file: PATH -->`
///   above: that file of the game folder;
/// - another `lua` block: an example, the code of an event of `players_1`; `--> text` is the line printed there, in
///   order, `--> error: text` the error that the line raises, `--> logged: text` an entry of the error log after
///   which the script goes on; `…` is any text;
/// - a `play` block: the steps of a game and their effects, see ``DocPlay``;
/// - `<!-- insert in PATH below: LINE -->` above: lines to insert into a file, below `LINE`;
/// - `<!-- log -->` or `<!-- errors -->` above: lines that the map's log or error log has at this point;
/// - `<!-- tests -->` above: lines that `perigee test` prints at this point;
/// - `<!-- not run: REASON -->` above: not run.
///
/// A comment of several lines that begins with `<!-- play` is a `play` block that the page does not show.
///
/// `<!-- new game -->` begins an empty game folder, `<!-- new game: DIR -->` a copy of `DIR`. The blocks up to the
/// next such comment belong to this game.
struct DocPage {
    /// The role of a block.
    enum Role: Equatable {
        case file(String)
        case insertion(path: String, below: String)
        case example
        case play
        case log
        case errors
        case tests
        case notRun(reason: String)
        /// A block that these tests ignore, such as a shell command.
        case other
    }

    struct Block {
        var role: Role
        var language: String
        var lines: [String]
        /// The number of the first line inside the fence.
        var line: Int
        var heading: String

        var text: String { lines.joined(separator: "\n") + "\n" }
    }

    /// A game of the page: its blocks from `<!-- new game -->` on.
    struct Game: Sendable, CustomTestStringConvertible {
        var page: String
        var title: String
        /// The game's index among the games of the page.
        var index: Int

        var testDescription: String { "\(page): \(title)" }
    }

    let name: String
    private(set) var games: [[Block]] = []
    /// The folder, relative to the repository, whose copy each game begins with; `nil` for an empty one.
    private(set) var folders: [String?] = []
    /// Blocks before the first game.
    private(set) var outside: [Block] = []

    static let repository = (0..<4).reduce(URL(fileURLWithPath: #filePath)) { url, _ in url.deletingLastPathComponent()
    }

    /// All pages, each named by its path.
    static let all: [DocPage] = {
        func names(_ folder: String) -> [String] {
            let found = try? FileManager.default.contentsOfDirectory(
                atPath: repository.appendingPathComponent(folder).path)
            return (found ?? []).filter { $0.hasSuffix(".md") }.sorted().map { "\(folder)/\($0)" }
        }
        return (["README.md"] + names("docs") + names("docs/lua")).compactMap { name in
            (try? String(contentsOf: repository.appendingPathComponent(name), encoding: .utf8)).map {
                DocPage(name: name, text: $0)
            }
        }
    }()

    static let allGames: [Game] = all.flatMap { page in
        page.games.enumerated().map { Game(page: page.name, title: $0.element.first?.heading ?? "", index: $0.offset) }
    }

    static func blocks(of game: Game) -> [Block] { all.first { $0.name == game.page }?.games[game.index] ?? [] }

    /// The folder whose copy a game begins with; `nil` for an empty one.
    static func folder(of game: Game) -> URL? {
        all.first { $0.name == game.page }?.folders[game.index].map { repository.appendingPathComponent($0) }
    }

    init(name: String, text: String) {
        self.name = name
        var heading = name
        var marks: [String] = []
        var open: Block?
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            .enumerated()
        {
            if var block = open {
                if line == (block.role == .play ? "-->" : "```") {
                    block.role = Self.role(of: block, mark: marks.last)
                    add(block)
                    (open, marks) = (nil, [])
                } else {
                    block.lines.append(line)
                    open = block
                }
            } else if line.hasPrefix("```") {
                let language = String(line.dropFirst(3).prefix { $0 != " " })
                open = Block(role: .other, language: language, lines: [], line: number + 2, heading: heading)
            } else if line.hasPrefix("#") {
                heading = String(line.drop { $0 == "#" || $0 == " " })
            } else if line.hasPrefix("<!-- "), line.hasSuffix(" -->") {
                let mark = String(line.dropFirst(5).dropLast(4))
                if mark.hasPrefix("new game") {
                    games.append([])
                    folders.append(mark.hasPrefix("new game: ") ? String(mark.dropFirst(10)) : nil)
                } else {
                    marks.append(mark)
                }
            } else if line == "<!-- play" {
                open = Block(role: .play, language: "play", lines: [], line: number + 2, heading: heading)
            } else if !line.isEmpty {
                marks = []
            }
        }
    }

    private mutating func add(_ block: Block) {
        if games.isEmpty { outside.append(block) } else { games[games.count - 1].append(block) }
    }

    private static func role(of block: Block, mark: String?) -> Role {
        if let mark {
            if mark == "log" { return .log }
            if mark == "errors" { return .errors }
            if mark == "tests" { return .tests }
            if mark.hasPrefix("not run: ") { return .notRun(reason: String(mark.dropFirst(9))) }
            if mark.hasPrefix("file: ") { return .file(String(mark.dropFirst(6))) }
            if mark.hasPrefix("insert in "), let colon = mark.range(of: " below: ") {
                return .insertion(
                    path: String(mark[..<colon.lowerBound].dropFirst(10)), below: String(mark[colon.upperBound...]))
            }
        }
        if let path = block.lines.first.flatMap(path) { return .file(path) }
        switch block.language {
        case "lua": return .example
        case "play": return .play
        default: return .other
        }
    }

    /// The path of a file of the game, when the line is a comment that holds only this path; else `nil`.
    private static func path(_ line: String) -> String? {
        for (opening, closing) in [("-- ", ""), ("# ", ""), ("// ", ""), ("<!-- ", " -->")]
        where line.hasPrefix(opening) && line.hasSuffix(closing) {
            let words = line.dropFirst(opening.count).dropLast(closing.count).split(separator: " ")
            if words.count == 1, let path = words.first,
                path == "game.yaml" || (path.contains("/") && path.contains("."))
            {
                return String(path)
            }
        }
        return nil
    }
}

/// Whether a text is as a page shows it: a run of spaces and tabs counts as one space, `…` stands for any text.
///
/// - Parameters:
///   - text: The actual text.
///   - pattern: The text on the page.
///   - isPart: Whether the pattern may be a part of the text.
/// - Returns: Whether the text matches the pattern.
func matches(_ text: String, _ pattern: String, isPart: Bool = false) -> Bool {
    let text = normal(text)
    var pieces = normal(pattern).components(separatedBy: "…").map { $0.trimmingCharacters(in: .whitespaces) }
    if isPart { pieces = [""] + pieces + [""] }
    guard let first = pieces.first, let last = pieces.last, pieces.count > 1 else { return text == pieces.first }
    guard text.hasPrefix(first) else { return false }
    var rest = text.dropFirst(first.count)
    for piece in pieces.dropFirst().dropLast() where !piece.isEmpty {
        guard let found = rest.range(of: piece) else { return false }
        rest = rest[found.upperBound...]
    }
    return rest.hasSuffix(last)
}

private func normal(_ text: String) -> String {
    text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
}

/// Whether a line of a log file is as a page shows it; times, ticks and versions of files may differ.
func logLine(_ line: String, matches pattern: String) -> Bool {
    matches(withoutParticulars(line), withoutParticulars(pattern))
}

private func withoutParticulars(_ line: String) -> String {
    var words = line.split(separator: " ").map(String.init)
    if words.count > 2, words[0].count == 10, words[0].hasPrefix("20"), words[2].hasPrefix("tick=") {
        words.removeFirst(3)
    }
    for index in words.indices {
        let digits = words[index].prefix { $0.isHexDigit }
        if digits.count == 12 { words[index] = "version" + words[index].dropFirst(12) }
    }
    return words.joined(separator: " ")
}
