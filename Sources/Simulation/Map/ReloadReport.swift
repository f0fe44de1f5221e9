package import GameFolder

/// What a reload changed on one map: the lines that it logged, and the problems that remain.
package struct MapReload: Sendable, Equatable {
    /// The map.
    package var mapID: Int
    /// The files that changed here, each with its version and what it changed.
    package var files: [String] = []
    /// The effects on entities: values that were set to their default, events that were dropped, entities that were
    /// moved.
    package var effects: [String] = []
    /// Scripts that do not compile, and libs that fail when they run; of a script that does not compile, the older
    /// version runs, if there is one.
    package var problems: [GameFolderProblem] = []

    /// The most effects that are listed; the others are only counted.
    static let maxEffects = 50

    /// Makes the report of a reload that has changed nothing yet.
    package init(mapID: Int) { self.mapID = mapID }
}

/// What a reload changed in the whole game, for the operator who asked for it.
package struct ReloadReport: Sendable, Equatable {
    /// The files that changed, each with its version and what it changed; maps that opened and closed.
    package var changes: [String] = []
    /// The effects on entities, by map.
    package var effects: [Int: [String]] = [:]
    /// Everything that is wrong in the game folder, by ascending file.
    package var problems: [GameFolderProblem] = []

    /// Makes a report; what is left out is empty.
    package init(changes: [String] = [], effects: [Int: [String]] = [:], problems: [GameFolderProblem] = []) {
        self.changes = changes
        self.effects = effects
        self.problems = problems
    }

    /// Adds the report of one map. All maps read the same files, so a line that another map reported is not repeated.
    mutating func add(_ reload: MapReload) {
        for file in reload.files where !changes.contains(file) { changes.append(file) }
        if !reload.effects.isEmpty { effects[reload.mapID, default: []] += reload.effects }
        for problem in reload.problems where !problems.contains(problem) { problems.append(problem) }
        problems.sort { ($0.file, $0.line ?? 0) < ($1.file, $1.line ?? 0) }
    }

    /// Adds a later report, and forgets the earliest lines when there are too many.
    mutating func append(_ later: ReloadReport) {
        changes = (changes + later.changes).suffix(Self.maxLines)
        effects.merge(later.effects) { ($0 + $1).suffix(Self.maxLines) }
    }

    /// The most lines that are kept of several reloads.
    private static let maxLines = 500

    /// The report for a terminal, without the problems.
    package var lines: [String] {
        if changes.isEmpty, effects.isEmpty { return ["nothing changed"] }
        return changes
            + effects.sorted { $0.key < $1.key }.flatMap { mapID, lines in lines.map { "map \(mapID): \($0)" } }
    }
}
