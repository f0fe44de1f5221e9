import GameRules
import JSONValues
import NIOCore
import SimulationTestKit
import Testing
import Wire
import World

@testable import Simulation

@Suite("What scripts send to sockets") struct SocketSendingTests {
    /// Three sockets, of which the first sends an event whose script is this code; returns their packets.
    private func send(_ code: String, before: String = "") throws -> [[String]] {
        let map = try TestMap(["sockets/connect.lua": before, "sockets/go.lua": code])
        let sockets = (0..<3).map { _ in map.connect() }
        for socket in sockets { socket.clear() }
        map.emit(sockets[0], "go")
        #expect(map.errors == [])
        return sockets.map(\.packets)
    }

    @Test(
        "who gets an event",
        arguments: [
            ("io.emit('x')", [1, 1, 1]), ("socket.emit('x')", [1, 0, 0]), ("socket.broadcast.emit('x')", [0, 1, 1]),
            ("io.to('even').emit('x')", [0, 1, 0]), ("io.to('odd').emit('x')", [1, 0, 1]),
            ("socket.to('odd').emit('x')", [0, 0, 1]), ("socket.broadcast.to('odd').emit('x')", [0, 0, 1]),
            ("io.to('odd').to('even').to('odd').emit('x')", [1, 1, 1]), ("io.except('odd').emit('x')", [0, 1, 0]),
            ("socket.to('odd').except('s3').emit('x')", [0, 0, 0]), ("io.to('s2').emit('x')", [0, 1, 0]),
            ("io.to('nobody').emit('x')", [0, 0, 0]), ("socket.broadcast.except('even').emit('x')", [0, 0, 1]),
            ("io.sockets.s3.emit('x')", [0, 0, 1]), ("socket:emit('x')", [1, 0, 0]),
            ("io:to('even'):emit('x')", [0, 1, 0]),
            ("socket.leave('odd') io.to('odd').emit('x')", [0, 0, 1]),
            ("socket.join('even') io.to('even').emit('x')", [1, 1, 0]),
            ("io.to('odd').emit('x') socket.leave('odd') socket.join('odd')", [1, 0, 1]),
            ("local odd = io.to('odd') odd.emit('x') socket.leave('odd') odd.emit('x')", [1, 0, 2]),
        ])
    func receivers(code: String, counts: [Int]) throws {
        let before = "socket.join(tonumber(string.sub(socket.id, 2)) % 2 == 0 and 'even' or 'odd')"
        #expect(try send(code, before: before).map(\.count) == counts)
    }

