import JSONValues
import SimulationTestKit
import Testing
import World

@testable import Simulation

@Suite("events in a script [2-lua-api 5]") struct EventScriptTests {
    /// Time 0 of the map's clock is 1,700,000,000; scripts run about a second later.
    static let reading = [
        ScriptCase(
            "M11.1, M11.5: pairs gives every declared group, also those never added",
            "local g = {} for name, event in pairs(object.events) do g[#g + 1] = name end table.sort(g) print(table.concat(g, ' '))",
            prints: ["disconnect heal move note save testing"]),
        ScriptCase(
            "M11.1: in the order in which groups run",
            "local g = {} for name in pairs(object.events) do g[#g + 1] = name end print(g[#g], #keys(object.events))",
            prints: ["move\t6"]),
        ScriptCase(
            "M11.1: next walks them too",
            "local n, k = 0, next(object.events) while k do n = n + 1 k = next(object.events, k) end print(n)",
            prints: ["6"]),
        ScriptCase(
            "M11.6: event.action ~= nil leaves the queued ones",
            "object.events.add('heal') for name, event in pairs(object.events) do if event.action ~= nil then print(name, event.action) end end",
            prints: ["heal\tindex"]),
        ScriptCase(
            "M11.4: a group that never was used",
            "local e = object.events.move print(e.action, e.data, e.command_id, e.time)", prints: ["nil\tnil\tnil\t0"]),
        ScriptCase(
            "5: an unknown group", "print(object.events.fly)",
            error: "there is no event group 'fly'; there are disconnect, heal, move, note, save, testing"),
        ScriptCase(
            "5: an unknown field of a group", "print(object.events.move.speed)",
            error:
                "an event group has no field 'speed'; it has action, data, command_id, time, remove(), timeout(), resetTime(seconds), resetTimeout()"
        ),
        ScriptCase(
            "3: the same group is one value",
            "print(object.events.move == object.events.move, object.events.move == object.events.heal, object.events.move == objects.players_2.events.move)",
            prints: ["true\tfalse\tfalse"]),
        ScriptCase(
            "5: while it runs an event is off the entity, its group's time is its timeout away",
            "print(object.events.testing.action, math.floor((object.events.testing.time - microtime()) * 1000 + 0.5))",
            prints: ["nil\t1000"]),
    ]

