package import GameFolder

/// Applies changes of the game folder to the running game, and what operators want of single maps; the watcher, the
/// panel and the command line all use this.
package actor GameReloader {
    /// Reads the folder again.
    package typealias Load =
        @Sendable (_ previous: GameDefinition) async throws -> (GameDefinition, [GameFolderProblem])

    /// The game as it was read last.
    package private(set) var game: GameDefinition
    private let maps: GameMaps
    private let load: Load
    private let onLoad: @Sendable (GameDefinition) -> Void
    private let onReload: @Sendable (GameDefinition, ReloadReport) -> Void
    /// The end of the last change of the maps that was asked for; changes run one after another.
    private var last: Task<Void, Never>?
    /// What was applied since the last call of ``reload()``. The watcher applies saved files at once, before an
    /// operator can ask for a reload, so the operator's report must include them.
    private var untold = ReloadReport()

    /// Makes a reloader.
    ///
    /// - Parameters:
    ///   - game: The game as it runs.
    ///   - maps: Its maps.
    ///   - load: Reads the folder, on a thread that may wait for the disk; when it throws, the reload ends and nothing
    ///     changes.
    ///   - onLoad: Called with a game that was read, before the maps get it.
    ///   - onReload: Called for every reload, before the caller of ``reload()`` or ``applyChanges()`` gets its report.
    package init(
        game: GameDefinition, maps: GameMaps,
        load: @escaping Load,
        onLoad: @escaping @Sendable (GameDefinition) -> Void = { _ in },
        onReload: @escaping @Sendable (GameDefinition, ReloadReport) -> Void = { _, _ in }
    ) {
        self.game = game
        self.maps = maps
        self.load = load
        self.onLoad = onLoad
        self.onReload = onReload
    }

    /// Applies what changed in the folder, and reports earlier changes too.
    ///
    /// - Parameter closingMissingMaps: Whether maps whose files are away close, as the caller has finished with the
    ///   folder.
    /// - Returns: What this reload changed, and what ``applyChanges()`` changed since the last call of this function.
    package func reload(closingMissingMaps: Bool = true) async -> ReloadReport {
        let report = await applyChanges(closingMissingMaps: closingMissingMaps)
        defer { untold = ReloadReport() }
        return ReloadReport(changes: untold.changes, effects: untold.effects, problems: report.problems)
    }

    /// Reads the folder and applies what changed; several reloads run one after another, in the order of the calls.
    ///
    /// - Parameter closingMissingMaps: Whether maps whose files are away close instead of continuing as they were.
    /// - Returns: What this reload changed.
    @discardableResult
    package func applyChanges(closingMissingMaps: Bool = false) async -> ReloadReport {
        await inTurn { await self.reloadNow(closingMissingMaps: closingMissingMaps) }
    }

    /// Carries out a change of the maps after those that were asked for earlier.
    private func inTurn<Value: Sendable>(_ change: @escaping @Sendable () async -> Value) async -> Value {
        let before = last
        let task = Task {
            await before?.value
            return await change()
        }
        last = Task { _ = await task.value }
        return await task.value
    }

    private func reloadNow(closingMissingMaps: Bool) async -> ReloadReport {
        let old = game
        let loaded: (GameDefinition, [GameFolderProblem])
        do {
            loaded = try await load(closingMissingMaps ? old.closingMissingMaps() : old)
        } catch {
            let report = ReloadReport(problems: [
                GameFolderProblem(file: old.directory, message: "\(error); the game goes on with what it has")
            ])
            onReload(old, report)
            return report
        }
        let (new, problems) = loaded
        game = new
        onLoad(new)
        let report = await maps.reload(new, since: old, problems: problems)
        untold.append(report)
        onReload(new, report)
        return report
    }
}

extension GameReloader: MapControl {
    package func stopMap(_ mapID: Int) async throws(MapControlError) {
        try await control { (maps, _) async throws(MapControlError) in try await maps.stop(mapID) }
    }

    package func startMap(_ mapID: Int) async throws(MapControlError) {
        try await control { (maps, game) async throws(MapControlError) in try await maps.start(mapID, of: game) }
    }

    package func restartMap(_ mapID: Int) async throws(MapControlError) {
        try await control { (maps, game) async throws(MapControlError) in
            try await maps.stop(mapID, because: GameMaps.restartReason)
            try await maps.start(mapID, of: game)
        }
    }

    private func control(
        _ change: @escaping @Sendable (GameMaps, GameDefinition) async throws(MapControlError) -> Void
    ) async throws(MapControlError) {
        let result: Result<Void, MapControlError> = await inTurn {
            do throws(MapControlError) {
                // The game of this moment: an earlier change in the row may have replaced it.
                try await change(self.maps, await self.game)
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }
}
