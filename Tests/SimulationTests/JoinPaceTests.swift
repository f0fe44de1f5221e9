import JSONValues
import SimulationTestKit
import Testing
import Wire
import World

@testable import Simulation

@Suite("Many who join at once get their snapshots in turn, and don't delay those who play") struct JoinPaceTests {
    private static let files = [
        "game.yaml": "tick_rate: 30\nsend_rate: 30\n", "maps/1-field.tmj": TestMaps.empty,
        "components/text.lua": "--@type string\n", "spawn/players.lua": "print(object.key)",
        "events/step/index.lua": "--@public true\nobject.action = 'step'", "events/step/timeout.lua": "return 0",
    ]

    private func joins(_ ids: ClosedRange<Int>) -> (players: [TestPlayer], inputs: [MapInput]) {
        let players = ids.map { TestPlayer(id: UInt64($0), playerID: $0) }
        let inputs = players.map { player in
            MapInput.join(
                EntityRecord(
                    key: EntityKey(.players, player.playerID), login: "p\(player.playerID)", mapID: 1, x: 1, y: 1),
                player)
        }
        return (players, inputs)
    }

    private func snapshots(_ deliveries: [MapSimulation.Delivery]) -> [SessionID] {
        deliveries.filter { $0.message.kind == .snapshot }.map(\.sink.id)
    }

