import Testing

@testable import ScriptTest

@Suite("world") struct WorldTests {
    static let entitiesCases = [
        LuaCase(
            "spawn puts an entity on the map at once, and its spawn hook runs",
            "local e = world.spawn('enemys', { prefab = 'goblin', x = 2, y = 3, components = { hp = 9 } })\n"
                + "expect({ e.key, e.x, e.y, e.prefab, e.side, e.components.hp }).is({ 'enemys_1', 2, 3, 'goblin', 'left', 9 })"
        ),
        LuaCase("spawn keeps a place in a wall", "expect(world.spawn('objects', { x = 4, y = 0 }).x).is(4)"),
        LuaCase(
            "spawn refuses a wrong type", "world.spawn('monsters')",
            fails: "tests/one.lua:2: the type must be players, enemys, animals or objects, not 'monsters'"),
        LuaCase("spawn refuses an unknown field", "world.spawn('enemys', { hp = 3 })", fails: "unknown field 'hp'"),
        LuaCase(
            "spawn refuses an unknown component", "world.spawn('enemys', { components = { mana = 3 } })",
            fails: "enemys have no component 'mana'"),
        LuaCase(
            "spawn refuses a value of another type", "world.spawn('enemys', { components = { hp = 'x' } })",
            fails: "component 'hp' takes a number"),
        LuaCase(
            "spawn of players joins", "expect(world.spawn('players', { login = 'ann', x = 1, y = 1 }).login).is('ann')"),
        LuaCase(
            "join gives a player",
            "local p = world.join('ann', { x = 1, y = 2 })\nexpect({ p.key, p.login, p.x, p.y }).is({ 'players_1', 'ann', 1, 2 })"
        ),
        LuaCase(
            "join refuses a place where nobody can stand", "world.join('ann', { x = 4, y = 0 })",
            fails: "nobody can stand at 4, 0 of map 1"),
        LuaCase(
            "a player comes back as he left",
            "local p = world.join('ann', { x = 1, y = 2 })\np.components.hp = 3\nworld.leave(p)\nexpect(p).never.exists()\n"
                + "p = world.join('ann')\nexpect({ p.key, p.x, p.components.hp }).is({ 'players_1', 1, 3 })"),
        LuaCase(
            "who comes back takes no data", "world.leave(world.join('ann'))\nworld.join('ann', { x = 1 })",
            fails: "takes no data"),
        LuaCase("entity finds by key", "expect(world.entity('objects_1').type).is('objects')"),
        LuaCase("entity of nobody is nil", "expect(world.entity('objects_9')).isNil()"),
        LuaCase(
            "entities lists them, all or one type",
            "world.spawn('enemys')\nexpect(#world.entities()).is(2)\nexpect(world.entities('enemys')[1].key).is('enemys_1')"
        ),
        LuaCase(
            "walkable",
            "expect({ world.walkable(1, 1), world.walkable(4, 1), world.walkable(-1, 0) }).is({ true, false, false })"),
        LuaCase(
            "objects and map are there as for scripts",
            "expect({ objects.count(), map.id, map.walkable(1, 1) }).is({ 1, 1, true })"),
        LuaCase(
            "exists is there as for scripts",
            "local p = world.join('ann')\nexpect(exists(p)).is(true)\nworld.leave(p)\nexpect(exists(p)).is(false)"),
        LuaCase("the game's libs are there", "expect({ double(4), tools.reach }).is({ 8, 2 })"),
        LuaCase(
            "what a test writes the map has, and triggers run",
            "local p = world.join('ann')\np.components.hp = -3\nexpect(p.components.hp).is(0)\np.components.bag.slots[1] = 'axe'\n"
                + "expect(p.components.bag).is({ slots = { 'axe' } })"),
        LuaCase(
            "what the map forbids a test can't do", "world.join('ann').hp = 3", fails: "an entity has no field 'hp'"),
        LuaCase(
            "events are read and added",
            "local p = world.join('ann')\np.events.add('heal')\nexpect(p.events.heal.action).is('index')\nworld.tick()\n"
                + "expect(p.components.hp).is(6)"),
        LuaCase(
            "an entity that was removed says so", "local s = world.entity('objects_1')\ns.remove()\nprint(s.x)",
            fails: "objects_1 was removed"),
    ]

