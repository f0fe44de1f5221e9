import GameFolder

/// Which versions of a game's files run on a map, how often its scripts ran, and which files do not run as they are.
package struct ScriptStates: Sendable, Equatable {
    /// The versions of scripts and libs that run, by file.
    package var versions: [String: String] = [:]
    /// How often each script was called since it, or a lib, last changed, by file; libs are not called and not in it.
    package var runs: [String: Int] = [:]
    /// The files with mistakes that keep them from running as they are.
    package var failing: Set<String> = []

    /// Makes states; what is left out is empty.
    package init(versions: [String: String] = [:], runs: [String: Int] = [:], failing: Set<String> = []) {
        self.versions = versions
        self.runs = runs
        self.failing = failing
    }
}

extension MapSimulation {
    /// The states of the game's files at this moment.
    package var scriptStates: ScriptStates {
        var states = ScriptStates(
            failing: Set(folderProblems.map(\.file)).union(host.failures.problems(in: game).map(\.file)))
        for script in host.scripts.byPath {
            states.versions[script.path] = script.version
            states.runs[script.path] = script.runs
        }
        for lib in host.libs.running { states.versions[lib.path] = lib.version }
        return states
    }
}
