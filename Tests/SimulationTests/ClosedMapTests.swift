import Foundation
import GameFolder
import JSONValues
import NIOCore
import NIOPosix
import SimulationTestKit
import Testing
import Wire
import World

@testable import Simulation

@Suite("Maps close and open with their files, and nobody loses a place", .timeLimit(.minutes(5)))
struct ClosedMapTests {
    typealias Client = GameMapsTests.Client

    @Test("a map whose file is away for a moment goes on, its player on it; perigee reload closes it")
    func away() async throws {
        try await GameMapsTests.run(GameMapsTests.files) { running in
            let client = Client(running.group.next())
            let cave = try #require(running.maps[2])
            let player = EntityRecord(key: EntityKey(.players, 1), login: "ada", mapID: 2, x: 3, y: 3)
            #expect(cave.post(.join(player, client)))
            #expect(await client.next { $0 == .snapshot } == .snapshot)
            let file = running.directory.appendingPathComponent("maps/2-cave.tmj")
            try FileManager.default.removeItem(at: file)
            let report = await running.reloader.applyChanges()
            #expect(report.changes == [])
            #expect(report.problems.map(\.file) == ["maps/2-cave.tmj"])
            #expect(running.maps.running.map(\.mapID) == [1, 2] && running.maps[2] === cave)
            try TestMap.write(["maps/2-cave.tmj": TestMaps.empty], to: running.directory)
            #expect(await running.reloader.applyChanges() == ReloadReport())
            #expect(running.maps[2] === cave)
            #expect(await cave.status().players == 1)
            try FileManager.default.removeItem(at: file)
            #expect(await running.reloader.applyChanges().problems.count == 1)
            #expect(await running.reloader.reload().problems == [])
            #expect(running.maps.running.map(\.mapID) == [1])
            #expect(await client.next { $0 != .delta } == .reconnect(mapID: 1))
            #expect(running.maps.closedReasons == [:])
        }
    }

    @Test("a new map that is broken is closed with its reason; scripts that send somebody there are told it")
    func brokenNewMap() async throws {
        var files = GameMapsTests.files
        files["events/go/index.lua"] = "--@param to number\n" + "print(pcall(function() object.map_id = data.to end))"
        try await GameMapsTests.run(files) { running in
            let report = try await running.change(["maps/3-hall.tmj": "{"])
            let problem = try #require(report.problems.first)
            #expect(running.maps[3] == nil && running.maps.closedReason(3) == problem.description)
            #expect(running.maps.closedReason(2) == nil && running.maps.closedReason(9) == nil)
            let record = EntityRecord(
                key: EntityKey(.enemys, 5), mapID: 1, x: 1, y: 1,
                events: ["go": EventRecord(action: "index", data: .object(["to": .number(3)]), time: 0)])
            #expect(running.maps.transfer(record, to: 1, from: nil))
            let field = try #require(running.maps[1])
            // The first line is that of the start.
            while await field.diagnostics().log.count < 2 { await Task.yield() }
            let line = try #require(await field.diagnostics().log.last?.text)
            #expect(line.contains("map 3 is closed (maps/3-hall.tmj:1:2: not JSON"), "\(line)")
            let mended = try await running.change(["maps/3-hall.tmj": TestMaps.empty])
            #expect(mended.problems == [] && mended.changes.count == 1)
            #expect(running.maps.running.map(\.mapID) == [1, 2, 3] && running.maps.closedReasons == [:])
        }
    }

    @Test("a game whose only map is broken starts without any, and opens it when it is mended")
    func onlyMap() async throws {
        try await GameMapsTests.run(["maps/1-field.tmj": TestMaps.empty]) { running in
            await running.maps.stop()
            let directory = running.directory.appendingPathExtension("second")
            defer { try? FileManager.default.removeItem(at: directory) }
            try TestMap.write(["maps/4-forest.tmj": "{"], to: directory)
            let (game, problems) = try GameFolder.load(directory: directory.path)
            let maps = GameMaps(
                surroundings: .init(
                    ids: TestIDs(), persistence: running.store,
                    clock: SimulationClock(now: { 1_700_000_000 }, monotonic: { 0 })),
                eventLoopGroup: running.group, seed: { 7 }
            ) { _ in [EntityRecord(key: EntityKey(.enemys, 3), mapID: 4, x: 1, y: 1)] }
            try await maps.open(game)
            #expect(maps.running.isEmpty)
            #expect(maps.closedReasons == [4: problems[0].description])
            #expect(await maps.reload(game, since: game, problems: problems).changes == [])
            try TestMap.write(["maps/4-forest.tmj": TestMaps.empty], to: directory)
            let (mended, none) = try GameFolder.load(directory: directory.path, previous: game)
            #expect(none == [])
            _ = await maps.reload(mended, since: game, problems: none)
            #expect(maps.running.map(\.mapID) == [4] && maps.closedReasons == [:])
            #expect(await maps[4]?.status().entities == 1)
            await maps.stop()
        }
    }
}
