import JSONValues
import NIOCore
import SimulationTestKit
import Testing
import Wire
import World

@testable import Simulation

/// Every message of a compact `TestPlayer` is compared with the JSON of the same message; `AgreementTests` has such
/// players too.
@Suite("The compact encoding on a map [1-protocol 7]") struct CompactTests {
    private static let files = [
        "maps/1-field.tmj": TestMaps.empty, "components/hp.lua": "--@type number\n--@default 5\n",
        "components/purse.lua": "--@type json\n--@default {\"gold\":1}\n--@private\n",
        "events/go/index.lua":
            "--@public true\n--@param x number\n--@param y number = 1\nobject.x = data.x\nobject.y = data.y\n",
        "events/go/timeout.lua": "--@share none\nreturn 0\n",
        "events/say/index.lua":
            "--@public true\n--@param n number\nobject.action = 'a' .. data.n\nobject.components.purse.gold = data.n\n",
        "events/say/timeout.lua": "return 0.1\n",
    ]

    private func map(_ settings: String = "", tickRate: Int = 60) throws -> TestMap {
        let files = Self.files.merging(["game.yaml": "tick_rate: 60\nsend_rate: 60\n" + settings]) { $1 }
        let map = try TestMap(files)
        map.compact = Set(1...200)
        return map
    }

    @Test("new texts and shapes reach clients that join early and late", arguments: ["", "view_distance: 4\n"])
    func table(view: String) throws {
        let map = try map(view)
        for round in 0..<40 {
            if round % 8 == 0 { map.join(1 + round / 8) }
            try map.command(1, "say", ["n": .number(Double(round))], id: Double(round))
            try map.command(1, "go", ["x": .number(Double(round % 9) + 0.25)])
        }
        #expect(map.expectAgreement("at the end") == 5)
    }

    @Test("when the table is full, texts are written out; a reload empties it")
    func fullTable() throws {
        let map = try map()
        let player = map.join(1)
        map.join(2)
        for round in 0..<4200 {
            map.simulation.world.set(.side, "s\(round)", slot: 0)
            map.tick()
        }
        #expect(player.world["players_1"]?["side"] == .string("s4199"))
        map.join(3)
        try map.change(["components/hp.lua": "--@type string\n"])
        map.tick()
        #expect(player.kinds.last == .snapshot)
        // The table is empty again: a text gets a number when it is sent first, and is a number from then on.
        func size(of side: String) throws -> Int {
            map.simulation.world.set(.side, side, slot: 0)
            return try #require(map.tick().first { $0.sink === player }?.message.compact?.payload.readableBytes)
        }
        let long = String(repeating: "s", count: 60)
        let first = try size(of: long)
        _ = try size(of: "other")
        #expect(try size(of: long) < first - 50)
        #expect(map.expectAgreement("at the end") == 3)
    }

    @Test("odd numbers: large, tiny, negative, and times that have no ten-thousandths")
    func oddNumbers() throws {
        for settings in ["", "position_decimals: 3\n"] {
            let map = try map(settings)
            map.join(1)
            for x in [-0.001, -7, 1e15, 1e300, 0.333_333_333_3, 123_456.789_012, -1e-9, 16_383.99, 40_000_000.5] {
                map.simulation.world.set(.x, x, slot: 0)
                map.tick()
            }
            for time in [1e300, -5, 0.123_456_789, 1e12] {
                map.simulation.world.setEventTime(time, slot: 0, group: 1, now: map.now)
                map.tick()
            }
            #expect(map.expectAgreement("at the end") == 1)
        }
    }

    @Test(
        "bytes of a changed position: at most 8 with position_decimals, 12 without",
        arguments: [("position_decimals: 2\n", 8.0), ("", 12.0)])
    func bytes(settings: String, most: Double) throws {
        let map = try map(settings)
        for id in 1...150 { map.join(id, x: 1, y: 1) }
        var (total, changes) = (0, 0)
        for round in 0..<20 {
            for slot in 0..<150 {
                let step = Double((slot * 37 + round * 101) % 800)
                map.simulation.world.set(.x, 1 + step / 100, slot: slot)
                map.simulation.world.set(.y, 1 + (799 - step) / 100, slot: slot)
            }
            let message = try #require(map.tick().first?.message)
            total += message.compact?.payload.readableBytes ?? 0
            changes += 150
            #expect(message.payloadSize > 4 * (message.compact?.payload.readableBytes ?? .max / 4))
        }
        #expect(Double(total) / Double(changes) <= most)
    }
}
