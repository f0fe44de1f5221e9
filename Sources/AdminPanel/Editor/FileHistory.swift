import GameFolder
import Gateway
import HTTPTypes
import OperatorAPI
import Storage

/// The former versions of the game folder's files.
///
/// If the game folder is the top folder of a git repository, its commits are versions, and a change becomes a commit of
/// its own. The database keeps what git does not have: all versions of a folder without a repository, texts that nobody
/// committed, and changes that git refused to commit. Any task may call its functions.
struct FileHistory: Sendable {
    /// What the versions in the database may take.
    static let limits = FileVersionLimits()

    private let storage: any FileVersionStorage
    private let repository: GitRepository?
    private let queue = WorkQueue("questions to git", maxWaiting: 64)

    init(directory: String, storage: any FileVersionStorage) {
        self.storage = storage
        repository = GitRepository(directory: directory)
    }

    // MARK: - Reading

    /// The versions of a file without their texts, the latest first.
    func versions(of path: EditablePath) async throws -> [FileVersionAnswer] {
        let kept = try await storage.fileVersions(of: path.text).map { FileVersionAnswer($0) }
        guard let repository else { return kept }
        let commits = try await ask { try repository.commits(of: path.text) }
        return (kept + commits.map { FileVersionAnswer($0, file: path.text) }).sorted { $0.time > $1.time }
    }

    /// A version with its text.
    ///
    /// - Parameters:
    ///   - id: The number of a version in the database, or the hash of a commit.
    ///   - path: The file; needed for a commit.
    /// - Returns: The version.
    /// - Throws: ``GatewayError`` with status 404.
    func version(_ id: String, of path: EditablePath?) async throws -> FileVersionAnswer {
        if let number = Int(id), let version = try await storage.fileVersion(id: number) {
            return FileVersionAnswer(version)
        }
        if let repository, let path, GitRepository.isHash(id) {
            let found = try await ask { () -> (GitRepository.Commit, [UInt8])? in
                guard let commit = try repository.commits(of: path.text).first(where: { $0.hash == id }),
                    let text = repository.text(of: path.text, at: id)
                else { return nil }
                return (commit, text)
            }
            if let (commit, text) = found {
                var answer = FileVersionAnswer(commit, file: path.text)
                answer.text = String(decoding: text, as: UTF8.self)
                return answer
            }
        }
        throw GatewayError.notFound("there is no version \(id); old ones give way to new ones")
    }

    /// The paths of all files that have versions in the database, or were deleted in the repository, ascending.
    func paths() async throws -> [String] {
        let kept = try await storage.pathsWithVersions()
        guard let repository else { return kept }
        let deleted = try await ask { try repository.deletedPaths() }.filter { (try? EditablePath($0)) != nil }
        return Set(kept + deleted).sorted()
    }

    // MARK: - Keeping

    /// Keeps a text that was found in the folder, unless it is the latest version already.
    func keep(found version: FileVersion) async throws {
        guard let text = version.text else { return }
        if let repository, try await ask({ repository.hasCommitted(text, as: version.path) }) { return }
        guard try await storage.latestFileVersion(of: version.path)?.text != text else { return }
        try await storage.appendFileVersions([version], limits: Self.limits)
    }

    /// Keeps what a change made of files.
    ///
    /// An error of the database is ignored, since the files are changed already: the next change finds that this text
    /// is no version yet and keeps it then.
    ///
    /// - Parameters:
    ///   - versions: The files, with the author.
    ///   - message: What the change is, for the commit.
    /// - Returns: Why git made no commit of it; `nil` when it did, or there is no repository.
    func keep(_ versions: [FileVersion], message: String) async -> String? {
        var refusal: String?
        if let repository, let author = versions.first?.author {
            do {
                let paths = versions.map(\.path)
                if try await ask({ try repository.commit(paths, message: message, author: author) }) { return nil }
            } catch {
                refusal = "\(error)"
            }
        }
        try? await storage.appendFileVersions(versions, limits: Self.limits)
        return refusal
    }

    private func ask<Answer: Sendable>(_ question: @escaping @Sendable () throws -> Answer) async throws -> Answer {
        do {
            return try await queue.run(question)
        } catch let failure as GitRepository.Failure {
            throw GatewayError(.conflict, "git", "git failed: \(failure)")
        }
    }
}

extension FileVersionAnswer {
    init(_ version: FileVersion) {
        self.init(
            id: "\(version.id)", file: version.path, time: version.time, author: version.author, bytes: version.bytes,
            text: version.text.map { String(decoding: $0, as: UTF8.self) })
    }

    init(_ commit: GitRepository.Commit, file: String) {
        self.init(
            id: commit.hash, file: file, time: commit.time, author: commit.author, about: commit.subject,
            bytes: commit.bytes, text: nil)
    }
}
