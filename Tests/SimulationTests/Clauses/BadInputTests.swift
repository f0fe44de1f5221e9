import JSONValues
import SimulationTestKit
import Testing
import World

@testable import Simulation

/// Mistakes of scripts: each raises the specified error at the script's line, and the map goes on.
@Suite("Bad input in scripts") struct BadInputTests {
    /// Every place that takes a value: the code before it, the code after it, and what the error must contain.
    static let places = [
        ("object.x = ", "", "x must be a finite number"), ("object.sort = ", "", "sort must be a finite number"),
        ("object.side = ", "", "side must be a string"), ("object.prefab = ", "", "prefab must be a string"),
        ("object.map_id = ", "", "map_id must be the number of a map (1, 2)"),
        ("object.components.hp = ", "", "hp must be a finite number or nil"),
        ("object.components.title = ", "", "component 'title' takes a string or nil"),
        ("object.components.bag = ", "", "component 'bag' takes a table or nil"),
        ("object.distance(", ")", "distance takes an entity or a table with x and y"),
        ("object.send(", ")", "send takes a table"), ("map.broadcast(", ")", "broadcast takes a table"),
        ("object.events.add(", ")", "group must be a string"),
        ("object.events.add('heal', ", ")", "event must be a string"),
        ("object.events.add('heal', nil, ", ")", "data must be a table"),
        ("object.events.remove(", ")", "group must be a string"),
        ("object.events.heal.time = ", "", "time must be a number of seconds from 0"),
        ("object.events.heal.action = ", "", "action must be the name of an event of group 'heal' (index)"),
        ("object.events.heal.data = ", "", "data must be a table"),
        ("object.events.heal.resetTime(", ")", "seconds must be a finite number"),
        ("objects.remove(", ")", "an entity's key must be a string"),
        ("objects.near(", ", 1, 1)", "x must be a finite number"),
        ("objects.near(1, 1, 1, ", ")", "type must be a string"),
        ("map.walkable(", ", 1)", "x must be a finite number"),
        ("map.path(1, 1, 1, ", ")", "y2 must be a finite number"),
    ]

    /// Values that are wrong in nearly all places, and their types' names in the messages.
    static let values = [
        ("true", "boolean"), ("print", "function"), ("coroutine.create(function() end)", "thread"),
        ("map", "map"), ("objects", "objects"), ("object.components", "the components of an entity"),
        ("object.events", "the events of an entity"), ("object.events.move", "an event group"),
    ]

