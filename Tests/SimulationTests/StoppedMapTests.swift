import Foundation
import NIOCore
import NIOPosix
import SimulationTestKit
import Testing
import Wire
import World

@testable import Simulation

@Suite("Operators stop, start and restart single maps [M7.1]", .timeLimit(.minutes(5))) struct StoppedMapTests {
    typealias Client = GameMapsTests.Client

    /// Lets a player join the map 2, and waits until it is there.
    private func join(_ running: GameMapsTests.Running) async throws -> Client {
        let client = Client(running.group.next())
        let player = EntityRecord(key: EntityKey(.players, 1), login: "ada", mapID: 2, x: 3, y: 3)
        let cave = try #require(running.maps[2])
        #expect(cave.post(.join(player, client)))
        #expect(await client.next { $0 == .snapshot } == .snapshot)
        return client
    }

    /// Lets a map tick, by a change that it refuses.
    private static func tick(_ map: MapActor) async throws {
        let outcome = await map.edit(
            .remove(EntityKey(.objects, 99)), within: .seconds(60), runtime: .seconds(60))
        guard case .refused = outcome else {
            Issue.record("\(outcome)")
            return
        }
    }

    @Test("a map that is stopped saves its entities, lets its players wait, and does not disturb the others")
    func stop() async throws {
        let enemy = EntityRecord(key: EntityKey(.enemys, 1), mapID: 2, x: 1, y: 1)
        try await GameMapsTests.run(GameMapsTests.files, records: [enemy]) { running in
            let client = try await join(running)
            let (field, cave) = (try #require(running.maps[1]), try #require(running.maps[2]))
            try await running.reloader.stopMap(2)
            #expect(await client.next { $0 != .delta } == .paused(mapID: 2, reason: "an operator stopped it"))
            #expect(running.store.saved[EntityKey(.players, 1)]?.mapID == 2)
            #expect(running.store.saved[EntityKey(.players, 1)]?.x == 3)
            #expect(running.maps[2] == nil && running.maps[1] === field && field.isReady && !cave.isReady)
            #expect(running.maps.closedReason(2) == "an operator stopped it" && running.maps.stoppedMaps == [2])
            #expect(!cave.post(.operate(.announce(text: "hello"))), "a map that has stopped takes nothing")
            #expect(!running.maps.transfer(enemy, to: 2, from: 1), "nothing goes there")
        }
    }

    @Test("it stays stopped when the game folder changes, until it is started with the game as it is then")
    func reload() async throws {
        let clock = TestTime()
        let enemy = EntityRecord(
            key: EntityKey(.enemys, 1), mapID: 2, x: 1, y: 1,
            events: ["say": EventRecord(action: "index", time: 1_700_000_005)])
        try await GameMapsTests.run(
            GameMapsTests.files, records: [enemy], now: { 1_700_000_000 + Double(clock.nanoseconds) / 1e9 }
        ) { running in
            try await running.reloader.stopMap(2)
            clock.advance(60_000_000_000)
            let report = try await running.change(["events/say/index.lua": "print('v2')"])
            #expect(report.problems == [] && !report.changes.contains { $0.contains("map 2") }, "\(report)")
            #expect(running.maps[2] == nil && running.maps.stoppedMaps == [2])
            try await running.reloader.startMap(2)
            let cave = try #require(running.maps[2])
            #expect(cave.isReady && running.maps.closedReasons == [:] && running.maps.stoppedMaps == [])
            #expect(await cave.status().entities == 1)
            await cave.save(everything: true)
            // It was due 5 s after the stop, so it is due 5 s after the start.
            #expect(running.store.saved[EntityKey(.enemys, 1)]?.events["say"]?.time == 1_700_000_065)
            clock.advance(10_000_000_000)
            try await Self.tick(cave)
            #expect(await cave.diagnostics().log.contains { $0.text == "v2" })
        }
    }

    @Test("a restarted map begins anew with its entities; its players are told that it restarts")
    func restart() async throws {
        let enemy = EntityRecord(key: EntityKey(.enemys, 1), mapID: 2, x: 1, y: 1)
        try await GameMapsTests.run(GameMapsTests.files, records: [enemy]) { running in
            let client = try await join(running)
            let cave = try #require(running.maps[2])
            let tick = await cave.status().tick
            try await running.reloader.restartMap(2)
            #expect(await client.next { $0 != .delta } == .paused(mapID: 2, reason: "it is being restarted"))
            let new = try #require(running.maps[2])
            #expect(new !== cave && new.isReady && running.maps.closedReasons == [:])
            #expect(await new.status().entities == 1)
            try await Self.tick(new)
            #expect(await new.status().tick > tick)
            let record = try #require(running.store.saved[EntityKey(.players, 1)])
            #expect(new.post(.join(record, client)))
            #expect(await client.next { $0 == .snapshot } == .snapshot)
        }
    }

    @Test("what is not possible is refused with its reason")
    func refusals() async throws {
        try await GameMapsTests.run(GameMapsTests.files) { running in
            let reloader = running.reloader
            await #expect(throws: MapControlError.unknown(9)) { try await reloader.stopMap(9) }
            await #expect(throws: MapControlError.unknown(9)) { try await reloader.startMap(9) }
            await #expect(throws: MapControlError.running(1)) { try await reloader.startMap(1) }
            _ = try await running.change(["maps/3-hall.tmj": "{"])
            let reason = try #require(running.maps.closedReason(3))
            await #expect(throws: MapControlError.closed(3, reason: reason)) { try await reloader.startMap(3) }
            await #expect(throws: MapControlError.closed(3, reason: reason)) { try await reloader.restartMap(3) }
            try await reloader.stopMap(2)
            await #expect(throws: MapControlError.stopped(2)) { try await reloader.stopMap(2) }
            await #expect(throws: MapControlError.stopped(2)) { try await reloader.restartMap(2) }
            // A stopped map whose file goes is forgotten.
            _ = try await running.change(["maps/2-cave.tmj": nil])
            #expect(running.maps.stoppedMaps == [] && running.maps.closedReason(2) == nil)
            await #expect(throws: MapControlError.unknown(2)) { try await reloader.startMap(2) }
        }
    }

    @Test("a map whose script does not end is stopped too: its scripts are ended")
    func hanging() async throws {
        var files = GameMapsTests.files
        files["game.yaml"] = "event_time_limit_ms: 10000\ntick_limit_ms: 10000\n"
        files["events/spin/index.lua"] = "print('begun') while true do end"
        let lines = LogLines()
        try await GameMapsTests.run(files, logSink: lines, closingPatience: .zero) { running in
            let cave = try #require(running.maps[2])
            let enemy = EntityRecord(
                key: EntityKey(.enemys, 1), mapID: 2, x: 1, y: 1,
                events: ["spin": EventRecord(action: "index", time: 0)])
            #expect(running.maps.transfer(enemy, to: 2, from: nil))
            await lines.wait(for: "begun")
            try await running.reloader.stopMap(2)
            #expect(await cave.diagnostics().errors.contains { $0.kind == "stopped" })
            #expect(running.maps.stoppedMaps == [2] && running.maps[2] == nil)
            #expect(running.store.saved[EntityKey(.enemys, 1)]?.mapID == 2)
        }
    }
}

/// Lets a test wait for a line of a map's log.
private final class LogLines: MapLogSink {
    private let lines = AsyncStream.makeStream(of: String.self)

    func append(_ lines: [String], mapID: Int, isError: Bool) {}

    func note(_ entry: MapLog.Entry, mapID: Int) {
        if case .line(let line) = entry { lines.continuation.yield(line.text) }
    }

    func wait(for text: String) async { for await line in lines.stream where line == text { return } }
}
