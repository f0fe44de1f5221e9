import SimulationTestKit
import Testing
import World

@testable import Simulation

/// The tables of the requirements, row by row, in the words of the requirements; `ScriptWorld` gives `hp` 5.
@Suite("The requirements' tables of what scripts can do") struct RequirementTableTests {
    /// A script that loops over `objects` with `key` and `value`, runs `body` for `enemys_1`, and then `last`.
    private static func loop(_ body: String, then last: String) -> String {
        "for key, value in pairs(objects) do if key == 'enemys_1' then \(body) end end \(last)"
    }

    static let objectsTable = [
        ScriptCase(
            "M9.4: value = nil does nothing, value is a copy",
            loop("value = nil", then: "print(objects.enemys_1.key)"), prints: ["enemys_1"]),
        ScriptCase(
            "M9.4: objects[key] = nil works: destroys the object",
            loop("objects[key] = nil", then: "print(objects.enemys_1, objects.count())"), prints: ["nil\t5"]),
        ScriptCase(
            "M9.4: objects[key].remove() works",
            loop("objects[key].remove()", then: "print(objects.enemys_1, objects.count())"), prints: ["nil\t5"]),
        ScriptCase(
            "M9.4: the copy value also has all functions that affect the original",
            loop("value.remove()", then: "print(objects.enemys_1, objects.count())"), prints: ["nil\t5"]),
        ScriptCase(
            "M9.4: objects[key].position() returns coordinates as a string x,y,z",
            loop("print(objects[key].position(), type(value.position()))", then: ""), prints: ["2,2,0\tstring"]),
        ScriptCase(
            "M9.4: packets can be sent only to players",
            "for key, value in pairs(objects) do if objects[key].type == 'players' then objects[key].send({key = 'value'}) end end"
        ),
        ScriptCase(
            "M9.4: … not to others", loop("objects[key].send({key = 'value'})", then: ""),
            error: "only players can be sent to; this is enemys_1"),
        ScriptCase(
            "M9.4: only tables can be sent", "objects.players_2.send(5)", error: "send takes a table, got 5"),
        ScriptCase(
            "M9.4: nested sub-tables are supported", "objects.players_2.send({a = {b = {c = {1, {d = true}}}}})"),
        ScriptCase(
            "M9.4: value.x = 160 works, x is a reference to the original's property",
            loop("value.x = 160", then: "print(objects.enemys_1.x, objects.enemys_2.x)"), prints: ["160\t8"]),
        ScriptCase(
            "M9.4: objects[key].x = 160 is the same",
            loop("objects[key].x = 160", then: "print(objects.enemys_1.x, objects.enemys_2.x)"), prints: ["160\t8"]),
        ScriptCase(
            "M9.4: objects[key]['x'] = 160 is identical to the line above",
            loop("objects[key]['x'] = 160", then: "print(objects.enemys_1.x, objects.enemys_2.x)"), prints: ["160\t8"]),
        ScriptCase(
            "M9.4: component = 1 in the inner loop does nothing",
            loop(
                "for key2, component in pairs(value['components']) do component = 1 end",
                then: "print(objects.enemys_1.components.hp)"), prints: ["5"]),
        ScriptCase(
            "M9.4: value['components'][key] = 1 in the same loop works",
            loop(
                "for key2, component in pairs(value['components']) do if key2 == 'hp' then value['components'][key2] = 1 end end",
                then: "print(objects.enemys_1.components.hp, objects.enemys_2.components.hp)"), prints: ["1\t5"]),
    ]

