import Logging
import ServiceLifecycle
import Storage
import Synchronization
import Testing
import World

@Suite("Write-behind [design 10]", .timeLimit(.minutes(5))) struct WriteBehindTests {
    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    func player(_ id: Int, x: Double) -> EntityRecord { EntityRecord(key: EntityKey(.players, id), mapID: 1, x: x) }

    @Test("the newest state of each entity is written, in one transaction")
    func newestWins() async throws {
        let store = MemoryStorage()
        let writeBehind = WriteBehind(storage: store, logger: Self.logger)
        writeBehind.save([player(1, x: 1), player(2, x: 1)], removed: [])
        writeBehind.save([player(1, x: 2)], removed: [EntityKey(.players, 2)])
        #expect(store.saves == 0)
        #expect(await writeBehind.flush())
        #expect(store.saves == 1)
        #expect(try await store.player(id: 1)?.record == player(1, x: 2))
        #expect(try await store.player(id: 2) == nil)
        #expect(await writeBehind.flush())
        #expect(store.saves == 1, "nothing to save, nothing saved")
    }

    @Test("the game's time is written with each flush, every 10 s without one, and at the end")
    func gameTime() async throws {
        let store = MemoryStorage()
        let time = Mutex(100.0)
        let writeBehind = WriteBehind(storage: store, gameTime: { time.withLock { $0 } }, logger: Self.logger)
        await writeBehind.flush()
        #expect(store.aliveAt == 100)
        time.withLock { $0 = 101 }
        writeBehind.save([player(1, x: 1)], removed: [])
        await writeBehind.flush()
        #expect(store.aliveAt == 101 && store.saves == 2)
        for (now, written) in [(105.0, 101.0), (110.9, 101), (111, 111), (120.5, 111)] {
            time.withLock { $0 = now }
            await writeBehind.flush()
            #expect(store.aliveAt == written, "at \(now)")
        }
        await writeBehind.flush(isLast: true)
        #expect(store.aliveAt == 120.5)
    }

    @Test(
        "a returning player's events follow the wall clock; setting the clock back does not delay them",
        arguments: [
            // The player was saved at 1000 with 5 s left. Each case: the clock now, and the event's due time.
            (1002.0, 1005.0), (1007, 1005), (90_000, 1005), (1000, 1005), (999, 1004), (400, 405),
        ])
    func clockSetBack(now: Double, due: Double) async throws {
        let store = MemoryStorage()
        var away = player(1, x: 1)
        away.events = ["move": EventRecord(action: "to", time: 1005), "idle": EventRecord()]
        try await store.save([away], removed: [], at: 1000)
        let writeBehind = WriteBehind(storage: store, gameTime: { now }, logger: Self.logger)
        let back = try #require(try await writeBehind.player(id: 1))
        #expect(back.events["move"] == EventRecord(action: "to", time: due))
        #expect(back.events["idle"]?.time == 0, "what never ran is ready")
    }

    private func entity(_ kind: EntityKind, _ id: Int, mapID: Int, x: Double) -> EntityRecord {
        EntityRecord(key: EntityKey(kind, id), mapID: mapID, x: x)
    }

    @Test("reads give a map's entities as last saved, before, during and after their write")
    func readsItsWritesOfAMap() async throws {
        let store = MemoryStorage()
        let writeBehind = WriteBehind(storage: store, logger: Self.logger)
        let stored = [
            entity(.animals, 1, mapID: 3, x: 1), entity(.animals, 2, mapID: 3, x: 1),
            entity(.animals, 3, mapID: 3, x: 1), entity(.objects, 1, mapID: 4, x: 1),
        ]
        writeBehind.save(stored, removed: [])
        #expect(try await writeBehind.entities(mapID: 3) == Array(stored[0..<3]), "before")
        await writeBehind.flush()
        await writeBehind.flush()
        #expect(try await writeBehind.entities(mapID: 3) == Array(stored[0..<3]), "after")
        // One is changed, one is removed, one goes and one comes.
        let changed = [
            entity(.animals, 1, mapID: 3, x: 2), entity(.animals, 3, mapID: 4, x: 2),
            entity(.objects, 1, mapID: 3, x: 2), player(1, x: 2),
        ]
        writeBehind.save(changed, removed: [EntityKey(.animals, 2)])
        let expected = [changed[0], changed[2]]
        #expect(try await writeBehind.entities(mapID: 3) == expected, "pending")
        store.onRead = {
            // The second forgets what the first has written.
            for _ in 0..<2 { await writeBehind.flush() }
        }
        #expect(try await writeBehind.entities(mapID: 3) == expected, "while they are read")
        store.onRead = {}
        #expect(try await writeBehind.entities(mapID: 3) == expected, "written")
    }

    @Test("reads give a player's last saved state, before, during and after its write")
    func readsItsWrites() async throws {
        let store = MemoryStorage()
        let writeBehind = WriteBehind(storage: store, logger: Self.logger)
        #expect(try await writeBehind.player(id: 1) == nil)
        writeBehind.save([player(1, x: 1)], removed: [])
        #expect(try await writeBehind.player(id: 1) == player(1, x: 1))
        store.onSave = {
            #expect(writeBehind.latest(EntityKey(.players, 1)) == self.player(1, x: 1))
            // A read that began before the write must not return the old state.
            writeBehind.save([self.player(1, x: 2)], removed: [])
        }
        await writeBehind.flush()
        #expect(try await writeBehind.player(id: 1) == player(1, x: 2))
        store.onSave = {}
        await writeBehind.flush()
        #expect(writeBehind.latest(EntityKey(.players, 1)) == player(1, x: 2))
        await writeBehind.flush()
        #expect(writeBehind.latest(EntityKey(.players, 1)) == nil)
        #expect(try await writeBehind.player(id: 1) == player(1, x: 2))
        writeBehind.save([], removed: [EntityKey(.players, 1)])
        #expect(try await writeBehind.player(id: 1) == nil)
    }

    @Test("a failed save keeps its records; newer ones replace them, and the next save writes all")
    func failure() async throws {
        let store = MemoryStorage()
        let writeBehind = WriteBehind(storage: store, logger: Self.logger)
        writeBehind.save([player(1, x: 1), player(2, x: 1)], removed: [])
        store.isBroken = true
        store.onSave = { writeBehind.save([self.player(1, x: 2)], removed: []) }
        #expect(await !writeBehind.flush())
        #expect(writeBehind.pendingCount == 2)
        #expect(try await writeBehind.player(id: 1) == player(1, x: 2))
        store.isBroken = false
        store.onSave = {}
        #expect(await writeBehind.flush())
        #expect(try await store.player(id: 1)?.record == player(1, x: 2))
        #expect(try await store.player(id: 2)?.record == player(2, x: 1))
        #expect(writeBehind.pendingCount == 0)
    }

    @Test("a lasting failure is logged once a minute, however often it is tried, and its end is logged")
    func logNoise() async throws {
        let lines = Lines()
        let store = MemoryStorage()
        let clock = SetClock()
        let writeBehind = WriteBehind(storage: store, clock: clock, logger: Logger(label: "test") { _ in lines })
        writeBehind.save([player(1, x: 1), player(2, x: 1)], removed: [])
        #expect(writeBehind.failing == nil)
        store.isBroken = true
        for second in [0, 0, 1, 6, 30, 59] {
            clock.set(.seconds(second))
            await writeBehind.flush()
        }
        #expect(lines.levels == [.error])
        #expect(writeBehind.failing == .seconds(59))
        clock.set(.seconds(65))
        await writeBehind.flush()
        #expect(lines.levels == [.error, .error])
        #expect(lines.metadata(of: 1) == ["seconds": "65", "failures": "7", "waiting": "2"])
        clock.set(.seconds(90))
        store.isBroken = false
        await writeBehind.flush()
        #expect(lines.levels == [.error, .error, .notice])
        #expect(lines.metadata(of: 2) == ["seconds": "90", "failures": "7"])
        #expect(writeBehind.failing == nil)
    }

    @Test("a record that the store refuses is named once, stays readable, and keeps nothing else from being saved")
    func refused() async throws {
        let store = MemoryStorage()
        let lines = Lines()
        let writeBehind = WriteBehind(storage: store, logger: Logger(label: "test") { _ in lines })
        var bad = player(1, x: 1)
        bad.prefab = "bad"
        for x in [1.0, 2] {
            bad.x = x
            writeBehind.save([bad, player(2, x: x)], removed: [])
            #expect(await writeBehind.flush())
            #expect(try await store.player(id: 2)?.record == player(2, x: x))
        }
        #expect(lines.levels == [.error])
        let saves = store.saves
        for _ in 0..<3 { await writeBehind.flush() }
        #expect(store.saves == saves, "it is not tried again")
        #expect(try await store.player(id: 1) == nil)
        #expect(writeBehind.latest(bad.key) == bad)
        #expect(try await writeBehind.player(id: 1) == bad)
        writeBehind.save([player(1, x: 3)], removed: [])
        await writeBehind.flush()
        await writeBehind.flush()
        #expect(writeBehind.latest(bad.key) == nil)
        #expect(try await writeBehind.player(id: 1) == player(1, x: 3))
    }

    @Test("a graceful stop writes waiting records at once, however long the interval")
    func stop() async throws {
        let store = MemoryStorage()
        let writeBehind = WriteBehind(storage: store, interval: .seconds(3600), logger: Self.logger)
        let group = ServiceGroup(configuration: .init(services: [writeBehind], logger: Self.logger))
        writeBehind.save([player(1, x: 1)], removed: [])
        async let run: Void = group.run()
        await group.triggerGracefulShutdown()
        try await run
        #expect(try await store.player(id: 1)?.record == player(1, x: 1))
    }

    @Test("a cancelled run still writes waiting records")
    func cancelled() async throws {
        let store = MemoryStorage()
        let writeBehind = WriteBehind(storage: store, interval: .seconds(3600), logger: Self.logger)
        writeBehind.save([player(1, x: 1)], removed: [])
        let task = Task { try await writeBehind.run() }
        task.cancel()
        try await task.value
        #expect(try await store.player(id: 1)?.record == player(1, x: 1))
    }
}

