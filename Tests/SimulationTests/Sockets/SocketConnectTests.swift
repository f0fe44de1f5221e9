import JSONValues
import SimulationTestKit
import Testing
import Wire
import World

@testable import Simulation

@Suite("Sockets come and go") struct SocketConnectTests {
    @Test("a client is accepted first, then gets what connect.lua sent, and the others hear of it")
    func accepted() throws {
        let map = try TestMap([
            "sockets/connect.lua": """
            socket.emit("welcome", socket.id, socket.connected)
            io.emit("joined", {id = socket.id, login = socket.login, player = socket.player_id, from = socket.address})
            """
        ])
        let first = map.connect(SocketOpening(login: "anna", playerID: 7, address: "10.0.0.1"))
        #expect(
            first.texts == [
                "accept", #"42["welcome","s1",true]"#,
                #"42["joined",{"from":"10.0.0.1","id":"s1","login":"anna","player":7}]"#,
            ], "\(map.errors)")
        let second = map.connect()
        #expect(first.texts.last == #"42["joined",{"from":"","id":"s2"}]"#)
        #expect(second.texts.first == "accept" && second.packets.count == 2)
        #expect(map.simulation.socketCount == 2)
    }

    @Test("without connect.lua all clients are accepted")
    func noScript() throws {
        let map = try TestMap(["sockets/move.lua": "print(socket.id, data)"])
        let socket = map.connect()
        #expect(socket.texts == ["accept"])
        map.emit(socket, "move", "3")
        #expect(map.log.last == "s1\t3")
    }

    @Test(
        "a client is refused with a reason, gets nothing else, and no disconnect.lua runs for it",
        arguments: [
            ("return false", "the game refused the connection"), ("return 'the game is full'", "the game is full"),
            ("socket.disconnect()", "the game refused the connection"),
            ("error('no')", "the game could not take the connection"),
        ])
    func refused(code: String, reason: String) throws {
        let map = try TestMap([
            "sockets/connect.lua": "socket.join('a') socket.emit('x') \(code)",
            "sockets/disconnect.lua": "print('gone')", "sockets/move.lua": "print('moved')",
        ])
        let socket = map.makeSocket()
        map.tick([
            .socket(.open(socket, SocketOpening())),
            socket.event("move", acknowledgement: 1),
            .socket(.close(socket.id, reason: "transport close")),
        ])
        #expect(socket.texts == ["refuse \(reason)"])
        map.tick()
        #expect(!map.log.contains("gone") && !map.log.contains("moved"))
        #expect(map.simulation.socketCount == 0 && !map.simulation.hasClients)
    }

    @Test("true, nil and a table accept")
    func acceptedResults() throws {
        for result in ["true", "nil", "{}", "1"] {
            let map = try TestMap(["sockets/connect.lua": "return \(result)"])
            #expect(map.connect().texts == ["accept"])
        }
    }

    @Test("what the client gave to connect is data, an empty table without it")
    func auth() throws {
        let map = try TestMap(["sockets/connect.lua": "print(type(data), data.name)"])
        map.connect(SocketOpening(auth: .object(["name": .string("Anna")])))
        map.connect()
        #expect(map.log.suffix(2) == ["table\tAnna", "table\tnil"])
    }

    @Test("a socket that exists already is refused")
    func twice() throws {
        let map = try TestMap(["sockets/connect.lua": "print('hello')"])
        let socket = map.connect()
        map.tick([.socket(.open(TestSocket(id: 9, socketID: socket.socketID), SocketOpening()))])
        let other = TestSocket(id: socket.id, socketID: "new")
        map.tick([.socket(.open(other, SocketOpening()))])
        #expect(other.texts == ["refuse this socket exists already"] && map.log.count { $0 == "hello" } == 1)
    }

    @Test("disconnect.lua sees the reason, data and rooms, and sends to the others alone")
    func disconnected() throws {
        let map = try TestMap([
            "sockets/connect.lua": "socket.data.name = 'n' .. socket.id socket.join('r')",
            "sockets/disconnect.lua": """
            print(reason, socket.connected, socket.data.name, socket.rooms[1], #io.sockets, io.sockets[socket.id])
            socket.emit("lost")
            io.emit("left", socket.id)
            socket.to("r").emit("room", socket.id)
            io.to(socket.id).emit("lost")
            socket.disconnect()
            """,
        ])
        let (first, second) = (map.connect(), map.connect())
        first.clear()
        map.disconnect(first, reason: "ping timeout")
        #expect(map.log.last == "ping timeout\tfalse\tns1\tr\t1\tnil", "\(map.errors)")
        #expect(first.texts == [])
        #expect(second.packets == [#"["left","s1"]"#, #"["room","s1"]"#])
        map.disconnect(first)
        #expect(map.log.count { $0.hasPrefix("ping") } == 1 && map.errors == [])
    }

    @Test("a script ends connections, its own too: what was sent before arrives, and disconnect.lua runs for each")
    func ended() throws {
        let map = try TestMap([
            "sockets/all.lua": """
            for id, other in pairs(io.sockets) do
              other.emit("bye")
              other.disconnect()
              other.emit("lost")
            end
            print(#io.sockets)
            """, "sockets/disconnect.lua": "print(socket.id, reason)", "sockets/late.lua": "print('late')",
        ])
        let sockets = (0..<3).map { _ in map.connect() }
        for socket in sockets { socket.clear() }
        map.tick([
            sockets[1].event("all"),
            sockets[1].event("late"),
        ])
        for socket in sockets { #expect(socket.texts == [#"42["bye"]"#, "disconnect"]) }
        let reason = "server namespace disconnect"
        #expect(map.log.suffix(4) == ["0", "s1\t\(reason)", "s2\t\(reason)", "s3\t\(reason)"], "\(map.errors)")
        #expect(map.simulation.socketCount == 0)
    }

    @Test("when an event of an entity ends a connection, disconnect.lua runs in the next tick")
    func endedByEvent() throws {
        let map = try TestMap([
            "events/go/index.lua": "--@public true\nfor _, other in pairs(io.sockets) do other.disconnect() end",
            "sockets/disconnect.lua": "print('gone', reason)",
        ])
        map.join(1)
        let socket = map.connect()
        try map.command(1, "go")
        #expect(socket.texts == ["accept", "disconnect"] && !map.log.contains { $0.hasPrefix("gone") })
        #expect(map.simulation.hasWaitingSockets)
        map.tick()
        #expect(map.log.last == "gone\tserver namespace disconnect")
    }

    @Test("when the map ends, each socket has its disconnect.lua and is closed, and no client comes any more")
    func closed() throws {
        let map = try TestMap([
            "sockets/connect.lua": "print('new')",
            "sockets/disconnect.lua": "print(socket.id, reason) io.emit('left', socket.id)",
        ])
        let (first, second, late) = (map.connect(), map.connect(), map.makeSocket())
        map.tick([.socket(.open(late, SocketOpening())), .close])
        #expect(late.texts == ["close"])
        #expect(map.log.suffix(2) == ["s1\tserver shutting down", "s2\tserver shutting down"])
        for socket in [first, second] { #expect(socket.texts == ["accept", "close"]) }
        #expect(map.simulation.socketCount == 0)
    }

    @Test("when another map becomes the start map, all sockets are closed there, and no client comes any more")
    func startMapMoved() throws {
        let map = try TestMap([
            "maps/1-field.tmj": TestMaps.empty, "maps/2-cave.tmj": TestMaps.empty,
            "sockets/disconnect.lua": "print(socket.id, reason)", "sockets/move.lua": "print('moved')",
        ])
        let socket = map.connect()
        try map.change(["game.yaml": "tick_rate: 60\nsend_rate: 30\n"])
        #expect(socket.texts == ["accept"] && map.simulation.socketCount == 1, "\(map.errors)")
        try map.change(["game.yaml": "tick_rate: 60\nsend_rate: 30\nstart_map: 2\n"])
        #expect(socket.texts == ["accept", "close"] && map.simulation.socketCount == 0)
        #expect(map.log.contains("s1\tserver shutting down"))
        map.emit(socket, "move")
        #expect(map.connect().texts == ["close"] && !map.log.contains("moved"))
        try map.change(["game.yaml": "tick_rate: 60\nsend_rate: 30\n"])
        #expect(map.connect().texts == ["accept"])
    }

    @Test("scripts that were stopped keep no client connected or waiting")
    func stopped() throws {
        let map = try TestMap(["sockets/disconnect.lua": "print('gone')"])
        let (socket, late) = (map.connect(), map.makeSocket())
        map.simulation.stopper.stop()
        map.tick([.socket(.open(late, SocketOpening())), .close])
        #expect(socket.texts == ["accept", "close"] && late.texts == ["close"])
        #expect(map.simulation.socketCount == 0 && !map.log.contains("gone"))
    }

    @Test("a map with sockets ticks on, and sleeps when they are gone")
    func ticking() throws {
        let map = try TestMap(["sockets/move.lua": "print(1)"])
        #expect(map.simulation.nextWake == nil && !map.simulation.hasClients)
        let socket = map.connect()
        #expect(map.simulation.nextWake == map.now && map.simulation.hasClients)
        map.disconnect(socket)
        #expect(map.simulation.nextWake == nil && !map.simulation.hasClients)
    }

    @Test("while connect.lua does not compile, or is suspended, no client is accepted")
    func broken() throws {
        let map = try TestMap(["sockets/connect.lua": "return ("])
        #expect(map.connect().texts == ["refuse the game takes no connections now"])
        let failing = try TestMap(["sockets/connect.lua": "nobody.knows()"])
        for _ in 0..<CompiledScript.maxFailuresInARow {
            #expect(failing.connect().texts == ["refuse the game could not take the connection"])
        }
        #expect(failing.connect().texts == ["refuse the game takes no connections now"])
    }
}
