import Dispatch
import Foundation

/// The git repository whose top folder is the game folder.
///
/// Every function runs the program `git` and blocks its thread until it ends, for at most ``patience``; call it on a
/// ``WorkQueue``. No hook of the repository runs.
struct GitRepository: Sendable {
    /// A commit that changed a file.
    struct Commit: Sendable, Equatable {
        /// The full hash.
        var hash: String
        /// When it was made, Unix time in seconds.
        var time: Double
        var author: String
        /// The first line of its message.
        var subject: String
        /// The length of the file in bytes; `nil` when the commit deleted it.
        var bytes: Int?
    }

    /// Why git did not do what it was asked to; the description is what git says.
    struct Failure: Error, CustomStringConvertible { let description: String }

    /// The most commits of a file that are listed.
    static let maxCommits = 100
    /// The most seconds that one command of git may take.
    private static let patience = 10

    private let directory: String

    /// Finds the repository; `nil` when the folder is not the top folder of one, or git is missing or refuses it.
    ///
    /// - Parameter directory: The game folder.
    init?(directory: String) {
        self.directory = directory
        guard FileManager.default.fileExists(atPath: "\(directory)/.git"),
            let prefix = try? run(["rev-parse", "--show-prefix"]), prefix == Array("\n".utf8)
        else { return nil }
    }

    // MARK: - Reading