/// A clock that stands still until a test sets it; a sleep by it ends only when it is cancelled.
private final class SetClock: Clock {
    typealias Duration = Swift.Duration

    struct Instant: InstantProtocol {
        var elapsed = Duration.zero

        func advanced(by duration: Duration) -> Instant { Instant(elapsed: elapsed + duration) }
        func duration(to other: Instant) -> Duration { other.elapsed - elapsed }
        static func < (a: Instant, b: Instant) -> Bool { a.elapsed < b.elapsed }
    }

    private let time = Mutex(Instant())

    var now: Instant { time.withLock { $0 } }
    let minimumResolution = Duration.zero

    func set(_ elapsed: Duration) { time.withLock { $0.elapsed = elapsed } }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        for await _ in AsyncStream<Never>.makeStream().stream {}
        try Task.checkCancellation()
    }
}

/// A store in memory that can be made to fail.
private final class MemoryStorage: Storage {
    private struct State {
        var entities: [EntityKey: StoredRecord] = [:]
        var saves = 0
        var aliveAt: Double?
        var isBroken = false
        var onSave: @Sendable () -> Void = {}
        var onRead: @Sendable () async -> Void = {}
    }

    private let state = Mutex(State())

    var saves: Int { state.withLock { $0.saves } }
    var aliveAt: Double? { state.withLock { $0.aliveAt } }
    var isBroken: Bool {
        get { state.withLock { $0.isBroken } }
        set { state.withLock { $0.isBroken = newValue } }
    }
    /// Runs between the reading of a map's entities and its end.
    var onRead: @Sendable () async -> Void {
        get { state.withLock { $0.onRead } }
        set { state.withLock { $0.onRead = newValue } }
    }
    var onSave: @Sendable () -> Void {
        get { state.withLock { $0.onSave } }
        set { state.withLock { $0.onSave = newValue } }
    }