    static let playersCases = [
        LuaCase(
            "a command that is taken runs",
            "local p = world.join('ann', { x = 1, y = 1 })\nexpect(world.command(p, 'move/to', { x = 2 })).is(true)\n"
                + "expect({ p.x, p.y }).is({ 2, 3 })"),
        LuaCase(
            "a command that is refused says why [1-protocol 3]",
            "local p = world.join('ann')\nlocal ok, text, code = world.command(p, 'move/to', { x = '2' })\n"
                + "expect({ ok, code }).is({ false, 'bad_parameter' })\nexpect(text).contains('must be a number')"),
        LuaCase(
            "an event that is not public is refused",
            "local ok, _, code = world.command(world.join('ann'), 'heal')\nexpect({ ok, code }).is({ false, 'not_public' })"
        ),
        LuaCase(
            "a command that is none is refused",
            "local ok, _, code = world.command(world.join('ann'), 'move/to/x')\nexpect({ ok, code }).is({ false, 'bad_command' })"
        ),
        LuaCase(
            "a second command of a group waits for its timeout [M0.7]",
            "local p = world.join('ann', { x = 1, y = 1 })\nworld.command(p, 'move/to', { x = 2 })\n"
                + "world.command(p, 'move/to', { x = 3 })\nexpect(p.x).is(2)\nworld.advance(0.25)\nexpect(p.x).is(3)"),
        LuaCase(
            "a command needs a player", "world.command(world.entity('objects_1'), 'move/to')", fails: "must be a player"
        ),
        LuaCase(
            "received has the snapshot and the deltas, private parts included [M9.10]",
            "local p, q = world.join('ann', { x = 1, y = 1 }), world.join('bob')\n"
                + "expect(world.received(p)[1]).has({ action = 'load/index', player = 'players_1' })\nlocal t = world.now\n"
                + "p.components.bag = { slots = { 1 } }\np.x = 2\nworld.tick(2)\n"
                + "expect(world.received(p, t)).contains({ players = { { x = 2, components = { bag = { slots = { 1 } } } } } })\n"
                + "expect(world.received(q, t)).contains({ players = { { x = 2 } } })\n"
                + "expect(world.received(q, t)).never.contains({ players = { { components = { bag = { slots = { 1 } } } } } })"
        ),
        LuaCase(
            "received has what scripts send",
            "local p = world.join('ann')\np.send({ action = 'hi' })\nmap.broadcast({ action = 'all' })\nworld.tick()\n"
                + "expect(world.received(p)).contains({ action = 'hi' })\nexpect(world.received('ann')).contains({ action = 'all' })"
        ),
        LuaCase(
            "received has refusals",
            "local p = world.join('ann')\nworld.command(p, 'nothing')\nexpect(world.received(p)).contains({ code = 'unknown_event' })"
        ),
        LuaCase(
            "who goes to another map is told, and moved says so",
            "local p = world.join('ann', { x = 1, y = 1 })\nworld.command(p, 'leave')\nexpect(p).never.exists()\n"
                + "expect(world.received(p)).contains({ action = 'reconnect', map_id = 2 })\n"
                + "expect(world.moved[1]).has({ key = 'players_1', map_id = 2, x = 1, components = { hp = 5 } })"),
        LuaCase(
            "another entity that goes to another map is in moved",
            "local e = world.spawn('enemys', { x = 1, y = 1 })\ne.map_id = 2\nworld.tick()\n"
                + "expect(world.moved).is({ world.moved[1] })\nexpect(world.moved[1].key).is('enemys_1')"),
        LuaCase(
            "who went to another map can't be joined again",
            "world.command(world.join('ann'), 'leave')\nworld.join('ann')",
            fails: "ann went to map 2; a test has one map"),
    ]

