import Storage
import Synchronization
import Testing
import World

@testable import PostgresStorage

@Suite("PostgreSQL: a save that comes late", .timeLimit(.minutes(5))) struct PostgresFenceTests {
    private func stone(x: Double) -> EntityRecord { EntityRecord(key: EntityKey(.objects, 1), mapID: 1, x: x) }

    /// Locks the entities of a store until the connection is given up, as a backup or an operator may.
    private func lockEntities(_ address: PostgresAddress) throws -> PostgresConnection {
        let connection = try PostgresConnection(address, within: .seconds(10))
        try connection.run(PostgresStatement("BEGIN"), within: .seconds(30))
        try connection.run(PostgresStatement("LOCK TABLE entities IN ACCESS EXCLUSIVE MODE"), within: .seconds(30))
        return connection
    }

    private func waitUntilStuck(_ process: Int, in address: PostgresAddress) async throws {
        try await TestPostgres.wait(
            for: "SELECT 1 FROM pg_stat_activity WHERE pid = \(process) AND wait_event_type = 'Lock'", in: address)
    }

    private func waitUntilGone(_ process: Int, in address: PostgresAddress) async throws {
        try await TestPostgres.wait(
            for: "SELECT 1 WHERE NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = \(process))", in: address)
    }

    @Test("while a save of a server that is gone is stuck, no other server gets the database; then it sees that save")
    func stuckAndGone() async throws {
        let address = try TestPostgres.emptyAddress()
        try await PostgresStorage.open(address).close()
        let locked = try lockEntities(address)
        let process: Int
        do {
            // The server that will be gone: its save is stuck, and it ends without a word to the database.
            let connection = try PostgresConnection(address, within: .seconds(10))
            try PostgresStorage.setUp(connection)
            try PostgresStorage.lock(connection, former: nil, patience: .seconds(60))
            process = connection.serverProcess
            var bound = PostgresSaveBound(patience: .milliseconds(50))
            let error = #expect(throws: PostgresFailure.self) {
                _ = try PostgresSave.write([stone(x: 1)], removed: [], at: 1, over: connection, &bound)
            }
            #expect(error?.kind == .timedOut)
        }
        try await waitUntilStuck(process, in: address)
        await #expect(throws: StorageError.sharedStore(address.description, .inUse)) {
            _ = try await PostgresStorage.open(address, lockPatience: .zero)
        }
        try locked.run(PostgresStatement("COMMIT"), within: .seconds(30))
        let next = try await PostgresStorage.open(address, lockPatience: .seconds(60))
        #expect(try await next.entities(mapID: 1) == [stone(x: 1)], "the late save came before")
        try await next.save([stone(x: 2)], removed: [], at: 2)
        try await waitUntilGone(process, in: address)
        #expect(try await next.entities(mapID: 1) == [stone(x: 2)])
        #expect(try await next.lastAlive() == 2)
    }

    @Test("a stuck save that is ended while another server takes the database over is never carried out")
    func endedAndTakenOver() async throws {
        let address = try TestPostgres.emptyAddress()
        let old = try await PostgresStorage.open(address, lockPatience: .zero)
        old.saveBound.withLock { $0 = PostgresSaveBound(patience: .seconds(60)) }
        try await old.save([stone(x: 1)], removed: [], at: 1)
        let process = try await old.savingProcess()
        let locked = try lockEntities(address)
        let late = Task { try await old.save([stone(x: 2)], removed: [], at: 2) }
        try await waitUntilStuck(process, in: address)
        // It waits in PostgreSQL's own queue for the lock of the server, before the old server can ask for it again.
        let place = try TestPostgres.run("SELECT \(PostgresSchema.key(PostgresSchema.serverLock))", in: address)
        let key = try place.rows[0].integer(0)
        let queue = PostgresLane("queue", address) { _, _ in nil }
        let queued = try await queue.perform { .done($0.serverProcess) }
        async let granted: Void = queue.perform { connection in
            try connection.run(PostgresStatement("SELECT pg_advisory_lock(\(key))"), within: .seconds(60))
            return .done(())
        }
        try await waitUntilStuck(queued, in: address)
        try TestPostgres.run("SELECT pg_terminate_backend(\(process), 5000)", in: address)
        try await granted
        await #expect(throws: StorageError.sharedStore(address.description, .inUse)) { try await late.value }
        async let opened = PostgresStorage.open(address, lockPatience: .seconds(60))
        await queue.close()
        let new = try await opened
        try locked.run(PostgresStatement("COMMIT"), within: .seconds(30))
        #expect(try await new.entities(mapID: 1) == [stone(x: 1)])
        try await new.save([stone(x: 3)], removed: [], at: 3)
        await #expect(throws: StorageError.self) { try await old.save([stone(x: 2)], removed: [], at: 2) }
        await new.close()
        let next = try await PostgresStorage.open(address, lockPatience: .seconds(60))
        #expect(try await next.entities(mapID: 1) == [stone(x: 3)])
        #expect(try await next.lastAlive() == 3)
    }

    @Test("a save that took too long is ended before the same server saves again, and does not come after it")
    func ownLateSave() async throws {
        let address = try TestPostgres.emptyAddress()
        let store = try await PostgresStorage.open(address, lockPatience: .seconds(60))
        try await store.save([stone(x: 1)], removed: [], at: 1)
        let process = try await store.savingProcess()
        let locked = try lockEntities(address)
        store.saveBound.withLock { $0 = PostgresSaveBound(patience: .milliseconds(50)) }
        await #expect(throws: StorageError.self) { try await store.save([stone(x: 2)], removed: [], at: 2) }
        store.saveBound.withLock { $0 = PostgresSaveBound(patience: .seconds(60)) }
        try await waitUntilStuck(process, in: address)
        // The new connection ends the former one for the lock.
        #expect(try await store.savingProcess() != process)
        try locked.run(PostgresStatement("COMMIT"), within: .seconds(30))
        #expect(try await store.entities(mapID: 1) == [stone(x: 1)])
        try await store.save([stone(x: 3)], removed: [], at: 3)
        try await waitUntilGone(process, in: address)
        #expect(try await store.entities(mapID: 1) == [stone(x: 3)])
    }

    @Test("a process that only has the number of the former one keeps the lock; the former one itself is ended")
    func reusedNumber() async throws {
        let address = try TestPostgres.emptyAddress()
        let holder = try PostgresConnection(address, within: .seconds(10))
        let process = try #require(try PostgresStorage.setUp(holder))
        #expect(process.number == holder.serverProcess)
        try PostgresStorage.lock(holder, former: nil, patience: .zero)
        let asking = try PostgresConnection(address, within: .seconds(10))
        let before = PostgresProcess(number: process.number, start: process.start - 1)
        let error = #expect(throws: PostgresFailure.self) {
            try PostgresStorage.lock(asking, former: before, patience: .milliseconds(150))
        }
        #expect(error?.kind == .unusable(.inUse))
        try holder.run(PostgresStatement("SELECT 1"), within: .seconds(30))
        try PostgresStorage.lock(asking, former: process, patience: .seconds(60))
        #expect(throws: PostgresFailure.self) { try holder.run(PostgresStatement("SELECT 1"), within: .seconds(30)) }
    }
}