    static let adding = [
        ScriptCase(
            "M11.2, M11.4: the event is index when not given",
            "object.events.add('heal') print(object.events.heal.action, object.events.heal.data.life, object.events.heal.data.why)",
            prints: ["index\t1\trest"]),
        ScriptCase(
            "M11.2: nil for the event with parameters",
            "object.events.add('heal', nil, {life = 3}) print(object.events.heal.action, object.events.heal.data.life)",
            prints: ["index\t3"]),
        ScriptCase(
            "M11.2: parameters and defaults",
            "object.events.add('move', 'to', {x = 7}) local d = object.events.move.data print(object.events.move.action, d.x, d.y)",
            prints: ["to\t7\t3"]),
        ScriptCase(
            "M11.2: on any entity",
            "objects.enemys_1.events.add('heal') print(objects.enemys_1.events.heal.action, object.events.heal.action)",
            prints: ["index\tnil"]),
        ScriptCase(
            "M11.3: one a group: it replaces what was pending",
            "object.events.add('move', 'up') object.events.add('move', 'to', {x = 1}) print(object.events.move.action, object.events.move.data.x)",
            prints: ["to\t1"]),
        ScriptCase(
            "5: a missing mandatory parameter", "object.events.add('move', 'to', {y = 1})",
            error: "move/to needs parameter 'x' (number)"),
        ScriptCase(
            "5: no parameters where one is mandatory", "object.events.add('move', 'to')",
            error: "move/to needs parameter 'x' (number)"),
        ScriptCase(
            "5: an undeclared parameter", "object.events.add('move', 'to', {x = 1, speed = 2})",
            error: "move/to declares no parameter 'speed'; it declares x, y"),
        ScriptCase(
            "5: a parameter of the wrong type", "object.events.add('move', 'to', {x = 'far'})",
            error: "parameter 'x' of move/to must be a number, got string"),
        ScriptCase(
            "5: a parameter of type table takes no number", "object.events.add('note', 'index', {text = '', more = 5})",
            error: "parameter 'more' of note/index must be a table, got number"),
        ScriptCase(
            "5: a parameter of type boolean takes no number",
            "object.events.add('note', 'index', {text = '', flag = 1})",
            error: "parameter 'flag' of note/index must be a boolean, got number"),
        ScriptCase(
            "5: a parameter of type any takes all values",
            "for _, v in ipairs({1, 'a', true, {1}}) do object.events.add('note', nil, {text = '', any = v}) print(type(object.events.note.data.any)) end",
            prints: ["number", "string", "boolean", "table"]),
        ScriptCase(
            "5: parameters as a list", "object.events.add('heal', 'index', {1})",
            error: "data must be a table of named parameters, got an array"),
        ScriptCase(
            "5: parameters that are no table", "object.events.add('heal', 'index', 5)",
            error: "data must be a table, got 5"),
        ScriptCase(
            "5: parameters of a json component",
            "object.components.bag = {life = 4} object.events.add('heal', 'index', object.components.bag) print(object.events.heal.data.life)",
            prints: ["4"]),
        ScriptCase(
            "5: an unknown group", "object.events.add('fly')",
            error: "there is no event group 'fly'; there are disconnect, heal, move, note, save, testing"),
        ScriptCase(
            "5: an unknown event", "object.events.add('move', 'back')",
            error: "group 'move' has no event 'back'; it has to, up"),
        ScriptCase(
            "5: a group without index", "object.events.add('move')",
            error: "group 'move' has no event 'index'; it has to, up"),
        ScriptCase("5: a group that is no text", "object.events.add(5)", error: "group must be a string, got 5"),
        ScriptCase(
            "5: an event that is no text", "object.events.add('move', {})", error: "event must be a string, got table"),
        ScriptCase(
            "5: a function among the parameters", "object.events.add('note', nil, {text = print})",
            error: "text: a function is not allowed here"),
        ScriptCase(
            "5: a refused add leaves what was pending",
            "object.events.add('move', 'up') pcall(object.events.add, 'move', 'to', {}) print(object.events.move.action)",
            prints: ["up"]),
        ScriptCase(
            "M11.3: remove(group) resets, time stays",
            "object.events.move.time = 7 object.events.add('move', 'up') object.events.remove('move') local e = object.events.move print(e.action, e.data, e.command_id, e.time)",
            prints: ["nil\tnil\tnil\t7"]),
        ScriptCase(
            "M11.3: removing where nothing is pending is no error",
            "object.events.remove('move') object.events.move.remove() object.events.move = nil", prints: []),
        ScriptCase(
            "5: removing an unknown group", "object.events.remove('fly')", error: "there is no event group 'fly'"),
        ScriptCase(
            "5: only nil can be assigned to a group", "object.events.move = 'up'",
            error:
                "only nil can be assigned to an event group, it takes the pending event off; use events.add(group, event, data)"
        ),
        ScriptCase("5: an unknown group = nil", "object.events.fly = nil", error: "there is no event group 'fly'"),
    ]