    static let mapsCases = [
        LuaCase("a test begins on the start map with its entities", "expect({ map.id, objects.count() }).is({ 1, 1 })"),
        LuaCase("map chooses another", "world.map(2)\nexpect(map.id).is(2)\nexpect(objects.count()).is(0)"),
        LuaCase(
            "map can leave out the map file's entities",
            "world.map(1, { entities = false })\nexpect(objects.count()).is(0)"),
        LuaCase("map can choose the seed", "world.map(nil, { seed = 9 })\nexpect({ map.id, world.seed }).is({ 1, 9 })"),
        LuaCase("map refuses an unknown one", "world.map(7)", fails: "there is no map 7; there are 1, 2"),
        LuaCase(
            "map refuses an unknown option", "world.map(1, { tiles = 3 })",
            fails: "has the options seed and entities, not 'tiles'"),
        LuaCase(
            "map refuses a wrong seed", "world.map(1, { seed = -1 })",
            fails: "the option seed is a whole number from 0, not -1"),
        LuaCase("map comes first", "world.tick()\nworld.map(2)", fails: "world.map must come first in a test"),
        LuaCase("world has no other names", "world.jump()", fails: "world has no 'jump'; it has map(), spawn(),"),
        LuaCase("world can't be assigned", "world.now = 3", fails: "world.now can't be assigned"),
        LuaCase(
            "a colon does as well",
            "local p = world:join('ann', { x = 1, y = 1 })\nworld:command(p, 'move/to', { x = 2 })\nworld:advance(1)\nexpect(p.x).is(2)"
        ),
    ]

    static let errorsCases = [
        LuaCase(
            "an error of a script fails the test", "world.command(world.join('ann'), 'fail')",
            fails: "error in the map's log: events/fail/index.lua:3: attempt to index"),
        LuaCase(
            "an error that was expected does not",
            "world.command(world.join('ann'), 'fail')\nexpect(world.expectError('to index')).contains('fail/index.lua:3')"
        ),
        LuaCase(
            "an expected error can be a pattern",
            "world.command(world.join('ann'), 'fail')\nworld.expectError('lua:%d+:')"),
        LuaCase(
            "an expected error that did not come fails the test", "world.expectError('boom')",
            fails: #"tests/one.lua:2: expected the error "boom" in the map's log, got no error"#),
        LuaCase(
            "errors has those that nobody expected",
            "world.command(world.join('ann'), 'fail')\n"
                + "expect(world.errors[1]).has({ kind = 'runtime', script = 'events/fail/index.lua', line = 3, entity = 'players_1' })\n"
                + "world.expectError('index')\nexpect(world.errors).is({})"),
        LuaCase(
            "log has what scripts print",
            "world.spawn('enemys')\nexpect(world.log).contains({ level = 'log', script = 'spawn/enemys.lua', text = 'here is\\tenemys_1' })"
        ),
        LuaCase(
            "log has errors in their place",
            "world.command(world.join('ann'), 'fail')\nworld.spawn('enemys')\nworld.expectError('')\n"
                + "expect({ world.log[1].level, world.log[2].level }).is({ 'error', 'log' })"),
    ]

    @Test("has the map's entities", arguments: entitiesCases)
    func entities(_ testCase: LuaCase) throws { try check(testCase) }

    @Test("has players with clients", arguments: playersCases)
    func players(_ testCase: LuaCase) throws { try check(testCase) }

    @Test("is one map of the game", arguments: mapsCases)
    func maps(_ testCase: LuaCase) throws { try check(testCase) }

    @Test("has the prints and errors of scripts", arguments: errorsCases)
    func errors(_ testCase: LuaCase) throws { try check(testCase) }

    private func check(_ testCase: LuaCase) throws {
        let result = try #require(try ScratchGame.result(of: testCase.body))
        if let failure = testCase.failure {
            #expect(result.text.contains(failure), "\(result.text)")
        } else {
            #expect(result.text == "")
        }
    }
}