    static let fieldsTable = [
        ScriptCase(
            "M9.9: object.x = 160 sets x",
            "for k, object in pairs(objects) do if k == 'animals_3' then object.x = 160 end end print(objects.animals_3.x, objects.objects_4.x)",
            prints: ["160\t7"]),
        ScriptCase(
            "M9.9: v['x'] = 160 is the same",
            "for k, v in pairs(objects) do if k == 'animals_3' then v['x'] = 160 end end print(objects.animals_3.x)",
            prints: ["160"]),
        ScriptCase(
            "M9.9: object.position() is a string x,y,z",
            "for k, object in pairs(objects) do if k == 'animals_3' then print(object.position()) end end",
            prints: ["5,7,0"]),
        ScriptCase(
            "M9.9: object = nil has no effect, it is a copy",
            "for k, object in pairs(objects) do object = nil end print(objects.count(), object.key)",
            prints: ["6\tplayers_1"]),
        ScriptCase(
            "M9.9: object.remove() deletes the object, the same as objects[k] = nil",
            "for k, object in pairs(objects) do if k == 'animals_3' then object.remove() elseif k == 'objects_4' then objects[k] = nil end end "
                + "print(objects.animals_3, objects.objects_4, objects.count())",
            prints: ["nil\tnil\t4"]),
        ScriptCase(
            "M9.9: numbers and text can be changed by plain assignment",
            "object.x = 1.5 object.y = -2 object.z = 3 object.sort = 4 object.side = 'up' object.action = 'run' object.prefab = 'orc' "
                + "print(object.x, object.y, object.z, object.sort, object.side, object.action, object.prefab)",
            prints: ["1.5\t-2\t3\t4\tup\trun\torc"]),
        ScriptCase(
            "M9.9: components can not", "object.components = {}", error: "components of an entity can't be assigned"),
        ScriptCase("M9.9: events can not", "object.events = {}", error: "events of an entity can't be assigned"),
    ]

    /// `for group, event in pairs(object.events)` with `heal/index` pending, whose parameter `life` is 9.
    private static func events(_ body: String, then last: String = "") -> String {
        """
        object.events.add('heal', nil, {life = 9}) object.events.heal.time = 7
        for group, event in pairs(object.events) do if group == 'heal' then \(body) end end
        local heal = object.events.heal \(last)
        """
    }

    static let groupsTable = [
        ScriptCase(
            "M11.7: event = nil has no effect",
            events("event = nil", then: "print(heal.action, heal.data.life, heal.time)"), prints: ["index\t9\t7"]),
        ScriptCase(
            "M11.7: event.remove() works, the entry stays with action, data, command_id nulled",
            events(
                "event.remove()",
                then: "print(heal.action, heal.data, heal.command_id, heal.time, #keys(object.events))"),
            prints: ["nil\tnil\tnil\t7\t6"]),
        ScriptCase(
            "M11.7: event.time = nil raises an error, only a number is allowed", events("event.time = nil"),
            error: "2: time must be a number of seconds from 0 (Unix time; 0 is the next tick), got nil"),
        ScriptCase(
            "M11.7: an integer or fractional number is",
            events("event.time = 1700000100 event.time = 1700000100.25", then: "print(heal.time == 1700000100.25)"),
            prints: ["true"]),
        ScriptCase(
            "M11.7: event.time = 0 is the next frame", events("event.time = 0", then: "print(heal.time)"), prints: ["0"]
        ),
        ScriptCase(
            "M11.7: event.action = nil raises an error, only strings", events("event.action = nil"),
            error: "2: action must be the name of an event of group 'heal' (index), got nil"),
        ScriptCase(
            "M11.7: … and only events that exist in the group", events("event.action = 'up'"),
            error: "2: group 'heal' has no event 'up'; it has index"),
        ScriptCase(
            "M11.7: event.action = 'exist_event' works, but nulls data and command_id",
            events("event.action = 'index'", then: "print(heal.action, heal.data, heal.command_id, heal.time)"),
            prints: ["index\tnil\tnil\t7"]),
        ScriptCase(
            "M11.7: event.command_id = 123 raises an error, it must not be changed", events("event.command_id = 123"),
            error: "2: command_id is formed by the client that sends the event and can't be assigned"),
        ScriptCase(
            "M11.7: event.data = nil raises an error, only tables", events("event.data = nil"),
            error: "2: data must be a table, got nil; assign {} to have the defaults"),
        ScriptCase(
            "M11.7: event.data = {} applies the default values",
            events("event.data = {}", then: "print(heal.action, heal.data.life, heal.data.why)"),
            prints: ["index\t1\trest"]),
        ScriptCase(
            "M11.7: … or raises an error where one has none",
            "object.events.add('move', 'to', {x = 1}) object.events.move.data = {}",
            error: "move/to needs parameter 'x' (number)"),
        ScriptCase(
            "M11.7: … and is nothing where nothing is pending",
            "for group, event in pairs(object.events) do event.data = {} end print(object.events.move.data)",
            prints: ["nil"]),
    ]