    static let assigning = [
        ScriptCase(
            "5: time = text", "object.events.heal.time = '5'",
            error: "time must be a number of seconds from 0 (Unix time; 0 is the next tick), got string"),
        ScriptCase("5: time = NaN", "object.events.heal.time = 0/0", error: "time must be a number of seconds from 0"),
        ScriptCase("5: time below 0", "object.events.heal.time = -1", error: "time must be a number of seconds from 0"),
        ScriptCase(
            "M11.7: action = a number", "object.events.heal.action = 5",
            error: "action must be the name of an event of group 'heal' (index), got 5"),
        ScriptCase(
            "M11.7: command_id = nil neither", "object.events.move.command_id = nil",
            error: "command_id is formed by the client"),
        ScriptCase(
            "5: data = 5", "object.events.add('heal') object.events.heal.data = 5", error: "data must be a table, got 5"
        ),
        ScriptCase(
            "5: data = a table",
            "object.events.add('move', 'to', {x = 1}) object.events.move.data = {x = 5, y = 6} print(object.events.move.data.x, object.events.move.data.y)",
            prints: ["5\t6"]),
        ScriptCase(
            "5: data with an undeclared parameter", "object.events.add('heal') object.events.heal.data = {hp = 1}",
            error: "heal/index declares no parameter 'hp'; it declares life, why"),
        ScriptCase(
            "5: data where nothing is pending", "object.events.heal.data = {life = 1}",
            error: "group 'heal' has no pending event whose data could be set; use events.add"),
        ScriptCase(
            "5: data that is read is a copy",
            "object.events.add('heal') object.events.heal.data.life = 9 print(object.events.heal.data.life)",
            prints: ["1"]),
        ScriptCase(
            "5: an unknown field can't be assigned", "object.events.move.speed = 1",
            error: "an event group has no field 'speed'"),
        ScriptCase(
            "5: functions can't be replaced", "object.events.move.remove = nil",
            error: "an event group has no field 'remove'"),
        ScriptCase(
            "M11.8: resetTime(s) is now + s, fractions and less than 0 too",
            "local e = object.events.move e.resetTime(2.5) print(math.floor((e.time - microtime()) * 10 + 0.5)) e.resetTime(-1) print(math.floor(e.time - microtime() + 0.5)) e:resetTime(1) print(math.floor(e.time - microtime() + 0.5))",
            prints: ["25", "-1", "1"]),
        ScriptCase(
            "5: resetTime takes a finite number", "object.events.move.resetTime(0/0)",
            error: "seconds must be a finite number"),
        ScriptCase(
            "5: resetTime takes no text", "object.events.move.resetTime('1')",
            error: "seconds must be a finite number, got string"),
        ScriptCase(
            "M11.9: resetTimeout() is now + timeout()",
            "local e = object.events.move e.resetTimeout() print(math.floor((e.time - microtime()) * 100 + 0.5))",
            prints: ["25"]),
    ]

    @Test("reading groups", arguments: reading)
    func reads(_ example: ScriptCase) throws { try example.check() }

    @Test("adding and removing", arguments: adding)
    func adds(_ example: ScriptCase) throws { try example.check() }

    @Test("fields and functions of a group", arguments: assigning)
    func assigns(_ example: ScriptCase) throws { try example.check() }

    @Test("M11.9: the documentation's sample")
    func sample() throws {
        let map = try ScriptWorld.map([
            "events/resurrect/index.lua":
                "--@public false\n--@param life number = 1\nif object.components.hp <= 0 then object.components.hp = data.life end"
        ])
        try map.command(2, "move/to", ["x": .number(9), "y": .number(9)])
        try map.command(2, "move/to", ["x": .number(1), "y": .number(1)])
        map.script(
            """
            objects['players_2'].components.hp = 0
            objects['players_2'].events.add('resurrect', 'index', {life = 2})
            objects['players_2'].events['move'] = nil
            """)
        map.advance(0.1)
        let entity = try #require(map.entity("players_2"))
        #expect(map.simulation.world.component("hp", of: entity) == .number(2))
        #expect(map.errors == [])
    }

    @Test("M11.4: command_id is the sender's clock while a client's event is pending")
    func commandID() throws {
        let map = try ScriptWorld.map()
        try map.command(2, "move/up")
        try map.command(2, "move/up", id: 1_670_069_589_900)
        map.advance(0.3)
        try map.command(2, "move/up", id: 1)
        try map.command(2, "move/up", id: 1_670_069_589_901)
        try map.change([
            "events/look/index.lua":
                "local e = objects.players_2.events.move print(e.action, string.format('%.0f', e.command_id or -1))"
        ])
        try map.simulation.world.addEvent(group: "look", to: try #require(map.entity("players_1")), now: map.now)
        map.tick()
        #expect(map.prints == ["up\t1670069589901"])
    }
}
