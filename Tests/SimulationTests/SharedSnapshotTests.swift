import JSONValues
import NIOCore
import SimulationTestKit
import Testing
import Wire
import World

@testable import Simulation

@Suite("Snapshots that several players get in one tick") struct SharedSnapshotTests {
    private static let text = JSON.string(String(repeating: "x", count: 30_000))

    private func map(viewDistance: Int) throws -> TestMap {
        try TestMap(
            [
                "game.yaml": "tick_rate: 60\nsend_rate: 60\nview_distance: \(viewDistance)\n",
                "maps/1-field.tmj": TestMaps.empty, "components/text.lua": "--@type string\n",
                "components/purse.lua": "--@type number\n--@default 1\n--@private\n--@entities players\n",
            ],
            records: [
                EntityRecord(
                    key: EntityKey(.objects, 1), mapID: 1, prefab: "book", x: 2, y: 1,
                    components: ["text": Self.text])
            ])
    }

    private func record(_ id: Int) -> EntityRecord {
        EntityRecord(key: EntityKey(.players, id), login: "player\(id)", mapID: 1, prefab: "Player", x: 1, y: 1)
    }

    @Test(
        "they share one buffer, with and without view_distance, and each has its own player's record",
        arguments: [0, 5])
    func shared(viewDistance: Int) throws {
        let map = try map(viewDistance: viewDistance)
        let players = [1, 2].map { TestPlayer(id: SessionID($0), playerID: $0) }
        let deliveries = map.tick(players.map { .join(record($0.playerID), $0) })
        let snapshots = deliveries.map(\.message).filter { $0.kind == .snapshot }
        #expect(snapshots.count == 2)
        let tails = try snapshots.map { try #require($0.plain.tail) }
        #expect(tails[0].shared === tails[1].shared)
        for snapshot in snapshots {
            #expect(snapshot.plain.head.readableBytes < 2000, "the rest is in the part in common")
        }
        for player in players {
            #expect(Set(player.world.keys) == ["players_1", "players_2", "objects_1"])
            #expect(player.world["objects_1"]?["components"]?.object?["text"] == Self.text)
            let own = player.world["players_\(player.playerID)"]
            let other = player.world["players_\(3 - player.playerID)"]
            #expect(own?["components"]?.object?["purse"] == .number(1) && own?["sides"] != nil)
            #expect(other?["components"]?.object?["purse"] == nil && other?["sides"] == nil)
        }
        // The next tick's snapshot has a buffer of its own.
        let later = map.tick([.reload(1)]).map(\.message).filter { $0.kind == .snapshot }
        #expect(later.first?.plain.tail.map { $0.shared === tails[0].shared } == false)
    }

    @Test(
        "compressed for clients that accept it, once for all, except what only the receiver may know",
        arguments: [0, 5])
    func compressed(viewDistance: Int) throws {
        let map = try map(viewDistance: viewDistance)
        let players = (1...4).map { TestPlayer(id: SessionID($0), playerID: $0, acceptsDeflate: $0 < 4) }
        let snapshots = map.tick(players.map { .join(record($0.playerID), $0) }).map(\.message)
            .filter { $0.kind == .snapshot }
        #expect(snapshots.count == 4)
        let frames = try snapshots.prefix(3).map { try #require($0.deflated) }
        #expect(Set(frames.compactMap { $0.tail?.shared.map { ObjectIdentifier($0) } }).count == 1)
        for (frame, snapshot) in zip(frames, snapshots) {
            #expect(frame.size < snapshot.size / 10)
            // Uncompressed, it can be found as it is.
            let text = String(decoding: frame.payload.readableBytesView, as: UTF8.self)
            #expect(text.contains(#""purse":1"#) && text.contains(#""timeouts":{}"#) && !text.contains("xxxx"))
        }
        #expect(players.allSatisfy { $0.world.count == 5 })
    }

    @Test("a tick compresses a bounded part of its snapshots; what is beyond stays plain", arguments: [0, 5])
    func bound(viewDistance: Int) throws {
        let map = try map(viewDistance: viewDistance)
        let most = SnapshotCompressor.maxBytes
        for id in 2...40 {
            let book = EntityRecord(
                key: EntityKey(.objects, id), mapID: 1, prefab: "book", x: 2, y: 1, components: ["text": Self.text])
            _ = try map.simulation.world.add(book, now: map.now)
        }
        let player = TestPlayer(id: 1, playerID: 1, acceptsDeflate: true)
        let snapshot = try #require(map.tick([.join(record(1), player)]).first?.message)
        let deflated = try #require(snapshot.deflated)
        #expect(deflated.size > snapshot.size - most && deflated.size < snapshot.size - most * 9 / 10)
        #expect(player.world.count == 41)
        let far = (2...5).map { TestPlayer(id: SessionID($0), playerID: $0, acceptsDeflate: true) }
        let others = map.tick(
            far.map { player in
                var record = record(player.playerID)
                record.x = Double(player.playerID) / 4
                return .join(record, player)
            }
        ).map(\.message).filter { $0.kind == .snapshot }
        #expect(others.count == 4)
        #expect(others.count { $0.deflated != nil } == (viewDistance == 0 ? 4 : 1))
        #expect(far.allSatisfy { $0.world.count == 45 })
    }

    @Test("one copy of the records for all clients of the compact encoding, and no memory of a burst stays")
    func compact() throws {
        for viewDistance in [0, 5] {
            let map = try map(viewDistance: viewDistance)
            let players = (1...40).map { TestPlayer(id: SessionID($0), playerID: $0, isCompact: true) }
            for id in 2...40 {
                let book = EntityRecord(
                    key: EntityKey(.objects, id), mapID: 1, prefab: "book", x: 2, y: 1,
                    components: ["text": Self.text])
                _ = try map.simulation.world.add(book, now: map.now)
            }
            let snapshots = map.tick(players.map { .join(record($0.playerID), $0) }).map(\.message)
                .filter { $0.kind == .snapshot }
            // About 1.2 MB each: seven of them fit into one message of the world.
            #expect(snapshots.count > 3)
            let tails = try snapshots.map { try #require($0.compact?.tail) }
            #expect(tails.allSatisfy { $0.shared === tails[0].shared })
            for snapshot in snapshots { #expect(snapshot.adding(member: Array(#""a":1"#.utf8)).compact?.tail != nil) }
            for _ in 1...20 { map.tick() }
            #expect(players.allSatisfy { $0.world.count == 80 })
            let buffers = map.simulation.deltas.bufferBytes + map.simulation.views.bufferBytes
            #expect(buffers < 3 << 20, "buffers keep \(buffers) bytes")
        }
    }

    @Test("where the view differs, nothing is shared")
    func otherPlace() throws {
        let map = try map(viewDistance: 5)
        let players = [1, 2].map { TestPlayer(id: SessionID($0), playerID: $0) }
        var second = record(2)
        second.x = 3
        let deliveries = map.tick([.join(record(1), players[0]), .join(second, players[1])])
        let shared = deliveries.compactMap { $0.message.plain.tail?.shared }
        #expect(shared.count == 2 && shared[0] !== shared[1])
    }

    @Test("a short snapshot is one buffer of its own")
    func short() throws {
        let map = try TestMap(["maps/1-field.tmj": TestMaps.empty])
        let player = TestPlayer(id: 1, playerID: 1)
        let snapshot = map.tick([.join(record(1), player)]).first?.message
        #expect(snapshot?.kind == .snapshot && snapshot?.plain.tail == nil)
    }
}
