import SimulationTestKit
import Testing
import World

@testable import Simulation

@Suite("What the events of sockets may send in one tick") struct SocketBudgetTests {
    private static let settings = "tick_rate: 60\nsend_rate: 60\nworld_limit_mb: 1\nevent_time_limit_ms: 10000\n"

    @Test("events that would send too much in one tick run in the next ones, in order, and none fails")
    func waiting() throws {
        let map = try TestMap([
            "game.yaml": Self.settings, "sockets/say.lua": "io.emit('said', data, string.rep('x', 20000))",
        ])
        let sockets = (0..<4).map { _ in map.connect() }
        for socket in sockets { socket.clear() }
        map.tick((0..<100).map { sockets[$0 % 4].event("say", "\($0)") })
        #expect(map.errors == [] && map.simulation.hasWaitingSockets)
        let first = sockets[0].packets.count
        #expect(first > 20 && first < 30, "half of the limit: \(first)")
        for _ in 0..<4 { map.tick() }
        #expect(map.errors == [] && !map.simulation.hasWaitingSockets)
        for socket in sockets {
            #expect(socket.packets.map { $0.prefix { $0 != "x" } } == (0..<100).map { "[\"said\",\($0),\"" })
        }
    }

    @Test("many sockets that are lost at once all have their disconnect.lua, and the others hear of each")
    func lost() throws {
        let map = try TestMap([
            "game.yaml": Self.settings,
            "sockets/connect.lua": "if #io.sockets == 1 then socket.join('others') end",
            "sockets/disconnect.lua": "io.to('others').emit('left', socket.id, string.rep('x', 8000))",
        ])
        let other = map.connect()
        let lost = (0..<300).map { _ in map.makeSocket() }
        map.tick(lost.map { .socket(.open($0, SocketOpening())) })
        map.tick(lost.map { .socket(.close($0.id, reason: "transport close")) })
        for _ in 0..<5 { map.tick() }
        #expect(map.errors == [] && map.simulation.socketCount == 1)
        #expect(other.packets.count == 300)
    }

    @Test("everyone sees every move of a crowd in the tick in which it was made")
    func crowd() throws {
        let map = try TestMap([
            "game.yaml": Self.settings, "sockets/move.lua": "socket.broadcast.emit('moved', socket.id, data)",
        ])
        let sockets = (0..<200).map { _ in map.makeSocket() }
        map.tick(sockets.map { .socket(.open($0, SocketOpening())) })
        // At 256 for each receiver this would be 4 MiB.
        map.tick(sockets.prefix(80).map { $0.event("move", "1") })
        #expect(map.errors == [] && !map.simulation.hasWaitingSockets)
        #expect(sockets.first?.packets.count == 79 && sockets.last?.packets.count == 80)
    }

    @Test(
        "a packet counts 256 for each receiver, or 16 for one that gets it right behind another of the same target",
        arguments: [
            ("io.emit('a')", 7 + 100 * 256),
            ("for _ = 1, 10 do io.emit('a') end", 10 * 7 + 100 * 256 + 900 * 16),
            ("for _ = 1, 5 do io.emit('a') io.to('all').emit('b') end", 10 * 7 + 1000 * 256),
            ("for _ = 1, 3 do socket.emit('a') end", 3 * 7 + 256 + 2 * 16),
            ("for _ = 1, 3 do socket.broadcast.emit('a') end", 3 * 7 + 99 * 256 + 2 * 99 * 16),
            // The socket itself gets the third packet, but not the second.
            ("io.emit('a') socket.broadcast.emit('b') io.emit('c')", 3 * 7 + 101 * 256 + 99 * 16 + 99 * 16),
        ])
    func cost(code: String, bytes: Int) throws {
        let map = try TestMap(["sockets/connect.lua": "socket.join('all')", "sockets/go.lua": code])
        let sockets = (0..<100).map { _ in map.makeSocket() }
        map.tick(sockets.map { .socket(.open($0, SocketOpening())) })
        map.emit(sockets[0], "go")
        #expect(map.errors == [] && map.simulation.host.effects.spent == bytes)
    }

    @Test(
        "an ack that would send too much is none: the script can give another one, or its client hears that it failed")
    func answer() throws {
        let map = try TestMap([
            "game.yaml": Self.settings,
            "sockets/ask.lua": """
            local text = string.rep("x", 200000)
            local function answer() ack(text, text, text, text, text, text) end
            if data then print(pcall(answer)) ack("too much") else answer() end
            """,
        ])
        let socket = map.connect()
        map.emit(socket, "ask", "1", acknowledgement: 1)
        #expect(socket.texts.last == #"ack 1 ["too much"]"# && map.errors == [], "\(map.errors)")
        #expect(map.prints.last?.contains("the map's scripts may send 1 MiB") == true)
        map.emit(socket, "ask", acknowledgement: 2)
        #expect(socket.texts.last == #"refuse event 2 [{"code":"failed","error":"the event failed"}]"#)
    }

    @Test("one event that sends too much fails alone, and the one behind it has the whole of the next tick")
    func greedy() throws {
        let map = try TestMap([
            "game.yaml": Self.settings,
            "sockets/flood.lua": "for i = 1, 1000 do io.emit('x', string.rep('y', 2000)) end",
            "sockets/calm.lua": "io.emit('calm', string.rep('y', 100000))",
        ])
        let socket = map.connect()
        map.tick([socket.event("flood"), socket.event("calm")])
        #expect(map.errors.count == 1 && map.errors[0].contains("the map's scripts may send 1 MiB"))
        #expect(map.simulation.hasWaitingSockets)
        map.tick()
        #expect(map.errors.count == 1 && socket.packets.last?.hasPrefix(#"["calm""#) == true)
    }
}
