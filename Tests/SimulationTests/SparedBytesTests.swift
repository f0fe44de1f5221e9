import JSONValues
import SimulationTestKit
import Testing
import Wire
import World

@testable import Simulation

/// What a game may leave out of clients' messages: decimals of coordinates and the queues of event groups.
@Suite("position_decimals and --@share on a running map [1-protocol 7]") struct SparedBytesTests {
    private static let files = [
        "game.yaml": "tick_rate: 60\nsend_rate: 60\n", "maps/1-field.tmj": TestMaps.empty,
        "events/go/index.lua": "--@public true\n--@param x number\nobject.x = data.x\n",
        "events/go/timeout.lua": "return 0.5\n",
    ]

    private func map(_ changed: [String: String]) throws -> TestMap {
        try TestMap(Self.files.merging(changed) { $1 })
    }

    private func go(_ player: TestPlayer?) -> JSONObject? {
        player?.world["players_1"]?["events"]?.object?["go"]?.object
    }

    @Test(
        "who has the queue of a group: all, the owner, nobody; on maps that are seen whole and in part",
        arguments: ["all", "owner", "none"], ["", "view_distance: 5\n"])
    func share(share: String, view: String) throws {
        let map = try map([
            "events/go/timeout.lua": "--@share \(share)\nreturn 0.5\n",
            "game.yaml": "tick_rate: 60\nsend_rate: 60\n" + view,
        ])
        let (owner, other) = (map.join(1), map.join(2))
        try map.command(1, "go", ["x": .number(6)])
        try map.command(1, "go", ["x": .number(7)], id: 5)
        #expect((go(owner)?["action"] != nil) == (share != "none"))
        #expect((go(other)?["action"] != nil) == (share == "all"))
        let late = map.join(3)
        #expect((go(late) != nil) == (share == "all"), "in a snapshot")
        map.advance(0.6)
        for client in [owner, other, late] { #expect(client.world["players_1"]?["x"] == .number(7)) }
        #expect(owner.messages.contains { $0.object?["commands"] != nil }, "an acknowledgement is no part of the queue")
        #expect(map.expectAgreement("at the end") == 3)
    }

    @Test("a pending event that only its owner sees makes no message for the others")
    func nothingForOthers() throws {
        let map = try map(["events/go/timeout.lua": "--@share owner\nreturn 0.5\n"])
        let (owner, other) = (map.join(1), map.join(2))
        try map.command(1, "go", ["x": .number(6)])
        let before = (owner.messages.count, other.messages.count)
        try map.command(1, "go", ["x": .number(7)])
        #expect(owner.messages.count == before.0 + 1 && other.messages.count == before.1)
    }

    @Test("a reload that changes who has a queue sends fresh snapshots")
    func shareReloaded() throws {
        let map = try map([:])
        let (owner, other) = (map.join(1), map.join(2))
        try map.command(1, "go", ["x": .number(6)])
        #expect(go(owner) != nil && go(other) != nil)
        for (share, hasOwner, hasOther) in [("owner", true, false), ("none", false, false), ("all", true, true)] {
            try map.change(["events/go/timeout.lua": "--@share \(share)\nreturn 0.5\n"])
            map.tick()
            #expect(owner.kinds.last == .snapshot && other.kinds.last == .snapshot)
            #expect((go(owner) != nil) == hasOwner && (go(other) != nil) == hasOther, "\(share)")
        }
    }

    @Test("a timeout file that does not compile keeps its former share")
    func shareKept() throws {
        let map = try map(["events/go/timeout.lua": "--@share none\nreturn 0.5\n"])
        try map.change(["events/go/timeout.lua": "--@share all\nreturn if\n"])
        #expect(map.simulation.world.schema.groups.first { $0.name == "go" }?.share == EventGroupDefinition.Share.none)
    }

    @Test("a reload of position_decimals sends fresh snapshots, and the store keeps exact coordinates")
    func decimalsReloaded() throws {
        let map = try map([:])
        let player = map.join(1)
        try map.command(1, "go", ["x": .number(6.126)])
        #expect(player.world["players_1"]?["x"] == .number(6.126))
        for (decimals, shown) in [(2, 6.13), (0, 6), (1, 6.1)] {
            try map.change(["game.yaml": "tick_rate: 60\nsend_rate: 60\nposition_decimals: \(decimals)\n"])
            map.tick()
            #expect(player.kinds.last == .snapshot && player.world["players_1"]?["x"] == .number(shown))
        }
        let count = player.messages.count
        map.simulation.world.set(.x, 6.14, slot: 0)
        map.tick()
        #expect(player.messages.count == count, "what rounds to the same is not sent")
        map.simulation.save()
        #expect(map.store.saved[EntityKey(.players, 1)]?.x == 6.14)
    }
}
