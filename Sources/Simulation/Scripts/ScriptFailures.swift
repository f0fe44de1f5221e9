import GameFolder

/// Versions of scripts that do not run, and why.
struct ScriptFailures {
    private struct Failure {
        let version: String
        let problem: GameFolderProblem
    }

    /// By path: versions that did not compile, and libs that failed or are left out.
    private var failures: [String: Failure] = [:]
    /// Scripts that an earlier process died of.
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

    /// Why scripts of a game do not run as their files say, by ascending path.
    func problems(in game: GameDefinition) -> [GameFolderProblem] {
        game.scripts.compactMap { contains($0) ? failures[$0.path]?.problem : nil }.sorted { $0.file < $1.file }
    }

    /// The libs of a game that do not run as their files say, by ascending path.
    func libs(of game: GameDefinition) -> [String] {
        game.scripts.filter { if case .lib = $0.role { contains($0) } else { false } }.map(\.path)
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
