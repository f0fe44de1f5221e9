package import Logging
import ServiceLifecycle
import Synchronization
package import World

/// Saves entities while the maps go on: the newest state of each, one transaction a second and one at the end [design
/// 10].
///
/// `save` returns at once and may be called on any thread. A crash loses at most one interval. A save that fails keeps
/// its records and is tried again; newer states replace them meanwhile, so memory is bounded by the number of entities.
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
        var failures = 0
        var lastError: StorageError?
        /// The game's time that was written last.
        var aliveAt = -Double.infinity
    }

    /// How often the game's time is written while nothing else is, in seconds.
    private static let alivePeriod = 10.0

    /// Notices when the store is lost.
    package let watch: StoreWatch
    private let storage: any Storage
    private let interval: Duration
    private let clock: any Clock<Duration>
    private let gameTime: (@Sendable () -> Double)?
    private let logger: Logger
    private let state = Mutex(State())
    private let sources = Mutex<SaveSources?>(nil)

    /// Makes a write-behind over a store.
    ///
    /// - Parameters:
    ///   - storage: The store.
    ///   - interval: Time between two flushes.
    ///   - clock: What the time between flushes is measured with.
    ///   - gameTime: The game's time, Unix seconds, to be written with each flush and at least every 10 s; `nil` writes
    ///     none.
    ///   - logger: Where failures are reported: the first, every sixtieth after it, and the recovery.
    package init(
        storage: any Storage, interval: Duration = .milliseconds(700), clock: any Clock<Duration> = ContinuousClock(),
        gameTime: (@Sendable () -> Double)? = nil, logger: Logger
    ) {
        self.storage = storage
        watch = StoreWatch(storage: storage, logger: logger)
        self.interval = interval
        self.clock = clock
        self.gameTime = gameTime
        self.logger = logger
    }

    /// Sets where changes come from. Each source is asked just before a flush, so that nothing in the store is older
    /// than one interval and the time the flush takes, together about a second.
    ///
    /// - Parameter sources: Each calls ``save(_:removed:)`` before it returns.
    package func setSources(_ sources: SaveSources) { self.sources.withLock { $0 = sources } }

    /// How many changes wait for the store.
    package var pendingCount: Int { state.withLock { $0.pending.count + $0.inFlight.count } }

    package func save(_ records: [EntityRecord], removed: [EntityKey]) {
        state.withLock { state in
            for record in records { state.pending[record.key] = .save(record) }
            for key in removed { state.pending[key] = .remove }
        }
    }

    // MARK: - Reading

    /// The state of an entity that is newer than, or as new as, what a read of the store begun lately returned.
    ///
    /// - Parameter key: The entity.
    /// - Returns: Its record; `nil` when nothing about it was saved in the last interval, or it was removed.
    package func latest(_ key: EntityKey) -> EntityRecord? {
        if case .save(let record) = change(key) { record } else { nil }
    }

    /// Reads the entity of a player as it was saved last, whether or not that has reached the store.
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
        state.withLock { state in
            state.settled.merging(state.inFlight) { $1 }.merging(state.pending) { $1 }
        }
    }

    private func record(_ change: Change) -> EntityRecord? {
        if case .save(let record) = change { record } else { nil }
    }

    private func change(_ key: EntityKey) -> Change? {
        state.withLock { $0.pending[key] ?? $0.inFlight[key] ?? $0.settled[key] }
    }

    // MARK: - Writing

    /// Writes what is pending, in one transaction.
    ///
    /// - Parameter isLast: Whether the game's time is written in any case.
    /// - Returns: Whether nothing is left of what was pending; `false` also when another flush is running.
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
            try await storage.save(
                batch.values.compactMap(record),
                removed: batch.compactMap { key, change in if case .remove = change { key } else { nil } }, at: now)
            if let now { state.withLock { $0.aliveAt = now } }
            succeeded()
            return true
        } catch {
            failed(error)
            return false
        }
    }

    private func succeeded() {
        let failures = state.withLock { state in
            defer { state.failures = 0 }
            state.lastError = nil
            state.settled = state.inFlight
            state.inFlight = [:]
            return state.failures
        }
        if failures > 0 { logger.notice("saving works again", metadata: ["failures": "\(failures)"]) }
    }

    private func failed(_ error: StorageError) {
        let (failures, waiting) = state.withLock { state in
            state.pending.merge(state.inFlight) { newer, _ in newer }
            state.inFlight = [:]
            state.failures += 1
            state.lastError = error
            return (state.failures, state.pending.count)
        }
        if failures % 60 == 1 {
            logger.error(
                "saving failed; it is tried again every second",
                metadata: ["error": "\(error)", "failures": "\(failures)", "waiting": "\(waiting)"])
        }
    }

    /// Flushes once an interval until the graceful shutdown, then once more, with two retries.
    ///
    /// - Throws: Nothing of its own; cancellation ends it early, after a flush.
    package func run() async throws {
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            // Only the wait ends early: a cancelled write would be a failed one.
            try? await cancelWhenGracefulShutdown { try await self.clock.sleep(for: self.interval) }
            if Task.isCancelled { break }
            await sources.withLock { $0 }?.ask(clock)
            await flush()
            await lookAfterStore()
        }
        // A task of its own, because this one may be cancelled and the store would refuse to work for it.
        await Task { await self.flushFinally() }.value
    }

    /// Has everything saved once more when the store had to be begun anew.
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
            if await flush(isLast: true) { return }
            if attempt < 3 { try? await Task.sleep(for: .milliseconds(200)) }
        }
        logger.error("stopping with unsaved changes", metadata: ["lost": "\(pendingCount)"])
    }
}