    /// The latest commits that changed a file.
    ///
    /// - Parameter path: The path within the game folder.
    /// - Returns: The commits, the latest first.
    /// - Throws: ``Failure``.
    func commits(of path: String) throws -> [Commit] {
        guard hasCommits else { return [] }
        let format = "%H%x00%at%x00%an%x00%s%x00"
        let log = try run(["log", "--max-count=\(Self.maxCommits)", "--format=\(format)", "--", path])
        let fields = String(decoding: log, as: UTF8.self).split(separator: "\0", omittingEmptySubsequences: false)
        var commits: [Commit] = []
        for start in stride(from: 0, to: fields.count - 4, by: 4) {
            let hash = fields[start].trimmingCharacters(in: .newlines)
            commits.append(
                Commit(
                    hash: hash, time: Double(fields[start + 1]) ?? 0, author: String(fields[start + 2]),
                    subject: String(fields[start + 3])))
        }
        let sizes = try run(
            ["cat-file", "--batch-check=%(objectsize)"], input: commits.map { "\($0.hash):\(path)\n" }.joined())
        let lines = String(decoding: sizes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in zip(commits.indices, lines) { commits[index].bytes = Int(line) }
        return commits
    }

    /// The text of a file as a commit left it.
    ///
    /// - Parameters:
    ///   - path: The path within the game folder.
    ///   - hash: The full hash of a commit.
    /// - Returns: `nil` when the commit has no such file, or there is no such commit.
    func text(of path: String, at hash: String) -> [UInt8]? {
        guard Self.isHash(hash) else { return nil }
        return try? run(["cat-file", "blob", "\(hash):\(path)"])
    }

    /// Whether a text is the one that the latest commit has of a file.
    func hasCommitted(_ bytes: [UInt8], as path: String) -> Bool {
        (try? run(["cat-file", "blob", "HEAD:\(path)"])) == bytes
    }

    /// The paths of files that the latest 1,000 commits with deletions deleted.
    ///
    /// - Returns: The paths, ascending.
    /// - Throws: ``Failure``.
    func deletedPaths() throws -> [String] {
        guard hasCommits else { return [] }
        let paths = try run([
            "log", "--max-count=1000", "--diff-filter=D", "--no-renames", "--format=", "--name-only", "-z",
        ])
        return Set(String(decoding: paths, as: UTF8.self).split(separator: "\0").map(String.init)).sorted()
    }

    /// Whether a text is a full hash, of SHA-1 or SHA-256.
    static func isHash(_ text: String) -> Bool {
        [40, 64].contains(text.utf8.count) && text.utf8.allSatisfy { "0123456789abcdef".utf8.contains($0) }
    }

    // MARK: - Changing

    /// Commits files as they are in the folder, and nothing else, whatever the index has.
    ///
    /// - Parameters:
    ///   - paths: The paths within the game folder.
    ///   - message: The message.
    ///   - author: The name of the author.
    /// - Returns: Whether the latest commit has all files as they are in the folder now; `false` when one of them is
    ///   gone that was never committed.
    /// - Throws: ``Failure``.
    func commit(_ paths: [String], message: String, author: String) throws -> Bool {
        let present = paths.filter { FileManager.default.fileExists(atPath: "\(directory)/\($0)") }
        let hasCommits = hasCommits
        // Git refuses to commit a path that neither the index nor the latest commit has.
        let deleted = paths.filter {
            hasCommits && !present.contains($0) && (try? run(["cat-file", "-e", "HEAD:\($0)"])) != nil
        }
        let known = present + deleted
        guard !known.isEmpty else { return false }
        if !present.isEmpty { try run(["add", "--"] + present) }
        // Git refuses a commit without changes, as of a file that got its committed text back.
        if !hasCommits || (try? run(["diff", "--quiet", "HEAD", "--"] + known)) == nil {
            let identity = [
                "GIT_AUTHOR_NAME": author, "GIT_AUTHOR_EMAIL": "panel@localhost",
                "GIT_COMMITTER_NAME": author, "GIT_COMMITTER_EMAIL": "panel@localhost",
            ]
            try run(
                ["commit", "--quiet", "--no-gpg-sign", "--message=\(message)", "--only", "--"] + known,
                environment: identity)
        }
        return known.count == paths.count
    }

    // MARK: - The program

    private var hasCommits: Bool { (try? run(["rev-parse", "--verify", "--quiet", "HEAD"])) != nil }

    /// Runs git.
    ///
    /// - Parameters:
    ///   - arguments: The command and its arguments.
    ///   - input: What the command reads, at most 64 KiB.
    ///   - extra: Variables for its environment.
    /// - Returns: Its output.
    /// - Throws: ``Failure`` with its errors when it fails, or takes too long.
    @discardableResult
    private func run(
        _ arguments: [String], input: String = "", environment extra: [String: String] = [:]
    ) throws -> [UInt8] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            ["git", "--literal-pathspecs", "--no-optional-locks", "-c", "core.hooksPath=/dev/null"] + arguments
        process.currentDirectoryURL = URL(fileURLWithPath: directory)
        // A server that was started by a hook would otherwise work on the hook's repository.
        let inherited = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("GIT_") }
        let settings = extra.merging(["LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0"], uniquingKeysWith: { $1 })
        process.environment = inherited.merging(settings, uniquingKeysWith: { $1 })
        let (stdin, stdout, stderr) = (Pipe(), Pipe(), Pipe())
        process.standardInput = stdin
        process.standardOutput = stdout
        process.standardError = stderr
        do {
            try process.run()
        } catch {
            throw Failure(description: "git can't be started: \(error.localizedDescription)")
        }
        let end = DispatchWorkItem { process.terminate() }
        DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(Self.patience), execute: end)
        defer { end.cancel() }
        try? stdin.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try? stdin.fileHandleForWriting.close()
        let output = (try? stdout.fileHandleForReading.readToEnd()) ?? Data()
        let errors = (try? stderr.fileHandleForReading.readToEnd()) ?? Data()
        process.waitUntilExit()
        guard process.terminationReason == .exit else {
            throw Failure(description: "git did not end within \(Self.patience) s")
        }
        guard process.terminationStatus == 0 else {
            let text = String(decoding: errors.prefix(500), as: UTF8.self)
                .trimmingCharacters(in: .whitespacesAndNewlines)
            throw Failure(description: text.isEmpty ? "git failed with status \(process.terminationStatus)" : text)
        }
        return Array(output)
    }
}
