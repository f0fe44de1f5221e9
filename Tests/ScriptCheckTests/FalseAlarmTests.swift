import Testing

/// Code that looks wrong and is right, or that can't be judged without running it; nothing may be reported for it.
@Suite("perigee check is silent where it can't be sure") struct FalseAlarmTests {
    static let scripts: [String] = [
        // Locals and parameters hide the server's names.
        "local object = { foo = 1 } object.foo = object.foo + 1",
        "local function f(object) object.bar = object.hp end f({})",
        "for _, object in ipairs({ {} }) do object.any = 1 end", "local map = {} map.x = 1",
        "local objects = {} objects.add(1)",
        "local data = { q = 1 } print(data.q)", "do local print = 5 print = print + 1 end",
        // A local that is assigned again may have a value of any type.
        "local e = object e = { foo = 1 } e.foo = 2", "local n = 1 n = 'x' object.side = n",
        "local e = object local function change() e = {} end change() e.foo = 1",
        "for k, e in pairs(objects) do e = {} e.foo = k end",
        // Globals that keep their value from run to run, or that other code defines.
        "runs = (runs or 0) + 1", "if not cache then cache = {} end cache[object.key] = 1",
        "if object.x > 1 then last = object.x end if last then print(last) end",
        "function helper() return 1 end helper()",
        "_G.made = 1 print(made)", "for name in pairs(getfenv(1)) do print(name, secret) end",
        "print(rules.reach, alive(object))",
        "setfenv(1, setmetatable({}, { __index = getfenv(1) })) anything = nothing",
        // Values of any type.
        "object.components.bag.slots = { { name = 'x' } } object.components.bag.slots[1].name = 'y'",
        "print((object.components.bag.name or ''):upper())", "object.components.hp = nil",
        "object.components.title = nil",
        "object.components.hp = tonumber('5')", "object.components.hp = object.components.bag.n",
        "object.components.title = object.components.hp .. ''", "object.components['h' .. 'p'] = 5",
        "object.side = ({ 'up', 'down' })[math.random(2)]", "local o = object.components.bag o.n = (o.n or 0) + 1",
        "object.x = object.components.hp or 1", "object.x = - - object.x",
        "local t = { hp = 3 } object.components.hp = t.hp",
        // Events.
        "local group = 'mo' .. 've' object.events.add(group, 'to', { x = 1 })",
        "object.events.add('move', object.side, { z = 1 })", "object.events.add('move', 'to', unpack({ { x = 1 } }))",
        "local d = { x = 1 } object.events.add('move', 'to', d)",
        "local d = {} d.x = 1 object.events.add('move', 'to', d)",
        "object.events.add('move', 'to', { x = 1, y = nil })", "object.events.add('move', 'to', { ['x'] = 1 })",
        "local key = 'x' object.events.add('move', 'to', { [key] = 1 })", "object.events.move = nil",
        "object.events.add('move', 'to', { x = data and 1 or 2 })", "object.events:add('move', 'to', { x = 1 })",
        "object.events.move.resetTime() object.events.move.resetTime(3) object.events.move.timeout()",
        "local e = object.events.move if e.action == nil or e.action == 'to' then print(e.data, e.command_id) end",
        "for group, e in pairs(object.events) do if e.action then e.remove() print(group) end end",
        // Entities.
        "objects.players_1.x = 1", "objects['enemys_2'] = nil", "objects[data.key or ''] = nil",
        "local e = objects.add('enemys', { prefab = 'goblin', components = { hp = 3 } }) if e then e.x = 1 e.remove() end",
        "local fields = { prefab = 'x' } fields.x = 3 objects.add('objects', fields)",
        "print(#objects.near(1, 2, 3, nil))",
        "print(object == objects[object.key], object.type == 'players', object:position(), object.login)",
        "if object.type == 'players' then object.components.bag = {} object.send({}) end",
        "print(next(objects), keys(objects))",
        "for key, e in next, objects do print(key, e.x) end",
        "print(object.distance({ x = 1, y = 2 }), object.distance(objects.players_1))",
        "objects.remove(object)",
        "local near = objects.near(1, 2, 3) table.sort(near, function(a, b) return a.x < b.x end) print(near[1].key)",
        "object.send(object, { a = 1 }) print(object.distance(object, objects.players_1)) objects.count(objects, 'enemys')",
        // Lua.
        "string.trim = function(s) return s end print(string.trim('x'))", "print(('x'):rep(3):upper():len())",
        "local s = 'x' print(s:find('y'), s.len, #s, s:byte())",
        "print(math.floor(1.5) + math.huge, os.time(), debug.traceback())",
        "local t = setmetatable({}, { __add = function() return 1 end, __call = print }) print(t + 1, t()) print({} .. '')",
        "print(1 .. 'x', -'2', '10' + 1, not nil == true)", "local function f(...) return arg, ... end print(f(1))",
        "if nil then end while false do end repeat until true", "print(type(object), tostring(map), pcall(error, 'x'))",
        "for i = #{}, 1, -1 do print(i) end", "return", "print(event.group, event.action == 'index', event.command_id)",
        "local d = data print(d.key) for k, v in pairs(d) do print(k, v) end", "data.extra = 1 print(data.extra)",
        "local d = data d.extra = 1 print(d.extra)", "local ok, e = pcall(function() return object.x end) print(ok, e)",
    ]

    @Test("nothing is reported for a correct script", arguments: scripts)
    func silent(script: String) throws {
        let game = try ScratchGame(["events/testing/index.lua": "--@param key string = \"\"\nprint(data)\n\(script)\n"])
        #expect(try game.lines() == [])
    }
}
