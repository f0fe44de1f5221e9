package import GameFolder

/// What a reload did on one map: the lines that its log got, and what is still wrong.
package struct MapReload: Sendable, Equatable {
    /// The map.
    package var mapID: Int
    /// The files that changed here, each with its version and what it changed.
    package var files: [String] = []
    /// What that did to entities: values that took their default, events that were dropped, who was moved.
    package var effects: [String] = []
    /// Scripts whose files do not compile or, of libs, fail: an older version of them runs, or none.
    package var problems: [GameFolderProblem] = []

    /// The most effects that are told one by one.
    static let maxEffects = 50

    /// A reload that changed nothing yet.
    package init(mapID: Int) { self.mapID = mapID }
}

/// What a reload did in the whole game, for whoever asked for it.
package struct ReloadReport: Sendable, Equatable {
    /// The files that changed, each with its version and what it changed; maps that opened and closed.
    package var changes: [String] = []
    /// What that did to entities, by map.
    package var effects: [Int: [String]] = [:]
    /// Everything that is wrong in the game folder, by ascending file.
    package var problems: [GameFolderProblem] = []

    /// Makes a report; what is left out is empty.
    package init(changes: [String] = [], effects: [Int: [String]] = [:], problems: [GameFolderProblem] = []) {
        self.changes = changes
        self.effects = effects
        self.problems = problems
    }

    /// Adds what happened on one map. All maps read the same files: what one said already is not said again.
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

    /// The report for a terminal; what is wrong is not in it.
    package var lines: [String] {
        if changes.isEmpty, effects.isEmpty { return ["nothing changed"] }
        return changes
            + effects.sorted { $0.key < $1.key }.flatMap { mapID, lines in lines.map { "map \(mapID): \($0)" } }
    }
}
