import ServerMetrics
import Synchronization
import Testing

@testable import Storage

@Suite("Metrics of the store") struct StorageMetricsTests {
    let folder: TemporaryFolder
    let registry = MetricRegistry()

    init() throws { folder = try TemporaryFolder() }

    @Test("reads, writes and failures are counted, a taken login is no failure")
    func counts() async throws {
        let storage = try SQLiteStorage(path: folder.file("perigee.db"), metrics: registry)
        _ = try await storage.createAccount(login: "Ann", passwordHash: "x", created: 0)
        await #expect(throws: StorageError.loginTaken("ann")) {
            try await storage.createAccount(login: "ann", passwordHash: "x", created: 0)
        }
        _ = try await storage.player(id: 1)
        #expect(registry.value(.storageDuration, "write") == 2)
        #expect(registry.value(.storageDuration, "read") == 1)
        try storage.close()
        await #expect(throws: StorageError.self) { try await storage.player(id: 1) }
        #expect(registry.value(.storageFailures, "read") == 1)
        #expect(registry.value(.storageFailures, "write") == 0)
        #expect(registry.value(.storageQueue, "read") == 0)
    }

    @Test("an operation counts while it runs, with the time that it took")
    func duration() async throws {
        let now = Mutex(ContinuousClock.now)
        let metrics = StorageMetrics(in: registry) { now.withLock { $0 } }
        let running: Double? = try await metrics.measure(.write) { () async throws(StorageError) in
            now.withLock { $0 += .milliseconds(30) }
            return registry.value(.storageQueue, "write")
        }
        #expect(running == 1)
        #expect(registry.value(.storageQueue, "write") == 0)
        #expect(registry.text().contains("perigee_storage_duration_seconds_sum{operation=\"write\"} 0.03\n"))
    }
}