    @Test(
        "when 500 join at once, each message of the world has 64 snapshots, in order; those who play get each delta",
        arguments: [0, 5])
    func fiveHundred(viewDistance: Int) throws {
        var files = Self.files
        files["game.yaml"] = "tick_rate: 30\nsend_rate: 30\nview_distance: \(viewDistance)\n"
        let map = try TestMap(files)
        for id in 1...10 { map.join(id, x: 1, y: 1) }
        let (players, inputs) = joins(11...510)
        // Only some of the clients read what they get: reading takes longer than all else here.
        let readers = (1...10).compactMap { map.players[$0] } + [11, 74, 75, 300, 510].map { players[$0 - 11] }
        var order: [SessionID] = []
        for tick in 1...9 {
            let deliveries = map.simulation.tick(
                now: map.now + Double(tick) / 30, inputs: tick == 1 ? inputs : [])
            for reader in readers {
                for delivery in deliveries where delivery.sink === reader { reader.deliver(delivery.message) }
            }
            let new = snapshots(deliveries)
            #expect(new.count == min(64, 500 - order.count), "tick \(tick)")
            order += new
            let deltas = deliveries.filter { $0.message.kind == .delta }.map(\.sink.id)
            if tick < 9 { #expect(deltas == Array(1...UInt64(10 + order.count - new.count)), "tick \(tick)") }
        }
        #expect(order == Array(11...510))
        #expect(map.simulation.playerCount == 510 && map.simulation.entries.waiting.isEmpty)
        #expect(map.prints.suffix(500) == (11...510).map { "players_\($0)" }, "spawn hooks run in the same order")
        for reader in readers {
            #expect(reader.kinds.count { $0 == .snapshot } == 1)
            #expect(reader.world.count == 510, "the deltas after its snapshot told the others")
        }
    }

    @Test("a tick that sends nothing does not begin a new count")
    func sendRate() throws {
        var files = Self.files
        files["game.yaml"] = "tick_rate: 60\nsend_rate: 20\n"
        let map = try TestMap(files)
        map.join(1)
        let (_, inputs) = joins(2...301)
        var counts: [Int] = []
        for tick in 1...20 {
            let new = snapshots(map.tick(tick == 1 ? inputs : [])).count
            if new > 0 { counts.append(new) }
        }
        #expect(counts == [64, 64, 64, 64, 45], "player 1 is among the first")
    }

    @Test("large snapshots: about 8 MiB with one message, and at least one")
    func bytes() throws {
        /// A map with books whose texts have 30,000 bytes each.
        func map(books: Int) throws -> TestMap {
            let text = JSON.string(String(repeating: "x", count: 30_000))
            let records = (1...books).map {
                EntityRecord(
                    key: EntityKey(.objects, $0), mapID: 1, prefab: "book", x: 2, y: 1, components: ["text": text])
            }
            let map = try TestMap(Self.files, records: records)
            map.join(1)
            return map
        }
        func counts(_ map: TestMap, ticks: Int) -> [Int] {
            (1...ticks).map { tick in
                let inputs = tick == 1 ? joins(2...8).inputs : []
                return snapshots(map.simulation.tick(now: map.now + Double(tick) / 30, inputs: inputs)).count
            }
        }
        #expect(try counts(map(books: 100), ticks: 4) == [3, 3, 1, 0], "three of 3 MB are the first above 8 MiB")
        #expect(try counts(map(books: 300), ticks: 8) == [1, 1, 1, 1, 1, 1, 1, 0])
    }

    @Test("clients that ask for a snapshot wait in turn too, and their other commands don't")
    func reloads() throws {
        let map = try TestMap(Self.files)
        for id in 1...100 { map.join(id, x: 1, y: 1) }
        let step = Command(group: "step", event: "index", commandID: 7, parameters: [:])
        let wishes = (1...100).map { MapInput.reload(UInt64($0)) }
        let again = map.tick(wishes + [.command(100, step, receivedAt: map.now)] + wishes)
        #expect(snapshots(again) == Array(1...64))
        #expect(map.players[100]?.messages.last?.object?["commands"] != nil, "its command ran")
        #expect(snapshots(map.tick()) == Array(65...100))
        #expect(snapshots(map.tick()).isEmpty)
    }

    @Test("who leaves while waiting never was on the map")
    func leave() throws {
        let map = try TestMap(Self.files)
        map.tick(joins(1...70).inputs)
        map.tick([.leave(70)])
        #expect(map.simulation.playerCount == 69)
        map.tick()
        #expect(map.entity("players_70") == nil && map.simulation.entries.waiting.isEmpty)
    }

    @Test("an entity of another map does not wait behind players who join")
    func arrivals() throws {
        let map = try TestMap(Self.files)
        let (_, inputs) = joins(1...200)
        map.tick(inputs)
        let arriving = EntityRecord(key: EntityKey(.enemys, 9), mapID: 1, prefab: "p", x: 1, y: 1)
        map.tick([.arrive(arriving, from: 2)])
        #expect(map.simulation.playerCount == 128)
        #expect(map.entity("enemys_9") != nil)
    }

    @Test("players whose clients have left while they waited take no one's turn")
    func leftMeanwhile() throws {
        let map = try TestMap(Self.files)
        let (_, inputs) = joins(1...300)
        map.tick(inputs)
        map.tick((65...236).map { .leave(UInt64($0)) })
        #expect(map.simulation.playerCount == 128, "64 of the first tick, and 64 who are still there")
        #expect(map.simulation.entries.waiting.isEmpty)
    }

    @Test("a player who waits may send 32 commands; further ones are refused, and none is lost")
    func commands() throws {
        var files = Self.files
        files["events/step/index.lua"] = "--@public true\nprint('step', object.key)"
        let map = try TestMap(files)
        let (_, inputs) = joins(1...65)
        map.tick(inputs)
        #expect(map.simulation.entries.waiting.count == 1)
        let command = Command(group: "step", commandID: 5, parameters: [:])
        let deliveries = map.simulation.tick(
            now: map.now, inputs: (0..<40).map { _ in .command(65, command, receivedAt: map.now) })
        let refused = deliveries.filter { $0.message.kind == .error }
        #expect(refused.count == 0, "all were taken in the tick in which the player joined")
        let (_, more) = joins(66...200)
        map.tick(more)
        #expect(map.simulation.entries.waiting.count == 135 - 64)
        let flood = map.simulation.tick(
            now: map.now, inputs: (0..<40).map { _ in .command(200, command, receivedAt: map.now) })
        #expect(flood.filter { $0.message.kind == .error }.map(\.sink.id) == Array(repeating: 200, count: 8))
        for _ in 0..<8 { map.tick() }
        #expect(map.prints.contains("step\tplayers_200"), "what was kept runs")
    }
}
