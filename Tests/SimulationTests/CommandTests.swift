import JSONValues
import SimulationTestKit
import Testing
import Wire
import World

@testable import Simulation

@Suite("Commands on a map [1-protocol 3 and 4.2, M11.3, M11.11]") struct CommandTests {
    static let files = [
        "events/move/up.lua": "--@public true\nobject.y = object.y - 1",
        "events/move/down.lua": "--@public true\nobject.y = object.y + 1",
        "events/idle/index.lua": "--@public true\nreturn", "events/fail/index.lua": "--@public true\nerror('no')",
        "events/secret/index.lua": "object.x = 0", "events/loop/index.lua": "--@public true\nwhile true do end",
        "events/out/index.lua": "--@public true\nobject.remove()", "events/move/timeout.lua": "return 0.25",
        "game.yaml": "tick_rate: 16\nsend_rate: 16\nevent_time_limit_ms: 5\n",
    ]

    /// The `commands` objects that a player was sent.
    static func acknowledgements(_ player: TestPlayer?, _ group: String) -> [JSONObject] {
        (player?.messages ?? []).compactMap { $0.object?["commands"]?.object?[group]?.object }
    }

    @Test(
        "every command is acknowledged to its sender only, also a command that changes nothing or fails",
        arguments: ["move/up", "idle", "fail", "loop"])
    func acknowledged(action: String) throws {
        let map = try TestMap(Self.files)
        let sender = map.join(1)
        let other = map.join(2)
        try map.command(1, action, id: 1_670_069_589_900)
        let group = String(action.split(separator: "/")[0])
        #expect(Self.acknowledgements(sender, group).map { $0["command_id"] } == [.number(1_670_069_589_900)])
        #expect(Self.acknowledgements(other, group) == [])
    }

    @Test("a command without command_id is not acknowledged")
    func withoutID() throws {
        let map = try TestMap(Self.files)
        let sender = map.join(1)
        try map.command(1, "idle")
        map.tick()
        #expect(sender.messages.allSatisfy { $0.object?["commands"] == nil })
    }

    @Test("wait_time is the seconds from a command's arrival to the message that acknowledges it")
    func waitTime() throws {
        let map = try TestMap(Self.files.merging(["game.yaml": "tick_rate: 16\nsend_rate: 8\n"]) { $1 })
        let sender = map.join(1)
        map.tick()
        try map.command(1, "move/up", id: 1)
        try map.command(1, "move/up", id: 2)
        let received = map.now - 0.0625
        for _ in 0..<16 { map.tick() }
        let told = sender.messages.compactMap(\.object).filter { $0["commands"] != nil }
        #expect(told.count == 2)
        let waits = told.map { $0["commands"]?.object?["move"]?.object?["wait_time"]?.number ?? -1 }
        let times = told.map { ($0["time"]?.number ?? 0) }
        #expect(abs(waits[1] - (times[1] - received)) < 1e-3, "\(waits) \(times) \(received)")
        #expect(waits[0] <= 0.125)
    }

    @Test("M11.3: a group has one pending command: a newer command replaces it, and only the newer one is acknowledged")
    func replaced() throws {
        let map = try TestMap(Self.files)
        let sender = map.join(1)
        try map.command(1, "move/up", id: 1)
        try map.command(1, "move/up", id: 2)
        try map.command(1, "move/down", id: 3)
        map.advance(1)
        #expect(Self.acknowledgements(sender, "move").compactMap { $0["command_id"]?.number } == [1, 3])
        #expect(sender.world["players_1"]?["y"] == .number(5))
    }

    @Test("an acknowledgement survives a snapshot in the same tick")
    func snapshotInTheSameTick() throws {
        let map = try TestMap(Self.files)
        let sender = map.join(1)
        let command = try #require(Self.idle(id: 9))
        map.tick([.command(sender.id, command, receivedAt: map.now), .reload(sender.id)])
        #expect(sender.kinds.last == .snapshot)
        map.tick()
        #expect(Self.acknowledgements(sender, "idle").compactMap { $0["command_id"]?.number } == [9])
    }

    private static func idle(id: Double) -> Command? {
        Command(group: "idle", event: "index", commandID: id, parameters: [:])
    }

    @Test("load/index answers with a new snapshot [M3.6]")
    func load() throws {
        let map = try TestMap(Self.files)
        let sender = map.join(1)
        try map.command(1, "load/index")
        try map.command(1, "load")
        #expect(sender.kinds.filter { $0 == .snapshot }.count == 3)
        #expect(sender.refusals == [])
    }

    @Test("M11.11, M8.6 Env 2: a command for an event that is not public never reaches Lua")
    func notPublic() throws {
        let map = try TestMap(Self.files)
        let sender = map.join(1)
        try map.command(1, "secret", id: 4)
        #expect(sender.refusals.first?.object?["code"] == .string("not_public"))
        #expect(sender.world["players_1"]?["x"] == .number(5))
    }

    @Test("commands do nothing if their session was replaced or has left, or if its player was removed")
    func lateCommands() throws {
        let map = try TestMap(Self.files)
        let old = map.join(1)
        let new = map.join(1)
        let up = Command(group: "move", event: "up", commandID: nil, parameters: [:])
        map.tick([.command(old.id, up, receivedAt: map.now)])
        #expect(new.world["players_1"]?["y"] == .number(5))
        try map.command(1, "out")
        #expect(new.kinds.last == .refused)
        map.tick([.command(new.id, up, receivedAt: map.now)])
        map.tick([.leave(new.id), .command(new.id, up, receivedAt: map.now), .leave(77), .reload(77)])
        #expect(map.errors == [])
        #expect(map.simulation.world.count == 0)
    }

    @Test("the snapshot has each group's timeout and the events that a client may call")
    func timeouts() throws {
        let map = try TestMap(Self.files)
        let groups = map.join(1).messages.first?.object?["timeouts"]?.object
        #expect(
            groups?["move"]
                == .object(["timeout": .number(0.25), "actions": .object(["up": .bool(true), "down": .bool(true)])]))
        #expect(groups?["idle"]?.object?["timeout"] == .number(1))
        #expect(groups?["secret"] == nil)
    }
}