    static let functionsTable = [
        ScriptCase(
            "M11.8: object.events[group].remove() nulls action, data, command_id",
            "object.events.add('heal') object.events['heal'].remove() local e = object.events.heal print(e.action, e.data, e.command_id)",
            prints: ["nil\tnil\tnil"]),
        ScriptCase(
            "M11.8: object.events[group] = nil is the same",
            "object.events.add('heal') object.events['heal'] = nil local e = object.events.heal print(e.action, e.data, e.command_id)",
            prints: ["nil\tnil\tnil"]),
        ScriptCase(
            "M11.8: object.events[group].timeout() is 1 second by default",
            "print(object.events['heal'].timeout())", prints: ["1"]),
        ScriptCase(
            "M11.8: … or what the group's code gives", "print(object.events['move'].timeout())", prints: ["0.25"]),
        ScriptCase(
            "M11.8: object.events[group].resetTime(seconds) resets the timeout to the current time",
            "local e = object.events['heal'] e.time = 5 e.resetTime() print(math.floor((e.time - microtime()) * 1000 + 0.5))",
            prints: ["0"]),
        ScriptCase(
            "M11.8: seconds are optional and may be fractional",
            "local e = object.events['heal'] e.resetTime(2.5) print(math.floor((e.time - microtime()) * 1000 + 0.5))",
            prints: ["2500"]),
    ]

    @Test("M9.4: in a loop over objects", arguments: objectsTable)
    func objects(_ example: ScriptCase) throws { try example.check() }

    @Test("M9.9: fields and functions of an entity", arguments: fieldsTable)
    func fields(_ example: ScriptCase) throws { try example.check() }

    @Test("M11.7: in a loop over events", arguments: groupsTable)
    func groups(_ example: ScriptCase) throws { try example.check() }

    @Test("M11.8: functions of a group", arguments: functionsTable)
    func functions(_ example: ScriptCase) throws { try example.check() }

    @Test(
        "M11.7: an event whose data were cleared runs with the defaults; one that needs a parameter fails with an error"
    )
    func clearedData() throws {
        let map = try ScriptWorld.map([
            "events/heal/index.lua": "--@param life number = 1\nprint('life', data.life)",
            "events/move/to.lua": "--@param x number\n--@param y number = 3\nprint('to', data.x, data.y)",
        ])
        map.script("object.events.add('heal', nil, {life = 9}) object.events.heal.action = 'index'")
        map.script("object.events.move.action = 'to' object.events.move.data = {x = 4}")
        map.advance(0.1)
        #expect(map.prints == ["life\t1", "to\t4\t3"])
        #expect(map.errors == [])
        map.script("object.events.move.action = 'to'")
        map.advance(0.5)
        #expect(map.prints.count == 2)
        let entry = try #require(map.simulation.log.errors.first)
        #expect(
            entry.message
                == "events/move/to.lua: move/to needs parameter 'x' (number); its data were cleared, it is not run")
        #expect((entry.script, entry.entity) == ("events/move/to.lua", "players_1"))
        #expect(map.simulation.log.errors.count == 1)
    }

    @Test("M11.7: assigning an action clears the client's command_id")
    func commandIDCleared() throws {
        let map = try ScriptWorld.map([
            "events/look/index.lua":
                "local e = objects.players_2.events.move local before = e.command_id e.action = 'up' print(before, e.action, e.command_id)"
        ])
        try map.command(2, "move/up")
        try map.command(2, "move/up", id: 77)
        try map.simulation.world.addEvent(group: "look", to: try #require(map.entity("players_1")), now: map.now)
        map.tick()
        #expect(map.prints == ["77\tup\tnil"])
        #expect(map.errors == [])
    }
}
