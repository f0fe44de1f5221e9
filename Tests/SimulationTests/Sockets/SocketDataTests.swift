import JSONValues
import LuaSandbox
import SimulationTestKit
import Testing
import Wire
import World

@testable import Simulation

@Suite("socket.data, and what sockets keep when the game changes") struct SocketDataTests {
    private static func map(_ code: String, _ files: [String: String] = [:]) throws -> TestMap {
        try TestMap(["sockets/go.lua": code].merging(files) { $1 })
    }

    @Test("it is empty at first, kept between events, and each socket's own")
    func kept() throws {
        let map = try Self.map(
            """
            local data = socket.data
            data.count = (data.count or 0) + 1
            data.list = data.list or {}
            table.insert(data.list, {n = data.count})
            print(data.count, #data.list, data.list[#data.list].n, next(socket.data) ~= nil)
            """)
        let (first, second) = (map.connect(), map.connect())
        for socket in [first, first, second, first] { map.emit(socket, "go") }
        #expect(
            map.prints.suffix(4) == ["1\t1\t1\ttrue", "2\t2\t2\ttrue", "1\t1\t1\ttrue", "3\t3\t3\ttrue"],
            "\(map.errors)")
    }

    @Test("it is assigned as a whole, and tables of components are copied into it")
    func assigned() throws {
        let map = try Self.map(
            """
            local entity = objects.players_1
            socket.data = {bag = entity.components.bag, x = 1}
            socket.data.bag.gold = 9
            socket.data.again = socket.data.bag
            socket.data.bag.gold = 10
            socket.data.x = nil
            print(entity.components.bag.gold, socket.data.bag.gold, socket.data.again.gold, socket.data.x)
            """, ["components/bag.lua": "--@type json\n--@default {\"gold\": 3}\n"])
        map.join(1)
        map.emit(map.connect(), "go")
        #expect(map.prints.last == "3\t10\t9\tnil", "\(map.errors)")
    }

    @Test(
        "it holds JSON values up to 16 KiB; what is too large changes nothing",
        arguments: [
            ("socket.data.text = string.rep('x', 17000)", "a socket's data may hold about 16 KiB"),
            ("socket.data = {string.rep('x', 17000)}", "a socket's data may hold about 16 KiB"),
            ("socket.data.f = print", "function"), ("socket.data.s = socket", "a socket can't be a value; give its id"),
            ("socket.data[true] = 1", "a key of a json component must be text or a whole number"),
        ])
    func bounded(code: String, message: String) throws {
        let map = try Self.map(
            "socket.data.ok = socket.data.ok or 1 if data then print(socket.data.ok) return end \(code)")
        let socket = map.connect()
        map.emit(socket, "go")
        #expect(map.errors.count == 1 && map.errors[0].contains(message), "\(map.errors)")
        map.emit(socket, "go", "true")
        #expect(map.prints.last == "1")
    }

    @Test("it counts towards the weight of the map, until the socket is gone")
    func weight() throws {
        let map = try Self.map("socket.data.text = string.rep('x', 10000)")
        let before = map.simulation.world.weight.total
        let socket = map.connect()
        map.emit(socket, "go")
        #expect(map.simulation.world.weight.total - before > 10_000)
        map.emit(socket, "go")
        #expect(map.simulation.world.weight.total - before < 11_000)
        map.disconnect(socket)
        #expect(map.simulation.world.weight.total == before)
    }

    @Test("the names of a socket's rooms count as well, until it leaves them or is gone")
    func rooms() throws {
        let map = try Self.map(
            """
            for i = 1, 100 do
              local room = string.rep('r', 100) .. i
              if data == 'leave' then socket.leave(room) else socket.join(room) end
            end
            """, ["game.yaml": "tick_rate: 60\nsend_rate: 60\nworld_limit_mb: 1\nevent_time_limit_ms: 10000\n"])
        let weight = map.simulation.world.weight
        let before = weight.total
        let socket = map.connect()
        for _ in 0..<2 { map.emit(socket, "go") }
        #expect(weight.total - before > 10_000 && weight.total - before < 20_000, "joining twice counts once")
        map.emit(socket, "go", #""leave""#)
        #expect(weight.total == before)
        map.emit(socket, "go")
        map.disconnect(socket)
        #expect(weight.total == before && map.errors == [])
        for _ in 0..<100 { map.emit(map.connect(), "go") }
        #expect(map.errors.last?.contains("may weigh about 1 MiB (world_limit_mb)") == true)
        #expect(weight.total <= weight.limit)
    }

    @Test("what a client gave to connect is forgotten once the connection is accepted")
    func auth() throws {
        let map = try Self.map("print(socket.login)", ["sockets/connect.lua": "print(data.name)"])
        let name: JSONObject = ["name": .string("Anna")]
        let socket = map.connect(SocketOpening(login: "anna", auth: .object(name)))
        #expect(map.prints == ["Anna"])
        let opening = map.simulation.sockets[socket.id]?.opening
        #expect(opening?.auth == .null && opening?.login == "anna")
    }

    @Test("a script that keeps a socket, its data or a target longer than the socket is there gets clear errors")
    func gone() throws {
        let map = try TestMap([
            "lib/kept.lua": "kept = {} function keep(...) kept = {...} end function get(i) return kept[i] end",
            "sockets/connect.lua": "socket.data.t = {n = 1} keep(socket, socket.data.t, io.to('r'), socket.to('r'))",
            "sockets/try.lua": """
            print(get(1).connected, exists(get(1)))
            for _, code in ipairs({function() get(1).emit('x') end, function() return get(2).n end,
                function() return get(1).broadcast.emit('x') end}) do
              print(select(2, pcall(code)))
            end
            get(3).emit('kept')
            get(4).emit('kept')
            """,
        ])
        let other = map.connect()
        let socket = map.connect()
        map.disconnect(socket)
        map.emit(other, "try")
        let prints = map.prints.suffix(4)
        #expect(prints.first == "false\tfalse")
        #expect(prints.dropFirst().map { $0.hasSuffix("this socket is gone") } == [true, false, true], "\(prints)")
        #expect(prints[prints.startIndex + 2].hasSuffix("socket s2 is gone"))
        #expect(map.errors == [])
    }

    @Test("a hot reload keeps sockets, their data and rooms; new scripts run at once")
    func reload() throws {
        let map = try Self.map("socket.data.n = 5 socket.join('r') print('old')", ["lib/a.lua": "a = 1"])
        let socket = map.connect()
        map.emit(socket, "go")
        try map.change(["sockets/go.lua": "print('new', socket.data.n, socket.rooms[1])", "lib/a.lua": "a = 2"])
        map.emit(socket, "go")
        #expect(map.prints.last == "new\t5\tr" && socket.texts == ["accept"], "\(map.errors)")
        try map.change(["sockets/go.lua": "print("])
        map.emit(socket, "go")
        #expect(map.prints.last == "new\t5\tr", "a version that does not compile is not taken")
        try map.change(["sockets/go.lua": nil])
        map.emit(socket, "go", acknowledgement: 1)
        #expect(socket.texts.last == #"refuse event 1 [{"code":"unknown_event","error":"there is no event 'go'"}]"#)
    }

    @Test("a new VM keeps sockets, their data and rooms")
    func rebuilt() throws {
        let map = try Self.map(
            "if data then print(socket.data.n, socket.rooms[1], type(io)) else socket.data.n = 5 socket.join('r') end",
            [
                "game.yaml": "memory_limit_mb: 1\ntick_rate: 60\nsend_rate: 60\n",
                "events/fill/index.lua": "--@public true\n\(TestMap.fill)",
            ])
        map.join(1)
        let socket = map.connect()
        map.emit(socket, "go")
        try map.fillUntilRebuilt()
        map.emit(socket, "go", "true")
        #expect(map.prints.last == "5\tr\ttable", "\(map.errors)")
    }

    @Test("targets that scripts hold have a bound; those that are used at once have none")
    func heldTargets() throws {
        let map = try Self.map(
            """
            if data == "use" then for i = 1, 20000 do io.to("r" .. i).emit("x") end end
            if data == "keep" then kept = {} for i = 1, 20000 do kept[i] = io.to("k" .. i) end end
            if data == "drop" then kept = nil end
            """, ["game.yaml": "tick_rate: 60\nsend_rate: 60\nevent_time_limit_ms: 10000\n"])
        let socket = map.connect()
        let targets = { map.simulation.sockets.targets }
        map.emit(socket, "go", #""use""#)
        #expect(map.errors == [] && targets().weight <= SocketTargets.maxWeight, "\(map.errors)")
        map.emit(socket, "go", #""keep""#)
        #expect(map.errors.count == 1 && map.errors[0].contains("keep the names of their rooms instead"))
        #expect(targets().weight <= SocketTargets.maxWeight && targets().weight > SocketTargets.maxWeight / 2)
        map.emit(socket, "go", #""drop""#)
        map.emit(socket, "go", #""use""#)
        #expect(map.errors.count == 1 && targets().weight <= SocketTargets.maxWeight)
    }

    @Test("targets that no script holds are forgotten")
    func targets() throws {
        let map = try Self.map("for i = 1, 3000 do io.to('r' .. i).emit('x') end kept = io.to('kept') print('ok')")
        let socket = map.connect()
        map.emit(socket, "go")
        #expect(map.simulation.sockets.targets.isCrowded)
        for _ in 0..<3 {
            map.simulation.host.sandbox.collectGarbage()
            map.tick()
        }
        #expect(!map.simulation.sockets.targets.isCrowded && map.errors == [])
    }
}
