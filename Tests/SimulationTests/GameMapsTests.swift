import Foundation
import GameFolder
import JSONValues
import NIOCore
import NIOPosix
import SimulationTestKit
import Synchronization
import Testing
import Wire
import World

@testable import Simulation

@Suite("Maps of a running game [3-game-folder, hot reload]", .timeLimit(.minutes(5))) struct GameMapsTests {
    /// A player's connection on a loop of its own.
    final class Client: SessionSink {
        let id: SessionID = 1
        let playerID = 1
        let thread: SessionThread
        private let messages = AsyncStream.makeStream(of: OutboundMessage.Kind.self)

        init(_ eventLoop: any EventLoop) { thread = SessionThread(eventLoop) }

        func deliver(_ message: OutboundMessage) { messages.continuation.yield(message.kind) }
        func flush() {}

        /// The next message of a kind.
        func next(_ wanted: (OutboundMessage.Kind) -> Bool) async -> OutboundMessage.Kind? {
            for await kind in messages.stream where wanted(kind) { return kind }
            return nil
        }
    }

    struct Running {
        let maps: GameMaps
        let reloader: GameReloader
        let store: TestStore
        let directory: URL
        let group: MultiThreadedEventLoopGroup

        func change(_ files: [String: String?]) async throws -> ReloadReport {
            for (path, text) in files {
                if let text {
                    try TestMap.write([path: text], to: directory)
                } else {
                    try FileManager.default.removeItem(at: directory.appendingPathComponent(path))
                }
            }
            return await reloader.reload()
        }
    }

    static func run(
        _ files: [String: String], records: [EntityRecord] = [], aliveBefore: Double? = nil,
        now: @escaping @Sendable () -> Double = { 1_700_000_000 },
        monotonic: @escaping @Sendable () -> UInt64 = { 0 }, logSink: (any MapLogSink)? = nil,
        closingPatience: Duration = .seconds(60), _ body: (Running) async throws -> Void
    ) async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("perigee-\(UUID().uuidString)")
        try TestMap.write(files, to: directory)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let (game, problems) = try GameFolder.load(directory: directory.path)
        #expect(problems == [])
        let store = TestStore()
        store.save(records, removed: [])
        let maps = GameMaps(
            surroundings: .init(
                ids: TestIDs(), persistence: store, logSink: logSink,
                clock: SimulationClock(now: now, monotonic: monotonic)),
            eventLoopGroup: group, seed: { 7 }, aliveBefore: aliveBefore, closingPatience: closingPatience
        ) { mapID in
            store.saved.values.filter { $0.mapID == mapID && $0.key.kind != .players }.sorted { $0.key.id < $1.key.id }
        }
        try await maps.open(game)
        try await body(
            Running(
                maps: maps,
                reloader: GameReloader(
                    game: game, maps: maps, load: { try GameFolder.load(directory: $0.directory, previous: $0) }),
                store: store, directory: directory, group: group))
        await maps.stop()
        try await group.shutdownGracefully()
        try? FileManager.default.removeItem(at: directory)
    }

    static let files = [
        "components/hp.lua": "--@type number\n--@default 5\n", "maps/1-field.tmj": TestMaps.empty,
        "maps/2-cave.tmj": TestMaps.empty, "events/say/index.lua": "print('v1')",
    ]

    static func records(_ running: Running, of mapID: Int) -> [EntityRecord] {
        running.store.saved.values.filter { $0.mapID == mapID }
    }

    private static let waiting = EntityRecord(
        key: EntityKey(.enemys, 1), mapID: 2, x: 1, y: 1,
        events: ["say": EventRecord(action: "index", time: 1_700_000_007), "rest": EventRecord(time: 1_699_999_999)])

    @Test(
        "time while the server is down does not count: after the start each event has the same time left as before",
        arguments: [1_700_000_000.0, 1_700_086_400, 1_699_990_000])
    func downtime(now: Double) async throws {
        var files = Self.files
        files["events/rest/index.lua"] = "print('rest')"
        try await Self.run(files, records: [Self.waiting], aliveBefore: 1_700_000_000, now: { now }) { running in
            await running.maps.stop()
            let saved = try #require(running.store.saved[EntityKey(.enemys, 1)])
            #expect(saved.events["say"] == EventRecord(action: "index", time: now + 7))
            #expect(saved.events["rest"] == EventRecord(time: now - 1))
        }
    }

    @Test("time while a map is closed does not count for its events")
    func closedMap() async throws {
        let time = Mutex(1_700_000_000.0)
        try await Self.run(Self.files, records: [Self.waiting], now: { time.withLock { $0 } }) { running in
            let cave = try #require(Self.files["maps/2-cave.tmj"])
            _ = try await running.change(["maps/2-cave.tmj": nil])
            time.withLock { $0 += 3600 }
            _ = try await running.change(["maps/2-cave.tmj": cave])
            await running.maps.stop()
            let saved = try #require(running.store.saved[EntityKey(.enemys, 1)])
            #expect(saved.events["say"] == EventRecord(action: "index", time: 1_700_003_607))
        }
    }

    @Test("a report names a changed file once for all maps, and its effects for each map")
    func changed() async throws {
        try await Self.run(Self.files) { running in
            running.maps[2]?.post(.arrive(EntityRecord(key: EntityKey(.enemys, 1), mapID: 2, x: 1, y: 1), from: nil))
            let report = try await running.change([
                "components/hp.lua": "--@type json\n", "events/say/index.lua": "print('v2')",
            ])
            #expect(
                report.changes.map(ReloadReportTests.withoutVersion) == [
                    "reloaded components/hp.lua *: type json instead of number, default null instead of 5",
                    "reloaded events/say/index.lua *",
                ])
            #expect(report.effects == [2: ["enemys_1: 5 does not fit component 'hp'; it has its default now"]])
            #expect(report.problems == [])
            #expect(report.lines.last == "map 2: enemys_1: 5 does not fit component 'hp'; it has its default now")
            #expect(try await running.change([:]).lines == ["nothing changed"])
        }
    }

    @Test("every reload reports a bad file with its line until it is mended; all other changes take effect")
    func bad() async throws {
        try await Self.run(Self.files) { running in
            let change = [
                "events/say/index.lua": "\nprint('v2' .. )", "components/hp.lua": "--@type number\n--@default 6\n",
            ]
            for report in [try await running.change(change), try await running.change([:])] {
                #expect(report.problems.count == 1)
                #expect(report.problems.first?.description.hasPrefix("events/say/index.lua:2: ") == true)
            }
            #expect(try await running.change(["events/say/index.lua": "print('v3')"]).problems == [])
        }
    }

    @Test("a folder that can't be read is a problem, and the game goes on")
    func unreadable() async throws {
        try await Self.run(Self.files) { running in
            let away = running.directory.appendingPathExtension("away")
            try FileManager.default.moveItem(at: running.directory, to: away)
            let report = await running.reloader.reload()
            try FileManager.default.moveItem(at: away, to: running.directory)
            #expect(report.problems.first?.message.contains("does not exist") == true)
            #expect(running.maps.running.map(\.mapID) == [1, 2])
            #expect(try await running.change([:]).lines == ["nothing changed"])
        }
    }

    @Test("a new map file opens on the running server; scripts can send entities there")
    func newMap() async throws {
        let event = "if objects.enemys_1 then objects.enemys_1.map_id = 3 end"
        try await Self.run(Self.files.merging(["events/go/index.lua": event]) { $1 }) { running in
            let report = try await running.change(["maps/3-hall.tmj": TestMaps.empty])
            #expect(
                report.changes.map(ReloadReportTests.withoutVersion)
                    == ["loaded maps/3-hall.tmj *: map 3 (hall) is open"])
            #expect(running.maps.running.map(\.mapID) == [1, 2, 3])
            #expect(
                running.maps.transfer(EntityRecord(key: EntityKey(.enemys, 1), mapID: 3, x: 1, y: 1), to: 3, from: nil))
            await running.maps[3]?.stop()
            #expect(Self.records(running, of: 3).map(\.key) == [EntityKey(.enemys, 1)])
        }
    }

    @Test("a map whose file is gone closes: its players go to the start map, its entities stay in the store")
    func removedMap() async throws {
        try await Self.run(Self.files) { running in
            let client = Client(running.group.next())
            let cave = try #require(running.maps[2])
            let player = EntityRecord(
                key: EntityKey(.players, 1), login: "ada", mapID: 2, x: 3, y: 3, components: ["hp": .number(2)])
            #expect(cave.post(.join(player, client)))
            #expect(cave.post(.arrive(EntityRecord(key: EntityKey(.enemys, 1), mapID: 2, x: 1, y: 1), from: nil)))
            #expect(await client.next { $0 == .snapshot } == .snapshot)
            let report = try await running.change(["maps/2-cave.tmj": nil])
            #expect(
                report.changes == [
                    "removed maps/2-cave.tmj: map 2 is closed, its players are on map 1, its other entities kept in the store"
                ])
            #expect(await client.next { $0 != .delta } == .reconnect(mapID: 1))
            let saved = try #require(running.store.saved[EntityKey(.players, 1)])
            #expect((saved.mapID, saved.x, saved.components["hp"]) == (1, nil, .number(2)))
            #expect(Self.records(running, of: 2).map(\.key) == [EntityKey(.enemys, 1)])
            #expect(running.maps.running.map(\.mapID) == [1])
            // A closed map accepts departures silently and refuses joins and arrivals.
            #expect(!cave.post(.join(player, client)))
            #expect(!running.maps.transfer(player, to: 2, from: nil))
            #expect(cave.post(.leave(client.id)))
            // The map opens again with its stored entity.
            _ = try await running.change(["maps/2-cave.tmj": TestMaps.empty])
            #expect(await running.maps[2]?.status().entities == 1)
        }
    }

    @Test("the start map's file may be removed: the map with the lowest number is then the start map")
    func removedStartMap() async throws {
        try await Self.run(Self.files) { running in
            let client = Client(running.group.next())
            let player = EntityRecord(key: EntityKey(.players, 1), login: "ada", mapID: 1, x: 3, y: 3)
            running.maps[1]?.post(.join(player, client))
            #expect(await client.next { $0 == .snapshot } == .snapshot)
            _ = try await running.change(["maps/1-field.tmj": nil])
            #expect(await client.next { $0 != .delta } == .reconnect(mapID: 2))
        }
    }

    @Test("changes that the watcher loaded are in the next requested report, and only in that one")
    func untold() async throws {
        try await Self.run(Self.files) { running in
            for version in 2...3 {
                try TestMap.write(["events/say/index.lua": "print('v\(version)')"], to: running.directory)
                #expect(await running.reloader.applyChanges().changes.count == 1)
            }
            let report = try await running.change(["events/say/more.lua": "print('more')"])
            #expect(
                report.changes.map(ReloadReportTests.withoutVersion) == [
                    "reloaded events/say/index.lua *", "reloaded events/say/index.lua *",
                    "loaded events/say/more.lua *: event say/more",
                ])
            #expect(try await running.change([:]).lines == ["nothing changed"])
        }
    }

    @Test("reloads requested at the same time run one after another, and all of them see every change")
    func concurrent() async throws {
        try await Self.run(Self.files) { running in
            try TestMap.write(["events/say/index.lua": "print('v2')"], to: running.directory)
            let changes = await withTaskGroup(of: Int.self) { group in
                for _ in 0..<8 { group.addTask { await running.reloader.reload().changes.count } }
                return await group.reduce(into: 0) { $0 += $1 }
            }
            #expect(changes == 1)
        }
    }
}