    @discardableResult
    func save(
        _ records: [EntityRecord], removed: [EntityKey], at time: Double?
    ) async throws(StorageError) -> SaveOutcome {
        onSave()
        let outcome: SaveOutcome? = state.withLock { state in
            guard !state.isBroken else { return nil }
            state.saves += 1
            if let time { state.aliveAt = time }
            let refused = records.filter { $0.prefab == "bad" }
            for record in records where record.prefab != "bad" {
                state.entities[record.key] = StoredRecord(record: record, savedAt: time)
            }
            for key in removed { state.entities[key] = nil }
            return SaveOutcome(refused: refused.map { RefusedRecord(key: $0.key, reason: "it is bad") })
        }
        guard let outcome else { throw .failed(path: "memory", reason: "broken for a test") }
        return outcome
    }

    func player(id: Int) async throws(StorageError) -> StoredRecord? {
        state.withLock { $0.entities[EntityKey(.players, id)] }
    }

    func entities(mapID: Int) async throws(StorageError) -> [EntityRecord] {
        let found = state.withLock { $0.entities.values.map(\.record) }
            .filter { $0.mapID == mapID && $0.key.kind != .players }
            .sorted { ($0.key.kind.name, $0.key.id) < ($1.key.kind.name, $1.key.id) }
        await state.withLock { $0.onRead }()
        return found
    }

    func highestID(_ kind: EntityKind) async throws(StorageError) -> Int { 0 }
    func lastAlive() async throws(StorageError) -> Double? { aliveAt }
    func account(login: String) async throws(StorageError) -> Account? { nil }
    func account(id: Int) async throws(StorageError) -> Account? { nil }
    func setPasswordHash(_ hash: String, ofAccount id: Int) async throws(StorageError) {}
    func createHTTPSession(_ session: HTTPSession) async throws(StorageError) {}
    func httpSession(hash: [UInt8]) async throws(StorageError) -> HTTPSession? { nil }
    func deleteHTTPSession(hash: [UInt8]) async throws(StorageError) {}
    func deleteHTTPSessions(expiredAt now: Double) async throws(StorageError) {}

    func createAccount(
        login: String, passwordHash: String, created: Double
    ) async throws(StorageError) -> Account {
        throw .loginTaken(login)
    }
}

/// A log handler that keeps its lines.
private final class Lines: LogHandler {
    private let kept = Mutex<[(level: Logger.Level, metadata: [String: String])]>([])
    var levels: [Logger.Level] { kept.withLock { $0.map(\.level) } }

    /// The metadata of a line, without the error.
    func metadata(of index: Int) -> [String: String] {
        kept.withLock { $0.indices.contains(index) ? $0[index].metadata.filter { $0.key != "error" } : [:] }
    }

    func log(event: LogEvent) {
        kept.withLock { $0.append((event.level, (event.metadata ?? [:]).mapValues { "\($0)" })) }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }

    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }
}
