package import Logging
import ServiceLifecycle
import Synchronization
package import World

/// Saves entities while the maps go on: the newest state of each entity, in about one save a second and one at the end
/// [design 10].
///
/// `save` returns at once and may be called on any thread. A crash loses the changes of at most about one second. The
/// records of a failed save are kept and saved again. Newer states replace them meanwhile, so memory is bounded by the
/// number of entities.
package final class WriteBehind: EntityPersistence, Service {
    private enum Change {
        case save(EntityRecord)
        case remove
    }

    private struct State {
        /// Changes since the last flush began.
        var pending: [EntityKey: Change] = [:]
        /// Changes that are being written.
        var inFlight: [EntityKey: Change] = [:]
        /// Changes of the last flush that succeeded. Kept for one more flush: a reader whose read began before the
        /// commit looks here next.
        var settled: [EntityKey: Change] = [:]
        /// Records that the store refused. They are not tried again, but the next record of the entity is; until then
        /// readers get them from here.
        var setAside: [EntityKey: Change] = [:]
        var failures = SaveFailures()
        var lastError: StorageError?
        /// Entities that were erased for good: whatever is saved of them later is dropped. Their numbers are never used
        /// again.
        var erased: Set<EntityKey> = []
        /// The game's time that was last written to the store.
        var aliveAt = -Double.infinity
    }

    /// How often the game's time is written when there are no other changes, in seconds.
    private static let alivePeriod = 10.0

    /// Notices when the store is lost.
    package let watch: StoreWatch
    private let storage: any Storage
    private let interval: Duration
    private let clock: any Clock<Duration>
    /// The time since the start by `clock`.
    private let uptime: @Sendable () -> Duration
    private let gameTime: (@Sendable () -> Double)?
    private let logger: Logger
    private let state = Mutex(State())
    private let sources = Mutex<SaveSources?>(nil)

    /// Makes a write-behind for a store.
    ///
    /// - Parameters:
    ///   - storage: The store.
    ///   - interval: Time between two flushes.
    ///   - clock: The clock that measures the time between flushes, and how long they fail.
    ///   - gameTime: Returns the game's time, Unix seconds, which is written with each flush and at least about every
    ///     10 s; with `nil`, no time is written.
    ///   - logger: Where failures are reported: the first, then one a minute, and the recovery.
    package init(
        storage: any Storage, interval: Duration = .milliseconds(700), clock: any Clock<Duration> = ContinuousClock(),
        gameTime: (@Sendable () -> Double)? = nil, logger: Logger
    ) {
        self.storage = storage
        watch = StoreWatch(storage: storage, logger: logger)
        self.interval = interval
        self.clock = clock
        uptime = clock.stopwatch()
        self.gameTime = gameTime
        self.logger = logger
    }

    /// Sets the sources of changes.
    ///
    /// Each source is asked just before a flush. So the store is behind the maps by at most one interval plus the time
    /// that the flush takes, together about a second.
    ///
    /// - Parameter sources: The sources; each calls ``save(_:removed:)`` before it returns.
    package func setSources(_ sources: SaveSources) { self.sources.withLock { $0 = sources } }

    /// How many changes are not in the store yet.
    package var pendingCount: Int { state.withLock { $0.pending.count + $0.inFlight.count } }

    /// How long saving has failed; `nil` while it works.
    package var failing: Duration? {
        let now = uptime()
        return state.withLock { $0.failures.duration(at: now) }
    }

    package func save(_ records: [EntityRecord], removed: [EntityKey]) {
        state.withLock { state in
            for record in records where !state.erased.contains(record.key) { state.pending[record.key] = .save(record) }
            for key in removed { state.pending[key] = .remove }
        }
    }

    /// Erases an entity: nothing that is saved of it from now on reaches the store.
    ///
    /// - Parameter key: The entity, whose number must not be used again.
    /// - Returns: Whether the store has nothing of it any more; `false` when the store fails, and then it is removed
    ///   with the next flush that succeeds.
    package func erase(_ key: EntityKey) async -> Bool {
        state.withLock { state in
            state.erased.insert(key)
            state.pending[key] = .remove
        }
        // A flush that is running may hold an older state; the removal is written after it.
        for attempt in 0..<20 {
            if attempt > 0 { try? await Task.sleep(for: .milliseconds(50)) }
            if await flush() { return true }
        }
        return false
    }

    // MARK: - Reading

    /// The state of an entity that was saved so recently that a read of the store may have missed it.
    ///
    /// - Parameter key: The entity.
    /// - Returns: Its record; `nil` when it is in neither the last flush nor a later ``save(_:removed:)``, or when it
    ///   was removed.
    package func latest(_ key: EntityKey) -> EntityRecord? {
        if case .save(let record) = change(key) { record } else { nil }
    }

    /// Reads the last saved state of a player's entity, whether or not it has reached the store yet.
    ///
    /// - Parameter id: The player's number.
    /// - Returns: The record, or `nil` when the player has never been on a map.
    /// - Throws: ``StorageError``.
    package func player(id: Int) async throws(StorageError) -> EntityRecord? {
        let key = EntityKey(.players, id)
        if let change = change(key) { return record(change) }
        let stored = try await storage.player(id: id)
        // The map may have saved the player while the store was being read.
        if let change = change(key) { return record(change) }
        guard let stored, let now = gameTime?(), let savedAt = stored.savedAt else { return stored?.record }
        return stored.record.returning(at: now, savedAt: savedAt)
    }

    /// Reads the enemys, animals and objects of a map as they were saved last, whether or not that has reached the
    /// store. For a map that does not run: nothing else changes its entities meanwhile.
    ///
    /// - Parameter mapID: The map's number.
    /// - Returns: The records by ascending kind and number.
    /// - Complexity: O(stored + unsaved).
    /// - Throws: ``StorageError``.
    package func entities(mapID: Int) async throws(StorageError) -> [EntityRecord] {
        // What waits now may be written, and forgotten here, while the store is being read.
        let before = unsaved
        let stored = try await storage.entities(mapID: mapID)
        let changes = before.merging(unsaved) { $1 }
        var records = stored.filter { changes[$0.key] == nil }
        let newer = changes.values.compactMap(record).filter { $0.mapID == mapID && $0.key.kind != .players }
        guard !newer.isEmpty else { return records }
        records += newer
        return records.sorted { ($0.key.kind.name, $0.key.id) < ($1.key.kind.name, $1.key.id) }
    }

    /// All changes that a read of the store may not have seen, the newest of each entity.
    private var unsaved: [EntityKey: Change] {
        // Merged outside of the lock, which maps take in their ticks.
        let (settled, setAside, inFlight, pending) = state.withLock {
            ($0.settled, $0.setAside, $0.inFlight, $0.pending)
        }
        return settled.merging(setAside) { $1 }.merging(inFlight) { $1 }.merging(pending) { $1 }
    }

    private func record(_ change: Change) -> EntityRecord? {
        if case .save(let record) = change { record } else { nil }
    }

    private func change(_ key: EntityKey) -> Change? {
        state.withLock { $0.pending[key] ?? $0.inFlight[key] ?? $0.setAside[key] ?? $0.settled[key] }
    }

    // MARK: - Writing

    /// Writes the pending changes.
    ///
    /// - Parameter isLast: Whether the game's time is written even when there are no changes.
    /// - Returns: Whether the pending changes were written; `false` also when another flush is running.
    @discardableResult
    package func flush(isLast: Bool = false) async -> Bool {
        let now = gameTime?()
        let batch: [EntityKey: Change]? = state.withLock { state in
            guard state.inFlight.isEmpty else { return nil }
            state.inFlight = state.pending
            state.pending = [:]
            if state.inFlight.isEmpty { state.settled = [:] }
            return state.inFlight
        }
        guard let batch else { return false }
        if batch.isEmpty {
            guard let now, isLast || now - state.withLock({ $0.aliveAt }) >= Self.alivePeriod else { return true }
        }
        do throws(StorageError) {
            let outcome = try await storage.save(
                batch.values.compactMap(record),
                removed: batch.compactMap { key, change in if case .remove = change { key } else { nil } }, at: now)
            if let now { state.withLock { $0.aliveAt = now } }
            succeeded(outcome)
            return true
        } catch {
            failed(error)
            return false
        }
    }

    private func succeeded(_ outcome: SaveOutcome) {
        let now = uptime()
        let (failures, newlyRefused) = state.withLock { state in
            state.lastError = nil
            state.settled = state.inFlight
            state.inFlight = [:]
            let newlyRefused = outcome.refused.filter { state.setAside[$0.key] == nil }
            if !state.setAside.isEmpty { for key in state.settled.keys { state.setAside[key] = nil } }
            for record in outcome.refused { state.setAside[record.key] = state.settled.removeValue(forKey: record.key) }
            return (state.failures.succeeded(at: now), newlyRefused)
        }
        for record in newlyRefused {
            logger.error(
                "the store can't keep an entity; its former state stays there until the entity changes",
                metadata: ["entity": "\(record.key)", "reason": "\(record.reason)"])
        }
        guard let failures else { return }
        logger.notice(
            "saving works again",
            metadata: ["seconds": "\(failures.duration.components.seconds)", "failures": "\(failures.count)"])
    }

    private func failed(_ error: StorageError) {
        let now = uptime()
        let (failures, waiting) = state.withLock { state in
            state.pending.merge(state.inFlight) { newer, _ in newer }
            state.inFlight = [:]
            state.lastError = error
            return (state.failures.failed(at: now), state.pending.count)
        }
        guard let failures else { return }
        logger.error(
            "saving failed; it is tried again every second",
            metadata: [
                "error": "\(error)", "seconds": "\(failures.duration.components.seconds)",
                "failures": "\(failures.count)", "waiting": "\(waiting)",
            ])
    }

    /// Flushes once in each interval until the graceful shutdown, then once more, with two retries.
    ///
    /// - Throws: Never; cancellation also ends it with that last flush.
    package func run() async throws {
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            // The shutdown cancels only the wait, because a cancelled write would fail.
            try? await cancelWhenGracefulShutdown { try await self.clock.sleep(for: self.interval) }
            if Task.isCancelled { break }
            await sources.withLock { $0 }?.ask(clock)
            await flush()
            await lookAfterStore()
        }
        // In a new task, because this task may be cancelled, and the store's calls fail in a cancelled task.
        await Task { await self.flushFinally() }.value
    }

    /// Checks the store, and saves everything again after a new store was started.
    private func lookAfterStore() async {
        guard await watch.look(after: state.withLock { $0.lastError }, now: gameTime?() ?? 0) else { return }
        guard let sources = sources.withLock({ $0 }) else { return }
        sources.needEverything()
        await sources.ask(clock)
        await flush()
    }

    private func flushFinally() async {
        await lookAfterStore()
        for attempt in 1...3 {
            if await flush(isLast: true) { return reportSetAside() }
            if attempt < 3 { try? await Task.sleep(for: .milliseconds(200)) }
        }
        logger.error("stopping with unsaved changes", metadata: ["lost": "\(pendingCount)"])
        reportSetAside()
    }

    private func reportSetAside() {
        let keys = state.withLock { $0.setAside.keys.map { "\($0)" }.sorted() }
        guard !keys.isEmpty else { return }
        logger.error(
            "stopping without the last state of entities that the store can't keep",
            metadata: ["lost": "\(keys.count)", "entities": "\(keys.prefix(20).joined(separator: ", "))"])
    }
}
