import JSONValues
import SimulationTestKit
import Testing
import Wire
import World

@testable import Simulation

@Suite("A player that the map does not keep hears whether coming back is welcome [1-protocol 7]")
struct RemovedPlayerTests {
    static let files = [
        "components/hp.lua": "--@type number\n--@default 5\nif value <= 0 then object.remove() end\n",
        "events/out/index.lua": "--@public true\nobject.remove()",
        "events/out/other.lua": "--@public true\nobjects.remove('players_1')",
        "events/out/key.lua": "--@public true\nobjects['players_1'] = nil",
        "events/out/trigger.lua": "--@public true\nobject.components.hp = 0",
        "events/out/timeout.lua": "return 0\n",
    ]

    private func lastMessage(_ player: TestPlayer) -> JSONObject? { player.messages.last?.object }

    @Test(
        "whatever takes a player off, it is told not to come back by itself",
        arguments: ["out", "out/other", "out/key", "out/trigger"])
    func removed(action: String) throws {
        let map = try TestMap(Self.files)
        let player = map.join(1)
        try map.command(1, action)
        #expect(player.kinds.last == .refused)
        #expect(lastMessage(player)?["code"] == .string("removed"))
        #expect(lastMessage(player)?["return"] == .bool(false))
        #expect(lastMessage(player)?["retry"] == nil)
        #expect(map.errors == [])
    }

    @Test("so is one whom a spawn hook takes off as it enters")
    func removedAtEntry() throws {
        let map = try TestMap(["spawn/players.lua": "object.remove()"])
        let player = map.join(1)
        #expect(player.kinds == [.refused])
        #expect(lastMessage(player)?["return"] == .bool(false))
    }

    @Test("and one who sent nothing for 300 s, with both messages")
    func idle() throws {
        let map = try TestMap([:], builtInEvents: true)
        let player = map.join(1)
        map.tick(seconds: 301)
        map.tick()
        let ends = zip(player.kinds, player.messages).filter { [.direct, .refused].contains($0.0) }.map(\.1.object)
        #expect(ends.map { $0?["code"]?.string } == ["idle", "removed"])
        #expect(ends.map { $0?["return"] } == [.bool(false), .bool(false)])
        #expect(map.errors == [])
    }

    @Test("one who was replaced is not welcome, one for whom there is no room comes later")
    func others() throws {
        let map = try TestMap(["game.yaml": "tick_rate: 60\nsend_rate: 60\nmax_entities: 1\n"])
        let first = map.join(1)
        let full = map.join(2)
        #expect(lastMessage(full)?["code"] == .string("map_full"))
        #expect(lastMessage(full)?["return"] == .bool(true))
        #expect(lastMessage(full)?["retry"] == .number(5))
        map.join(1)
        #expect(first.kinds.last == .replaced)
        #expect(lastMessage(first)?["return"] == .bool(false))
    }
}
