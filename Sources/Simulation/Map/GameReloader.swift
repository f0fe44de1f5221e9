package import GameFolder

/// The one way by which a running game takes over its folder: for the watcher, the panel and the command line.
package actor GameReloader {
    /// Reads the folder again.
    package typealias Load =
        @Sendable (_ previous: GameDefinition) async throws -> (GameDefinition, [GameFolderProblem])

    /// The game as it was read last.
    package private(set) var game: GameDefinition
    private let maps: GameMaps
    private let load: Load
    private let onReload: @Sendable (GameDefinition, ReloadReport) -> Void
    private var last: Task<ReloadReport, Never>?
    /// What was taken over since somebody last asked: saved files are, before one can ask for it.
    private var untold = ReloadReport()

    /// Makes a reloader.
    ///
    /// - Parameters:
    ///   - game: The game as it runs.
    ///   - maps: Its maps.
    ///   - load: Reads the folder, on a thread that may wait for the disk; what it throws ends a reload, and everything
    ///     stays as it is.
    ///   - onReload: Told of every reload, before whoever asked for it.
    package init(
        game: GameDefinition, maps: GameMaps,
        load: @escaping Load,
        onReload: @escaping @Sendable (GameDefinition, ReloadReport) -> Void = { _, _ in }
    ) {
        self.game = game
        self.maps = maps
        self.load = load
        self.onReload = onReload
    }

    /// Takes over what changed, for somebody who wants to know. Maps whose files are away close: whoever asks has
    /// finished with the folder.
    ///
    /// - Returns: What it did, and what ``takeOver()`` did since the last call of this.
    package func reload() async -> ReloadReport {
        let report = await takeOver(lettingGo: true)
        defer { untold = ReloadReport() }
        return ReloadReport(changes: untold.changes, effects: untold.effects, problems: report.problems)
    }

    /// Reads the folder and takes over what changed; several reloads run one after another, in the order they came.
    ///
    /// - Parameter lettingGo: Whether maps whose files are away close, instead of going on as they were.
    /// - Returns: What it did.
    @discardableResult
    package func takeOver(lettingGo: Bool = false) async -> ReloadReport {
        let before = last
        let task = Task {
            _ = await before?.value
            return await self.reloadNow(lettingGo: lettingGo)
        }
        last = task
        return await task.value
    }

    private func reloadNow(lettingGo: Bool) async -> ReloadReport {
        let old = game
        let loaded: (GameDefinition, [GameFolderProblem])
        do {
            loaded = try await load(lettingGo ? old.lettingGoOfMissingMaps() : old)
        } catch {
            let report = ReloadReport(problems: [
                GameFolderProblem(file: old.directory, message: "\(error); the game goes on with what it has")
            ])
            onReload(old, report)
            return report
        }
        let (new, problems) = loaded
        game = new
        let report = await maps.reload(new, since: old, problems: problems)
        untold.append(report)
        onReload(new, report)
        return report
    }
}
