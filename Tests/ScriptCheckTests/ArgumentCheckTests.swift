import Testing

@Suite("perigee check: arguments that nobody knows, ipairs of what has names, boolean components")
struct ArgumentCheckTests {
    static let found: [(script: String, says: String)] = [
        (
            "object.events.add('move', 'to', { x = 1 }, 5)",
            "events.add takes group, event, data; it does not know argument 4"
        ),
        ("object.events:remove('move', nil)", "events.remove takes group; it does not know argument 2"),
        ("objects.add('enemys', {}, 1)", "objects.add takes type, data; it does not know argument 3"),
        ("object.position(1)", "position takes no arguments; it does not know argument 1"),
        ("object.remove('enemys_1', 2)", "remove takes key; it does not know argument 2"),
        ("object.remove(5)", "remove takes nothing, or an entity's key, not a number"),
        ("object.remove(nil)", "remove takes nothing, or an entity's key, not nil"),
        ("print(map.walkable(1, 2, 3))", "map.walkable takes x, y; it does not know argument 3"),
        ("print(microtime(1))", "microtime takes no arguments; it does not know argument 1"),
        ("print(keys({}, 1))", "keys takes t; it does not know argument 2"),
        ("print(copy({}, 1))", "copy takes t; it does not know argument 2"),
        ("print(exists(object, 1))", "exists takes entity; it does not know argument 2"),
        ("print(exists())", "exists needs entity"),
        ("for _, o in ipairs(objects) do print(o) end", "write for key, entity in pairs(objects)"),
        ("local next, t, i = ipairs(objects) print(next, t, i)", "write for key, entity in pairs(objects)"),
        ("for i, v in ipairs(object) do print(i, v) end", "an entity has names; write for name, value in pairs"),
        ("for i, v in ipairs(object.components) do print(i, v) end", "an entity's components has names"),
        ("for i, v in ipairs(object.events) do print(i, v) end", "an entity's events has names"),
        ("object.components.open = 1", "component open must be a boolean or nil, not a number"),
        ("object.components.open = 'true'", "component open must be a boolean or nil, not a string"),
        ("object.components.hp = true", "component hp must be a number or nil, not a boolean"),
        ("objects.add('enemys', { components = { open = 1 } })", "component open must be a boolean or nil"),
        ("object.x = object.components.open + 1", "can't do arithmetic on a boolean"),
        ("print('it is ' .. object.components.open)", "can't concatenate a boolean"),
        ("print(object.components.open.x)", "can't look up 'x' in a boolean"),
        ("object.components.open()", "can't call a boolean, which is no function"),
        ("print(event.from_clients)", "from_client"),
    ]

    @Test("found", arguments: found)
    func reports(_ script: String, _ says: String) throws {
        let lines = try lines(script)
        #expect(lines.count == 1 && lines[0].contains(says), "\(script)\n\(lines)")
    }

    @Test(
        "nothing is found",
        arguments: [
            "object.events.add('move', 'to', { x = 1 }, unpack({}))", "object.events:add('move', 'to', { x = 1 })",
            "object.events.add(object.events, 'move', 'to', { x = 1 })", "print(1, 2, 3) object.remove('enemys_1')",
            "object.remove() object:remove() object.remove(object.key)", "pcall(error, 'x', 2)",
            "local gone = objects.enemys_1 if gone and not exists(gone) then print(exists(nil)) end",
            "for i, v in ipairs(object.components.bag) do print(i, v) end",
            "for i, o in ipairs(objects.near(1, 2, 3)) do print(i, o.key) end",
            "object.components.open = true object.components.open = nil object.components.open = object.x > 1",
            "local open = object.components.open or false print(not open, open == true, tostring(open))",
            "if object.components.open then object.components.open = not object.components.open end",
            "print(event.from_client, event.command_id)",
        ])
    func silent(_ script: String) throws {
        #expect(try lines(script) == [], "\(script)")
    }

    private func lines(_ script: String) throws -> [String] {
        try ScratchGame([
            "events/try/index.lua": script, "components/open.lua": "--@type boolean\n--@default false\n",
        ]).lines()
    }
}
