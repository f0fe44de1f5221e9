import JSONValues
import SimulationTestKit
import Testing
import Wire
import World

@testable import Simulation

@Suite("What scripts send follows the changes of its tick [1-protocol 7]") struct MessageOrderTests {
    struct Game: Sendable, CustomTestStringConvertible {
        var sendRate = 60
        var view = 0

        var testDescription: String { "send_rate \(sendRate), view_distance \(view)" }

        func map(_ files: [String: String]) throws -> TestMap {
            let settings = [
                "game.yaml": "tick_rate: 60\nsend_rate: \(sendRate)\nview_distance: \(view)\n",
                "components/hp.lua":
                    "--@type number\n--@default 5\nif value < 5 then map.broadcast({key = object.key}) end\n",
                "events/go/timeout.lua": "return 0\n",
            ]
            return try TestMap(settings.merging(files) { $1 })
        }
    }

    static let games = [60, 30, 7, 1].flatMap { [Game(sendRate: $0), Game(sendRate: $0, view: 8)] }

    /// Ways in which a script tells a client of a new entity.
    static let scripts = [
        "local new = objects.add('enemys', {x = 5, y = 6}) object.send({key = new.key})",
        "local new = objects.add('objects', {x = 5, y = 6}) map.broadcast({key = new.key})",
        "for i = 1, 3 do map.broadcast({key = objects.add('animals', {x = 5, y = 6}).key, n = i}) end",
        "objects.add('enemys', {x = 5, y = 6}).components.hp = 1",
        "objects.add('animals', {x = 5, y = 6, prefab = 'greeter'})",
    ]

    /// Fails when a message of a script names an entity that the client does not know at that moment.
    ///
    /// - Returns: How many messages name one.
    private func expectKnown(_ player: TestPlayer) -> Int {
        var known: Set<String> = []
        var named = 0
        for (kind, message) in zip(player.kinds, player.messages) {
            if kind == .snapshot { known = [] }
            for record in EntityKind.allCases.flatMap({ message.object?[$0.name]?.array ?? [] }) {
                guard let record = record.object, let key = record["key"]?.string else { continue }
                if record["action"] == .string("remove"), record["x"] == nil {
                    known.remove(key)
                } else {
                    known.insert(key)
                }
            }
            guard kind == .direct, let key = message.object?["key"]?.string else { continue }
            named += 1
            #expect(known.contains(key), "\(key) at message \(named) of \(player.kinds)")
        }
        return named
    }

    @Test("a message about a new entity never comes before the entity's record", arguments: games, scripts)
    func newEntities(game: Game, script: String) throws {
        let map = try game.map([
            "events/go/index.lua": "--@public true\n\(script)",
            "spawn/animals/greeter.lua": "map.broadcast({key = object.key})",
        ])
        let players = [map.join(1), map.join(2)]
        for wait in 0..<12 {
            try map.command(1, "go")
            for _ in 0..<wait % 3 { map.tick() }
        }
        map.advance(1.1)
        for player in players where player.playerID == 1 || !script.contains("object.send") {
            #expect(expectKnown(player) >= 12)
        }
        #expect(map.errors == [])
    }

    @Test("who joins, and who asks for the whole map, gets a snapshot with the entity first", arguments: games)
    func snapshots(game: Game) throws {
        let map = try game.map([
            "events/go/index.lua":
                "--@public true\nmap.broadcast({key = objects.add('enemys', {x = 5, y = 6}).key})",
            "spawn/players.lua": "map.broadcast({key = object.key, of = 'spawn'})",
        ])
        let first = map.join(1)
        map.advance(1.1)
        let second = map.join(2)
        for _ in 0..<5 {
            map.tick([.reload(first.id)])
            try map.command(1, "go")
        }
        map.advance(1.1)
        #expect(expectKnown(first) == 7)
        #expect(expectKnown(second) == 6)
        #expect(second.kinds.first == .snapshot)
    }