    @Test("all JSON values can be sent, with nil as null and array() as a list")
    func values() throws {
        let sent = try send(
            """
            socket.emit("odd name: äöü", nil, true, 1.5, "text", {a = {1, 2}, b = {}}, array({}), nil)
            socket.emit("data", socket.data, objects.count())
            """, before: "socket.data.list = array({}) socket.data.deep = {1, {x = 2}}")
        #expect(
            sent[0] == [
                #"["odd name: äöü",null,true,1.5,"text",{"a":[1,2],"b":{}},[],null]"#,
                #"["data",{"deep":[1,{"x":2}],"list":[]},0]"#,
            ])
    }

    @Test(
        "what can't be sent or named is an error that says what is allowed, and sends nothing",
        arguments: [
            ("socket.emit()", "the event's name must be a string, got nil"),
            ("socket.emit(5)", "the event's name must be a string, got 5"),
            ("io.emit('')", "io.emit: an event's name must not be empty"),
            ("socket.broadcast.emit('disconnect')", "the event 'disconnect' is Socket.IO's own; choose another name"),
            ("io.emit(string.rep('x', 129))", "an event's name may have 128 bytes"),
            ("io.emit('x', print)", "function"), ("io.emit('x', socket)", "a socket can't be a value; give its id"),
            ("io.emit('x', 0/0)", "finite"),
            ("io.emit('x', unpack({1,2,3,4,5,6,7,8,9,10,11,12,13,14,15}))", "io.emit takes 14 values"),
            ("io.emit('x', unpack({1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17}))", "io.emit takes 14 values"),
            ("socket.join()", "a room must be a string, got nil"),
            ("socket.join('')", "a room's name must not be empty"),
            ("io.to(string.rep('x', 200))", "a room's name may have 128 bytes, and this one has 200"),
            ("socket.join('a', 'b')", "socket.join takes room; it does not know argument 2"),
            ("for i = 1, 200 do socket.join('r' .. i) end", "a socket may be in 128 rooms"),
            ("local t = io for i = 1, 100 do t = t.to('r' .. i) end", "a target may name 64 rooms"),
            ("socket.id = 3", "a socket's fields can't be assigned, but for data"),
            ("socket.hp = 3", "a socket's fields can't be assigned, but for data"),
            ("print(socket.hp)", "a socket has no field 'hp'; it has id, login"),
            ("io.open('/etc/passwd')", "scripts reach no files"), ("io.send('x')", "io has no field 'send'"),
            ("io.sockets.x = 1", "io.sockets has the sockets by id, and can't be changed"),
            ("socket.data = 5", "a socket's data must be a table, got 5"),
            ("for _, s in ipairs(io.sockets) do end", "io.sockets has sockets by id, not by number"),
        ])
    func refused(code: String, message: String) throws {
        let map = try TestMap(["sockets/go.lua": "io.emit('before')\n\(code)"])
        let socket = map.connect()
        map.emit(socket, "go")
        #expect(map.errors.count == 1 && map.errors[0].contains(message), "\(map.errors)")
        #expect(map.errors.first?.hasPrefix("sockets/go.lua:2:") == true)
        #expect(socket.packets == [#"["before"]"#], "what was sent before an error arrives")
    }

    @Test("scripts may send no event that clients take for something else, and receive none that is refused as such")
    func reserved() { #expect(SocketEvents.reserved == SocketEvent.reservedNames) }

    @Test("every function with a fixed number of arguments refuses one more")
    func extraArguments() throws {
        let owners = [
            "Socket": "socket.", "SocketBroadcast": "socket.broadcast.", "SocketTarget": "io.to('a').", "IO": "io.",
        ]
        for owner in ScriptAPI.socketClasses where !owner.members.isEmpty {
            let prefix = try #require(owners[owner.name])
            for member in owner.members {
                guard let function = member.function, function.parameters.last?.name != "..." else { continue }
                let count = function.parameters.count + 1
                let arguments = repeatElement("'x'", count: count).joined(separator: ", ")
                let map = try TestMap(["sockets/go.lua": "\(prefix)\(member.name)(\(arguments))"])
                map.emit(map.connect(), "go")
                let expected = "does not know argument \(count) (a string)"
                #expect(map.errors.count == 1 && map.errors[0].contains(expected), "\(member.name) \(map.errors)")
            }
        }
    }

    @Test("sends count against what scripts may send: bytes, and 16 for each receiver of a packet that follows another")
    func bounded() throws {
        let map = try TestMap([
            "game.yaml": "world_limit_mb: 1\nevent_time_limit_ms: 10000\n",
            "sockets/flood.lua": "for i = 1, 1000 do io.emit('x', string.rep('y', 2000)) end",
            "sockets/calm.lua": "io.emit('calm')",
        ])
        let sockets = (0..<4).map { _ in map.connect() }
        map.emit(sockets[0], "flood")
        #expect(map.errors.last?.contains("the map's scripts may send 1 MiB from one delta to the next") == true)
        let count = sockets[0].packets.count
        #expect(count > 400 && count < 1 << 20 / (2000 + 4 * 16), "\(count)")
        map.emit(sockets[0], "calm")
        #expect(sockets[1].packets.last == #"["calm"]"#, "the next tick has its own bound")
    }

    @Test("a packet is made once, and sockets that get the same run share its bytes")
    func shared() throws {
        let map = try TestMap([
            "sockets/go.lua": "for i = 1, 3 do io.emit('x', i) end socket.emit('own') io.emit('x', 4)"
        ])
        let sockets = (0..<3).map { _ in map.connect() }
        for socket in sockets { socket.clear() }
        map.emit(sockets[0], "go")
        #expect(sockets.map { $0.runs.count } == [3, 1, 1])
        #expect(sockets[0].packets == [#"["x",1]"#, #"["x",2]"#, #"["x",3]"#, #"["own"]"#, #"["x",4]"#])
        #expect(sockets[1].packets == (1...4).map { "[\"x\",\($0)]" })
        let addresses = sockets.dropFirst().map { socket in
            socket.runs[0].frames.withUnsafeReadableBytes { UInt(bitPattern: $0.baseAddress) }
        }
        #expect(addresses[0] == addresses[1])
        let frames = sockets[1].runs[0].frames
        #expect(frames.readableBytes == sockets[1].runs[0].bytes)
        #expect(Array(frames.readableBytesView.prefix(2)) == [0x81, UInt8(#"42["x",1]"#.utf8.count)])
    }

    @Test("everyone but the mover gets a move: the others share the bytes, and the mover has the rest of them")
    func movers() throws {
        let map = try TestMap(["sockets/move.lua": "socket.broadcast.emit('moved', socket.id)"])
        let sockets = (0..<4).map { _ in map.connect() }
        map.tick(sockets.prefix(3).map { $0.event("move") })
        #expect(sockets.map { $0.runs.count } == [1, 2, 1, 1])
        #expect(sockets[1].packets == [#"["moved","s1"]"#, #"["moved","s3"]"#])
        #expect(sockets[3].packets.count == 3)
    }

    @Test("a loop over io.sockets gives them in the order in which they connected, also when it ends some")
    func loop() throws {
        let map = try TestMap([
            "sockets/go.lua": """
            local seen = {}
            for id, other in pairs(io.sockets) do
              seen[#seen + 1] = id
              if id == "s2" or id == "s3" then io.sockets.s3.disconnect() end
              if id == "s2" then other.disconnect() end
            end
            print(table.concat(seen, " "), #io.sockets, io.sockets.s2, socket == io.sockets.s1, exists(socket))
            """
        ])
        let sockets = (0..<4).map { _ in map.connect() }
        map.emit(sockets[0], "go")
        #expect(map.prints.last == "s1 s2 s4\t2\tnil\ttrue\ttrue", "\(map.errors)")
    }

    @Test("io is there in every script of a game with sockets, and goes with the last file of sockets/")
    func everywhere() throws {
        let map = try TestMap([
            "events/say/index.lua": "--@public true\nprint(type(io)) if io then io.emit('said') end",
            "lib/a.lua": "has = io ~= nil", "sockets/move.lua": "print(1)",
        ])
        map.join(1)
        let socket = map.connect()
        try map.command(1, "say")
        #expect(socket.packets == [#"["said"]"#] && map.prints.last == "table", "\(map.errors)")
        try map.change(["sockets/move.lua": nil])
        try map.command(1, "say")
        map.advance(1)
        #expect(map.prints.last == "nil")
        try map.change(["sockets/go.lua": "print(has)"])
        try map.command(1, "say")
        map.advance(1)
        map.emit(socket, "go")
        #expect(map.prints.suffix(2) == ["table", "true"] && map.errors == [], "\(map.log) \(map.errors)")
    }
}
