import JSONValues
import SimulationTestKit
import Testing
import World

@testable import Simulation

@Suite("The global event: from_client in events, data in timeout formulas [2-lua-api 7]") struct RunningEventTests {
    static let files = [
        "events/a/go.lua": "--@public true\n--@param n number = 4\nprint(event.from_client, data.n)",
        "events/a/index.lua": "print(event.from_client, event.data)",
        "events/a/timeout.lua": "return event.data and event.data.n or 0",
    ]

    private func map() throws -> TestMap {
        let map = try TestMap(Self.files)
        map.join(1)
        return map
    }

    @Test("a client's event is from a client, with a command_id or without") func fromClient() throws {
        for id in [nil, 7.0] {
            let map = try map()
            try map.command(1, "a/go", ["n": .number(0)], id: id)
            map.tick()
            #expect(map.prints == ["true\t0"])
        }
    }

    @Test(
        "a script's is not, however it is made",
        arguments: [
            "object.events.add('a', 'go', {n = 0})", "object.events.a.action = 'go' object.events.a.data = {n = 0}",
            "map.event(1, object.key, 'a', 'go', {n = 0})",
        ])
    func fromScript(_ script: String) throws {
        let map = try map()
        map.script(script)
        map.tick()
        #expect(map.prints == ["false\t0"], "\(map.errors)")
    }

    @Test("a script's event that replaces a client's is the script's, new data alone change nothing")
    func replaced() throws {
        let map = try map()
        try map.command(1, "a/go", ["n": .number(5)])
        try map.command(1, "a/go", ["n": .number(1)])
        map.script("object.events.a.data = {n = 2}")
        map.advance(4.1)
        try map.command(1, "a/go", ["n": .number(3)])
        map.script("object.events.add('a', 'go', {n = 9})")
        map.advance(2.1)
        #expect(map.prints == ["true\t5", "true\t2", "false\t9"], "\(map.errors)")
    }

    @Test("a pending event keeps it in its record, over a reload and in another map") func kept() throws {
        let map = try map()
        try map.command(1, "a/go", ["n": .number(9)])
        try map.command(1, "a/go", ["n": .number(3)])
        let entity = try #require(map.entity("players_1"))
        var record = try #require(map.simulation.world.record(of: entity))
        #expect(record.events["a"]?.isFromClient == true)
        try map.change(["events/b/index.lua": "local x"])
        #expect(map.simulation.world.record(of: entity)?.events["a"]?.isFromClient == true)
        record.events["a"]?.time = 0
        let other = try TestMap(Self.files, records: [])
        record.key = EntityKey(.enemys, 5)
        record.login = nil
        other.tick([.arrive(record, from: nil)])
        other.tick()
        #expect(other.prints == ["true\t3"])
    }

    @Test("a client's event is the client's when it is queued again after its script failed or was away")
    func queuedAgain() throws {
        let map = try map()
        let source = Self.files["events/a/go.lua"]
        try map.change(["events/a/go.lua": "--@public true\n--@param n number = 4\nerror('no')"])
        try map.command(1, "a/go", ["n": .number(0)])
        try map.change(["events/a/go.lua": source])
        map.tick()
        #expect(map.prints == ["true\t0"], "\(map.errors)")
        try map.command(1, "a/go", ["n": .number(9)])
        try map.command(1, "a/go", ["n": .number(0)])
        try map.change(["events/a/go.lua": nil])
        try map.change(["events/a/go.lua": source])
        map.advance(10)
        #expect(map.prints == ["true\t0", "true\t9", "true\t0"], "\(map.errors)")
    }

    @Test(
        "a formula has the data however it comes to them, and none are packed for one that reads other fields only",
        arguments: [
            ("return event.data.n", true), ("local e = event return e['da' .. 'ta'].n", true),
            ("return seconds(event)", true),
            ("for k, v in pairs(event) do if type(v) == 'table' then n = v.n end end return n", true),
            ("return event['\\100ata'].n", true), ("return getfenv().event.data.n", true),
            ("return event.from_client and 1 or 7", false),
            ("return event.action == 'go' and event.group == 'a' and 7", false),
        ])
    func reading(formula: String, isReading: Bool) throws {
        let map = try TestMap([
            "events/a/go.lua": "--@param n number\nlocal x", "events/a/timeout.lua": formula,
            "lib/a.lua": "function seconds(e) return e.data.n end",
        ])
        map.join(1)
        map.script("object.events.add('a', 'go', {n = 7}) print(object.events.a.timeout())")
        #expect(map.prints == ["7"], "\(map.errors)")
        #expect(map.simulation.host.scripts["events/a/timeout.lua"]?.readsEventData == isReading)
    }

    @Test("a formula sees the data of the event that runs, and of the pending one when it is asked") func data() throws
    {
        let map = try map()
        map.script("object.events.add('a', 'go', {n = 2}) print(object.events.a.timeout())")
        #expect(map.prints == ["2"])
        map.tick()
        let slot = Int(try #require(map.entity("players_1")).slot)
        #expect(abs(map.simulation.world.state(slot, 0).time - map.now - 2) < 0.001)
        map.script("print(object.events.a.timeout())")
        #expect(map.prints == ["2", "false\t2", "0"])
    }

    @Test("defaults are there, an event without parameters has an empty table, an idle group has none")
    func defaults() throws {
        let map = try TestMap([
            "events/a/go.lua": "--@param n number = 4\nlocal x", "events/a/index.lua": "local x",
            "events/a/timeout.lua": "print(event.data and event.data.n, event.data and next(event.data)) return 1",
        ])
        map.join(1)
        map.script("object.events.a.timeout() object.events.a.action = 'go' object.events.a.timeout()")
        map.script("object.events.a.action = 'index' object.events.a.timeout()")
        #expect(map.prints.prefix(2) == ["nil\tnil", "4\tn"])
        #expect(map.prints.last == "nil\tnil")
        #expect(map.errors == [])
    }

    @Test("a formula may change its copy, not the event's data") func copy() throws {
        let map = try TestMap([
            "events/a/go.lua": "--@param n number\nprint(data.n)",
            "events/a/timeout.lua": "event.data.n = 7 return 1",
        ])
        map.join(1)
        map.script("object.events.add('a', 'go', {n = 1})")
        map.tick()
        #expect(map.prints == ["1"] && map.errors == [])
    }
}
