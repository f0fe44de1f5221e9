import JSONValues
import SimulationTestKit
import Testing
import Wire
import World

@testable import Simulation

@Suite("Socket events") struct SocketEventTests {
    @Test("data is the first argument, args has all, and neither is left over for the next event")
    func arguments() throws {
        let map = try TestMap(["sockets/say.lua": "print(type(data), #args, args[1], args[2], ack)"])
        let socket = map.connect()
        map.emit(socket, "say", #""a",2"#)
        map.emit(socket, "say", #"{"x":1}"#)
        map.emit(socket, "say")
        map.emit(socket, "say", "null,true")
        #expect(
            map.log.suffix(4) == [
                "string\t2\ta\t2\tnil", "table\t1\ttable\tnil\tnil", "nil\t0\tnil\tnil\tnil", "nil\t2\tnil\ttrue\tnil",
            ], "\(map.errors)")
    }

    @Test("events of one tick run in the order in which they came, and what they send leaves with that tick")
    func order() throws {
        let map = try TestMap(["sockets/say.lua": "io.emit('said', socket.id, data)"])
        let (first, second) = (map.connect(), map.connect())
        map.tick([first.event("say", "1"), second.event("say", "2"), first.event("say", "3")])
        let expected = [#"["said","s1",1]"#, #"["said","s2",2]"#, #"["said","s1",3]"#]
        #expect(first.packets == expected && second.packets == expected)
        #expect(first.flushes == 2, "one for the connection, one for the packets")
    }

    @Test("ack answers once, with any values; without a wish it is nil")
    func acknowledged() throws {
        let map = try TestMap([
            "sockets/ask.lua": """
            if not ack then return print("no wish") end
            ack("yes", {n = data}, nil)
            local fine, message = pcall(ack)
            print(message)
            """
        ])
        let socket = map.connect()
        map.emit(socket, "ask", "5", acknowledgement: 0)
        #expect(socket.texts.last == #"ack 0 ["yes",{"n":5},null]"#)
        #expect(map.log.last?.hasSuffix("this event has its answer already; ack can be called once") == true)
        map.emit(socket, "ask", "5")
        #expect(map.log.last == "no wish" && map.errors == [])
    }

    @Test("an ack that a script kept belongs to its event alone")
    func keptAck() throws {
        let map = try TestMap([
            "lib/kept.lua": "function keep(f) kept = f end function use(...) kept(...) end",
            "sockets/first.lua": "keep(ack)", "sockets/second.lua": "use(1)",
        ])
        let socket = map.connect()
        map.emit(socket, "first", acknowledgement: 1)
        map.emit(socket, "second", acknowledgement: 2)
        #expect(map.errors.last?.contains("this ack is of an event that is over") == true)
        #expect(socket.texts.last == #"refuse event 2 [{"code":"failed","error":"the event failed"}]"#)
    }

    @Test(
        "each event that fails or is unknown is refused, with its number if it has no answer; unknown ones are logged once"
    )
    func refused() throws {
        let map = try TestMap(["sockets/bad.lua": "nobody.knows()", "sockets/late.lua": "ack(1) nobody.knows()"])
        let socket = map.connect()
        map.emit(socket, "bad", acknowledgement: 1)
        map.emit(socket, "bad")
        map.emit(socket, "late", acknowledgement: 2)
        for name in ["fly", "fly", "disconnect", "connect"] { map.emit(socket, name, acknowledgement: 3) }
        let failed = #"[{"code":"failed","error":"the event failed"}]"#
        let unknown = #"refuse event 3 [{"code":"unknown_event","error":"there is no event 'fly'"}]"#
        #expect(
            socket.texts.dropFirst().prefix(6) == [
                "refuse event 1 \(failed)", "refuse event - \(failed)", "ack 2 [1]", "refuse event - \(failed)",
                unknown,
                unknown,
            ])
        let reserved = #"refuse event 3 [{"code":"unknown_event","error":"there is no event 'connect'"}]"#
        #expect(socket.texts.last == reserved)
        #expect(map.simulation.sockets.eventsRefused == 4 && map.simulation.sockets.eventsRun == 3)
        #expect(map.log.count { $0.contains("sent the event 'fly'") } == 1)
        #expect(map.simulation.log.errors.first?.entity == "socket s1")
        #expect(map.errors.first?.hasPrefix("sockets/bad.lua:1:") == true, "\(map.errors)")
    }

    @Test("a flood of names fills no log")
    func names() throws {
        let map = try TestMap(["sockets/move.lua": "print(1)"])
        let socket = map.connect()
        for number in 0..<100 { map.emit(socket, "no\(number)" + String(repeating: "x", count: 1000)) }
        #expect(map.simulation.sockets.eventsRefused == 100)
        let lines = map.log.filter { $0.contains("sent the event") }
        #expect(lines.count == 20 && lines.allSatisfy { $0.utf8.count < 400 })
    }

    @Test("an event of a script that is suspended, because it failed for several clients, is no refusal of its client")
    func suspended() throws {
        let map = try TestMap(["sockets/bad.lua": "nobody.knows()"])
        let socket = map.connect()
        for _ in 0..<CompiledScript.maxFailuresInARow { map.emit(socket, "bad") }
        for _ in 0..<2 {
            map.emit(socket, "bad", acknowledgement: 1)
            #expect(socket.texts.last == #"refuse event 1 [{"code":"failed","error":"the event failed"}]"#)
            map.emit(map.connect(), "bad")
        }
        let count = socket.texts.count
        map.emit(socket, "bad")
        map.emit(socket, "bad", acknowledgement: 1)
        #expect(
            socket.texts.dropFirst(count) == [#"ack 1 [{"code":"failed","error":"the event failed too often"}]"#])
        #expect(map.errors.last?.contains("is not run until it is changed or resumed") == true)
    }

    @Test("one client can't end an event for the others, with as many connections as it likes")
    func oneFails() throws {
        let map = try TestMap([
            "sockets/connect.lua": "if data.bad then error('no') end",
            "sockets/kick.lua": "print(io.sockets[data])",
            "sockets/disconnect.lua": "if socket.data.bad then error('no') end",
            "sockets/spoil.lua": "socket.data.bad = true",
        ])
        let guest = SocketOpening(auth: .object(["bad": .bool(true)]), address: "10.0.0.1")
        let player = SocketOpening(login: "anna", playerID: 7, address: "10.0.0.2")
        for number in 0..<CompiledScript.maxFailuresInARow {
            map.connect(guest)
            // The player has other addresses.
            let bad = map.connect(SocketOpening(login: "anna", playerID: 7, address: "10.0.1.\(number)"))
            map.emit(bad, "spoil")
            map.emit(bad, "kick", "5")
            map.disconnect(bad)
        }
        #expect(map.errors.count { $0.contains("is not run until") } == 0)
        let other = map.connect(player)
        map.emit(other, "kick", #""x""#)
        map.disconnect(other)
        #expect(map.simulation.scriptTimings.allSatisfy { !$0.isSuspended })
    }

    @Test("a success forgives the failures of all clients")
    func forgiven() throws {
        let map = try TestMap(["sockets/kick.lua": "print(io.sockets[data])"])
        let sockets = (0..<4).map { _ in map.connect() }
        for socket in sockets { map.emit(socket, "kick", "5") }
        map.emit(sockets[0], "kick", #""x""#)
        for _ in 0..<CompiledScript.maxFailuresInARow { map.emit(sockets[0], "kick", "5") }
        map.emit(sockets[1], "kick", "5")
        #expect(map.simulation.scriptTimings.allSatisfy { !$0.isSuspended })
        map.emit(sockets[2], "kick", "5")
        #expect(map.simulation.scriptTimings.contains { $0.isSuspended })
    }

    @Test("when scripts have taken their time of a tick, the other events wait, in order, and count as waiting")
    func budget() throws {
        let map = try TestMap(
            [
                "game.yaml": "tick_rate: 16\nsend_rate: 16\ntick_limit_ms: 10\n",
                "sockets/work.lua": "os.clock() os.clock() print(data)",
            ], clockStepNs: 2_000_000)
        let socket = map.connect()
        map.tick(
            (1...8).map { socket.event("work", "\($0)") })
        #expect(map.log.filter { Int($0) != nil } == ["1", "2", "3"])
        #expect(map.simulation.sockets.backlog.count == 5 && map.simulation.nextWake == map.now)
        map.disconnect(socket)
        #expect(map.simulation.socketCount == 1, "its events come first")
        for _ in 0..<3 { map.tick() }
        #expect(map.log.filter { Int($0) != nil } == (1...8).map(String.init))
        #expect(map.simulation.socketCount == 0)
    }

    @Test("an event's time is limited, and its script's costs are counted")
    func limits() throws {
        let map = try TestMap(["sockets/loop.lua": "while true do end", "sockets/fine.lua": "print(1)"])
        let socket = map.connect()
        map.emit(socket, "loop", acknowledgement: 1)
        #expect(map.simulation.log.errors.last?.kind == "time_limit")
        map.emit(socket, "fine")
        let timing = map.simulation.scriptTimings.first { $0.script == "sockets/fine.lua" }
        #expect(timing?.current.count == 1)
    }

    @Test("a socket's script changes the world as an event does")
    func world() throws {
        let map = try TestMap([
            "components/hp.lua": "--@type number\n--@default 5\n",
            "sockets/hit.lua": "objects[data].components.hp = 3 objects[data].send({hit = true})",
        ])
        let player = map.join(1)
        let socket = map.connect()
        map.emit(socket, "hit", #""players_1""#)
        #expect(player.world["players_1"]?["components"]?.object?["hp"] == .number(3))
        #expect(player.direct.map(\.text) == [#"{"hit":true}"#], "\(map.errors)")
    }

    @Test("what a tick left waiting is weighed once, and counts until it has its turn")
    func leftWaiting() {
        var backlog = SocketBacklog()
        let (sink, text) = (TestSocket(id: 1, socketID: "a"), String(repeating: "x", count: 1000))
        let event = SocketInput.event(1, name: "x", arguments: [.string(text)], acknowledgement: nil)
        let weight = WaitingInputs.weight + 1 + 16 + 1000
        for _ in 0..<3 { backlog.append(event) }
        backlog.append(.open(sink, SocketOpening(address: "10.0.0.1")))
        backlog.append(.close(1, reason: "transport close"))
        #expect(backlog.shares[.socketEvents] == InputShare(count: 3, bytes: 3 * weight))
        #expect(backlog.shares[.openings] == InputShare(count: 1, bytes: WaitingInputs.weight + 8))
        _ = backlog.removeFirst()
        #expect(backlog.shares[.socketEvents] == InputShare(count: 2, bytes: 2 * weight) && backlog.count == 4)
        let inbox = Inbox()
        _ = inbox.takeAll(
            holding: [], [.socketEvents: InputShare(count: WaitingInputs.socketEvents.count - 1, bytes: 0)])
        #expect(inbox.put(.socket(event)).taken && !inbox.put(.socket(event)).taken)
        #expect(inbox.takeAll().count == 1 && inbox.put(.socket(event)).taken)
        while backlog.removeFirst() != nil {}
        #expect(backlog.shares.values.allSatisfy { $0 == .none } && backlog.isEmpty)
    }

    @Test("what waits for the map's next tick is bounded; that a connection is gone is always taken")
    func waiting() {
        var waiting = WaitingInputs()
        func put(_ input: MapInput) -> Bool { waiting.put(input, input.waitingRule) }
        let big = MapInput.socket(
            .event(1, name: "x", arguments: [.string(String(repeating: "x", count: 8 << 20))], acknowledgement: nil))
        #expect(put(big) && put(big) && put(big) && !put(big))
        #expect(put(.socket(.event(1, name: "x", arguments: [], acknowledgement: nil))))
        #expect(put(.socket(.close(1, reason: "transport close"))))
        let sink = TestSocket(id: 1, socketID: "a")
        let opened = (0...WaitingInputs.openings.count).map { _ in put(.socket(.open(sink, SocketOpening()))) }
        #expect(opened.count { $0 } == WaitingInputs.openings.count)
    }
}
