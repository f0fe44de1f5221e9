import GameFolder

/// Versions of scripts that do not run, and why.
struct ScriptFailures {
    private struct Failure {
        let version: String
        let problem: GameFolderProblem
    }

    /// By path: versions that did not compile, and libs that are suspended.
    private var failures: [String: Failure] = [:]
    /// Libs that failed when they ran last.
    private var libProblems: [GameFolderProblem] = []
    /// Scripts during which an earlier process crashed.
    private(set) var crashed: CrashedScripts

    init(crashed: CrashedScripts) { self.crashed = crashed }

    /// Whether this version of a script is known not to run.
    func contains(_ script: GameScript) -> Bool { failures[script.path]?.version == script.version }

    /// Notes why a version of a script does not run.
    mutating func insert(_ problem: GameFolderProblem, of script: GameScript) {
        failures[script.path] = Failure(version: script.version, problem: problem)
    }

    /// Forgets what was wrong with a file.
    mutating func remove(_ path: String) { failures[path] = nil }

    /// Notes that the libs run again.
    mutating func beginLibs() { libProblems = [] }

    /// Notes why a lib failed while it ran.
    mutating func insertLib(_ problem: GameFolderProblem) { libProblems.append(problem) }

    /// The problems because of which scripts of a game do not run in the version of their files, by ascending path.
    func problems(in game: GameDefinition) -> [GameFolderProblem] {
        let broken = game.scripts.compactMap { contains($0) ? failures[$0.path]?.problem : nil }
        return (broken + libProblems).sorted { $0.file < $1.file }
    }

    /// The libs that are suspended because a process crashed while they ran, by ascending path.
    var suspendedLibs: [String] {
        failures.compactMap { path, failure in
            crashed.all.contains { $0.path == path && $0.version == failure.version } ? path : nil
        }.sorted()
    }

    /// Makes the next load compile a script that was suspended for a crash.
    ///
    /// - Parameter path: Its file.
    /// - Returns: `false` when there was no crash of the script.
    mutating func forgiveCrash(of path: String) -> Bool {
        guard crashed.forgive(path) else { return false }
        failures[path] = nil
        return true
    }
}