    @Test("messages keep the order in which scripts sent them, to one player and to all", arguments: games)
    func order(game: Game) throws {
        let map = try game.map([
            "events/go/index.lua":
                "--@public true\nfor i = 1, 4 do object.send({n = i}) map.broadcast({all = i}) end"
        ])
        let player = map.join(1)
        for _ in 0..<3 { try map.command(1, "go") }
        map.advance(1.1)
        let once = (1...4).flatMap { [#"{"n":\#($0)}"#, #"{"all":\#($0)}"#] }
        #expect(player.direct.map(\.text) == once + once + once)
    }

    @Test(
        "a message waits for the next delta, and comes at that tick also when nothing changed", arguments: [60, 30, 10])
    func waiting(sendRate: Int) throws {
        let map = try Game(sendRate: sendRate).map(["spawn/objects.lua": "map.broadcast({n = 1})"])
        let player = map.join(1)
        map.advance(1)
        while map.simulation.tickNumber % (60 / sendRate) != 0 { map.tick() }
        let told = player.messages.count
        map.simulation.host.effects.receivers = 1
        try map.simulation.host.effects.broadcast(Array(#"{"n":2}"#.utf8), limit: 1 << 20)
        for _ in 1..<(60 / sendRate) { map.tick() }
        #expect(player.messages.count == told)
        map.tick()
        #expect(player.messages.dropFirst(told).map(\.text) == [#"{"n":2}"#])
    }

    @Test("who leaves gets what was sent to it before, then the reason; the map's last tick sends what waits")
    func leaving() throws {
        let map = try Game(sendRate: 1).map([
            "maps/1-a.tmj": TestMaps.empty, "maps/2-b.tmj": TestMaps.empty,
            "events/go/index.lua": "--@public true\nobject.send({n = 1}) object.map_id = 2",
            "events/out/index.lua": "--@public true\nobject.send({n = 2}) object.remove()",
            "events/say/index.lua": "--@public true\nmap.broadcast({n = 3})",
        ])
        let players = [1, 2, 3].map { map.join($0) }
        map.advance(1.1)
        try map.command(1, "go")
        try map.command(2, "out")
        #expect(players[0].kinds.suffix(2) == [.direct, .reconnect(mapID: 2)])
        #expect(players[1].kinds.suffix(2) == [.direct, .refused])
        try map.command(3, "say")
        #expect(players[2].direct == [])
        for delivery in map.simulation.tick(now: map.now + 0.02, inputs: [.close]) {
            (delivery.sink as? TestPlayer)?.deliver(delivery.message)
        }
        #expect(players[2].direct.map(\.text) == [#"{"n":3}"#])
    }

    @Test("a connection that takes a player over gets what waited for the former one, behind its snapshot")
    func takenOver() throws {
        let map = try Game(sendRate: 1).map([
            "events/go/index.lua": "--@public true\nobject.send({key = objects.add('enemys', {x = 5, y = 6}).key})"
        ])
        let former = map.join(1)
        map.advance(1.1)
        try map.command(1, "go")
        let player = map.join(1)
        map.advance(1.1)
        #expect(former.direct == [])
        #expect(player.direct.count == 1)
        #expect(expectKnown(player) == 1)
    }

    @Test("the bound of what a tick's scripts send holds for all that waits for one delta", arguments: [60, 1])
    func bounded(sendRate: Int) throws {
        let map = try TestMap([
            "game.yaml": "tick_rate: 60\nsend_rate: \(sendRate)\nworld_limit_mb: 1\nevent_time_limit_ms: 10000\n",
            "events/go/index.lua": "--@public true\nobject.send({('x'):rep(400000)})",
            "events/go/timeout.lua": "return 0\n",
        ])
        let player = map.join(1)
        map.advance(1.1)
        while map.simulation.tickNumber % 60 != 0 { map.tick() }
        for _ in 0..<4 { try map.command(1, "go") }
        map.advance(1.1)
        #expect(player.direct.count == (sendRate == 60 ? 4 : 2))
        #expect(map.errors.isEmpty == (sendRate == 60))
        #expect(map.errors.allSatisfy { $0.contains("may send 1 MiB from one delta to the next") }, "\(map.errors)")
        try map.command(1, "go")
        map.advance(1.1)
        #expect(player.direct.count == (sendRate == 60 ? 5 : 3))
    }
}