    @Test("wrong types: script, line, what was given, what is allowed", arguments: places)
    func wrongTypes(before: String, after: String, expected: String) throws {
        let map = try ScriptWorld.map()
        // Components are a table.
        let values = Self.values.filter { $0.0 != "object.components" || !expected.contains("table") }
        map.script(
            values.map { "print(select(2, pcall(function() \(before)\($0.0)\(after) end)))" }
                .joined(separator: "\n"))
        #expect(map.prints.count == values.count)
        for (index, (value, name)) in values.enumerated() where index < map.prints.count {
            let message = map.prints[index]
            #expect(message.hasPrefix("events/testing/index.lua:\(index + 1): "), "\(before)\(value)\(after)")
            // These values can't be stored at all; that error comes before the one about the component's type.
            let isStored = before.contains("components.title") || before.contains("components.bag")
            #expect(
                message.contains(expected) || isStored && message.contains("can't be stored as a value"),
                "\(before)\(value)\(after): \(message)")
            // The C code that writes columns sees a proxy as a table.
            #expect(message.contains(name) || message.hasSuffix("got table"), "\(before)\(value)\(after): \(message)")
        }
        #expect(map.errors == [])
    }

    static let takers = [
        ("object.send(", ")"), ("map.broadcast(", ")"), ("object.components.bag = ", ""),
        ("object.components.bag.slots[1] = ", ""), ("table.insert(object.components.list, ", ")"),
        ("object.events.add('note', nil, {text = '', any = ", "})"),
        ("object.events.add('note', nil, {text = ''}) object.events.note.data = {text = '', more = ", "}"),
    ]

    static let contents = [
        ("{a = {print}}", "a[1]: a function is not allowed here"),
        ("{a = coroutine.create(print_it)}", "a: a thread is not allowed here"),
        ("{1, 2, 0/0}", "[3]: NaN is not allowed"), ("{a = -1/0}", "a: infinity is not allowed"),
        ("{[1.5] = 1}", "a key must be a string or a whole number"),
        ("{[true] = 1}", "a key must be a string or a whole number, not a boolean"),
        ("{[object] = 1}", "a key must be a string or a whole number"),
        ("{who = object}", "who: a value of kind entity is not allowed here"),
        ("{c = object.events}", "c: a value of kind events is not allowed here"),
        ("cycle", "a table contains itself"), ("{cycle}", "a table contains itself"),
        ("deep", "nests deeper than 64 tables"),
        ("{[1] = 'a', ['1'] = 'b'}", "two keys of a table are '1' as text, and JSON has no other keys"),
        ("{['\\255'] = 1, ['\\254'] = 2}", "two keys of a table are '\u{FFFD}' as text"),
    ]

    @Test("tables that are not JSON: functions, NaN, keys, cycles", arguments: takers)
    func tables(before: String, after: String) throws {
        let map = try ScriptWorld.map()
        let head =
            "function print_it() end cycle = {} cycle.inner = {cycle} deep = {} local t = deep for i = 1, 80 do t[1] = {} t = t[1] end"
        map.script(
            ([head] + Self.contents.map { "print(select(2, pcall(function() \(before)\($0.0)\(after) end)))" })
                .joined(separator: "\n"))
        #expect(map.prints.count == Self.contents.count)
        for (index, (value, expected)) in Self.contents.enumerated() where index < map.prints.count {
            #expect(
                map.prints[index].hasPrefix("events/testing/index.lua:\(index + 2): ")
                    && map.prints[index].contains(expected), "\(before)\(value)\(after): \(map.prints[index])")
        }
        // No part of the value was sent or stored.
        #expect(map.players[1]?.direct == [])
        let components = map.players[1]?.world["players_1"]?["components"]?.object
        #expect(components?["bag"]?.text == #"{"slots":[],"gold":0}"#)
        #expect(components?["list"] == .array([]))
        #expect(map.errors == [])
    }

    @Test(
        "M9.5: a value that is not JSON adds nothing, makes one entry in the error log, and the script goes on",
        arguments: contents)
    func adding(value: String, expected: String) throws {
        let map = try ScriptWorld.map()
        map.script(
            "function print_it() end cycle = {} cycle.inner = {cycle} deep = {} local t = deep for i = 1, 80 do t[1] = {} t = t[1] end\n"
                + "print(objects.add('enemys', {x = 1, y = 1, components = {bag = \(value)}}))\nprint('on')")
        #expect(map.prints == ["nil", "on"])
        #expect(map.simulation.world.count == 6)
        #expect(map.simulation.log.errors.count == 1)
        let entry = try #require(map.simulation.log.errors.first)
        #expect(entry.message.hasPrefix("events/testing/index.lua:2: objects.add: "), "\(entry.message)")
        #expect(
            entry.message.contains(expected.replacing("a[1]", with: "components.bag.a[1]"))
                || entry.message.contains(expected), "\(entry.message)")
        #expect(entry.message.hasSuffix("; nothing was added"))
        #expect((entry.script, entry.line, entry.entity) == ("events/testing/index.lua", 2, "players_1"))
    }

    /// What a script may hold of `enemys_1`, and how it uses that after the entity was removed.
    static let held = [
        ("e", "held.x"), ("e", "held.x = 1"), ("e", "held.side = 'up'"), ("e", "held.nonsense"), ("e", "held.key"),
        ("e", "held.remove()"), ("e", "held.position()"), ("e", "held.send({})"), ("e", "held.map_id = 2"),
        ("e", "pairs(held)(held)"), ("e", "keys(held)"), ("e", "#held"), ("e.position", "held()"),
        ("e.remove", "held()"),
        ("e", "object.distance(held)"), ("e", "object.remove(held)"),
        ("e", "objects[held]"),
        ("e", "object.components.bag.who = held"), ("e", "object.send(held)"), ("e", "object.side = held"),
        ("e.components", "held.hp"), ("e.components", "held.hp = 1"), ("e.components", "held.title = 'a'"),
        ("e.components", "held.bag"), ("e.components", "held.nonsense"), ("e.components", "next(held)"),
        ("e.components", "keys(held)"), ("e.components", "object.components.bag = held"),
        ("e.components.bag", "held.gold"), ("e.components.bag", "held.gold = 1"), ("e.components.bag", "next(held)"),
        ("e.components.bag", "#held"), ("e.components.bag", "copy(held)"), ("e.components.bag", "object.send(held)"),
        ("e.components.bag", "object.components.bag = held"), ("e.components.bag.slots", "held[1]"),
        ("e.components.bag.slots", "table.insert(held, 1)"), ("e.components.bag.slots", "unpack(held)"),
        ("e.events", "held.move"), ("e.events", "held.add('heal')"), ("e.events", "held.remove('heal')"),
        ("e.events", "held.move = nil"), ("e.events", "next(held)"), ("e.events.add", "held('heal')"),
        ("e.events.move", "held.time"), ("e.events.move", "held.time = 0"), ("e.events.move", "held.action"),
        ("e.events.move", "held.data = {}"), ("e.events.move", "held.timeout()"), ("e.events.move", "held.remove()"),
        ("e.events.move", "held.resetTime()"), ("e.events.move.resetTimeout", "held()"),
    ]

    @Test(
        "3: using a part of a removed entity raises 'entity enemys_1 was removed', also when its slot is used again",
        arguments: [false, true])
    func removedEntity(isReplaced: Bool) throws {
        let map = try ScriptWorld.map()
        // Each use is in a block of its own, because a script may have at most 200 locals.
        var script = "local held = {}\ndo local e = objects.enemys_1\n"
        for (index, (value, _)) in Self.held.enumerated() { script += "held[\(index + 1)] = \(value)\n" }
        script += "e.remove() end\n"
        if isReplaced { script += "for i = 1, 3 do objects.add('enemys', {x = 1, y = 1}) end\n" }
        for (index, (_, use)) in Self.held.enumerated() {
            let isStatement = use.contains(" = ")
            script +=
                "do local held = held[\(index + 1)] print(select(2, pcall(function() \(isStatement ? use : "return " + use) end))) end\n"
        }
        map.script(script)
        #expect(map.prints.count == Self.held.count)
        for (index, (value, use)) in Self.held.enumerated() where index < map.prints.count {
            #expect(
                map.prints[index].hasSuffix(": entity enemys_1 was removed"), "\(value): \(use): \(map.prints[index])")
        }
        #expect(map.errors == [])
        #expect(map.simulation.world.count == (isReplaced ? 8 : 5))
    }

    @Test("M11: groups, events and components that a reload removed while scripts still hold them")
    func afterReload() throws {
        let map = try ScriptWorld.map([
            "events/hold/index.lua": """
            if not group then
              group, add, bag, components = object.events.note, object.events.add, object.components.bag, object.components
              add('note', nil, {text = 'pending'}) group.resetTime(100)
              return
            end
            for _, use in ipairs({
              function() return group.action end, function() group.time = 0 end, function() group.data = {} end,
              function() group.timeout() end, function() add('note', nil, {text = ''}) end,
              function() return object.events.note end, function() object.events.note = nil end,
              function() object.events.remove('note') end, function() return components.bag end,
              function() components.bag = {} end, function() return components.hp end,
            }) do print(select(2, pcall(use))) end
            """, "events/hold/timeout.lua": "return 0",
        ])
        let player = try #require(map.entity("players_1"))
        try map.simulation.world.addEvent(group: "hold", to: player, now: map.now)
        map.tick()
        try map.change(["events/note/index.lua": nil, "components/bag.lua": nil])
        #expect(map.log.contains("players_1: pending event note/index is kept aside: no such group"))
        try map.simulation.world.addEvent(group: "hold", to: player, now: map.now)
        map.tick()
        let gone = "this event group is not declared any more"
        let unknown = "there is no event group 'note'; there are disconnect, heal, hold, move, save"
        let bag = "players have no component 'bag'; they have hp, list, mana, title"
        let expected = [gone, gone, gone, gone, unknown, unknown, unknown, unknown, bag, bag]
        #expect(map.prints.count == 11)
        for (given, expected) in zip(map.prints, expected) {
            #expect(given.hasPrefix("events/hold/index.lua:") && given.hasSuffix(": " + expected), "\(given)")
        }
        #expect(map.prints.last == "5")
        #expect(map.errors == [])
    }

    @Test("duplicates: an arriving entity whose key is already on the map is refused, and the log says so")
    func duplicateKeys() throws {
        let map = try ScriptWorld.map()
        map.tick([.arrive(EntityRecord(key: EntityKey(.enemys, 1), mapID: 1, prefab: "other", x: 1, y: 1), from: nil)])
        #expect(map.simulation.world.count == 6)
        #expect(map.errors == ["enemys_1 can't enter map 1: enemys_1 is already on this map"])
        map.script("print(objects.enemys_1.prefab)")
        #expect(map.prints == ["goblin"])
    }

    @Test("9: texts have a bound, because each is sent to every client")
    func longTexts() throws {
        let map = try ScriptWorld.map()
        map.script(
            """
            local long = ('x'):rep(65536)
            object.side = long object.components.title = long print(#object.side, #object.components.title)
            print(pcall(function() object.side = long .. 'x' end))
            print(pcall(function() object.components.title = long .. 'x' end))
            print(objects.add('objects', {prefab = long .. 'x'}))
            """)
        #expect(
            map.prints == [
                "65536\t65536",
                "false\tevents/testing/index.lua:3: side may hold 65536 bytes of text, got 65537",
                "false\tevents/testing/index.lua:4: component 'title' may hold 65536 bytes of text, got 65537", "nil",
            ])
        #expect(
            map.errors == [
                "events/testing/index.lua:5: objects.add: prefab may hold 65536 bytes of text, got 65537; nothing was added"
            ])
    }

    @Test("texts and keys are compared by their bytes, as in Lua; bytes that are not UTF-8 are replaced")
    func bytes() throws {
        let map = try ScriptWorld.map(["components/title.lua": "--@type string\nprint('changed')"])
        // The letter é as one code point and as two.
        map.script(
            """
            local one, two = '\\195\\169', 'e\\204\\129'
            local bag = object.components.bag
            bag[one] = 1 bag[two] = 2
            print(bag[one], bag[two], #keys(bag))
            for i = 1, 12 do bag['k' .. i] = i end
            print(bag[one], bag[two], #keys(bag))
            bag[one] = nil
            print(bag[one], bag[two], #keys(bag))
            object.components.title = one object.components.title = two
            print(object.components.title == two)
            object.side = 'a\\255b'
            print(object.side == 'a\u{FFFD}b')
            """)
        #expect(
            map.prints == [
                "1\t2\t4", "1\t2\t16", "nil\t2\t15", "changed", "changed", "true", "true",
            ])
        let bag = map.players[1]?.world["players_1"]?["components"]?.object?["bag"]?.object
        #expect(bag?["e\u{301}"] == .number(2))
        #expect(bag?["\u{E9}"] == nil)
    }
}
