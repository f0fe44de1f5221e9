-- What the clients of the battle are told; the numbers are those of lib/rules.lua.

-- Two players, 8 and 6 units apart on the axes.
local function two()
  local anna, ben = world.connect(), world.connect()
  world.emit(anna, "move", { x = 50, y = 50 })
  world.emit(ben, "move", { x = 58, y = 56 })
  return anna, ben
end

-- The first values of the events of one name that a client got.
local function told(id, name)
  local values = {}
  for _, event in ipairs(world.emitted(id, name)) do
    values[#values + 1] = event.data
  end
  return values
end

test("a newcomer stands somewhere near the corner, in full health", function()
  for _ = 1, 200 do
    local player = io.sockets[world.connect()].data
    for _, value in ipairs({ player.x, player.y }) do
      expect(value).isAtLeast(0)
      expect(value).isAtMost(100)
      expect(value % 1).is(0)
    end
    expect(player.hp).is(100)
  end
end)

test("the others are told of a newcomer, and the newcomer of all", function()
  local anna, ben = two()
  local carla = world.connect()
  local place = io.sockets[carla].data
  local news = { id = carla, position = { x = place.x, y = place.y, hp = 100 } }
  expect(told(anna, "new_player")[3]).is(news)
  expect(told(ben, "new_player")[3]).is(news)
  expect(told(carla, "new_player")).is({
    { id = anna, position = { x = 50, y = 50, hp = 100 } },
    { id = ben, position = { x = 58, y = 56, hp = 100 } },
    news,
  })
end)

test("all are told of who leaves", function()
  local anna, ben = two()
  world.disconnect(ben, "transport close")
  expect(told(anna, "player_left")).is({ { id = ben } })
  expect(io.sockets[ben]).isNil()
end)

test("a move goes to any place, and all are told, the player too", function()
  local anna, ben = two()
  world.emit(anna, "move", { x = -1000.5, y = 12345 })
  local news = { id = anna, position = { x = -1000.5, y = 12345, hp = 100 } }
  expect(told(anna, "player_moved")[3]).is(news)
  expect(told(ben, "player_moved")[3]).is(news)
end)

for name, place in pairs({
  nothing = false, ["a text"] = "5,5", ["a number"] = 5, ["an empty table"] = {}, ["half a place"] = { x = 1 },
  texts = { x = "1", y = "2" }, tables = { x = {}, y = {} }, ["what is far too far"] = { x = 1e300, y = 1 },
}) do
  test("a move to " .. name .. " is refused and changes nothing", function()
    local anna, ben = two()
    local answer = world.request(anna, "move", place or nil)
    expect(answer.code).is("bad_move")
    expect(answer.ok).isNil()
    world.emit(anna, "move", place or nil) -- nobody wants to know of this one
    expect(#told(ben, "player_moved")).is(2)
    expect({ io.sockets[anna].data.x, io.sockets[anna].data.y }).is({ 50, 50 })
  end)
end

test("what is no number is no place", function()
  -- JSON has no such numbers, so no client can send them.
  expect(place_in({ x = 0 / 0, y = 1 })).isNil()
  expect(place_in({ x = 1, y = math.huge })).isNil()
  expect({ place_in({ x = 1, y = -2.5 }) }).is({ 1, -2.5 })
end)

test("an attack hits who is within 10 units, as the crow flies", function()
  local anna, ben = two()
  expect(world.request(anna, "attack", {})).is({ ok = true, hits = 1 })
  for _, player in ipairs({ anna, ben }) do
    expect(told(player, "player_attacked")).is({ { id = ben, hp = 90 } })
    expect(told(player, "player_killed")).is({})
  end
  world.emit(ben, "move", { x = 58.1, y = 56 })
  expect(world.request(anna, "attack", {})).is({ ok = true, hits = 0 })
  expect(io.sockets[ben].data.hp).is(90)
  expect(io.sockets[anna].data.hp).is(100)
end)

test("an attack hits all who are near, and never the attacker", function()
  local anna, ben = two()
  local carla = world.connect()
  world.emit(carla, "move", { x = 50, y = 50 })
  expect(world.request(anna, "attack")).is({ ok = true, hits = 2 })
  expect(told(anna, "player_attacked")).is({ { id = ben, hp = 90 }, { id = carla, hp = 90 } })
end)

test("at 0 a player is killed, stays, and can be hit, move and attack", function()
  local anna, ben = two()
  for _ = 1, 9 do
    world.emit(anna, "attack", {})
  end
  expect(told(anna, "player_killed")).is({})
  world.emit(anna, "attack", {})
  world.emit(anna, "attack", {})
  expect(told(ben, "player_killed")).is({ { id = ben }, { id = ben } })
  local names = {}
  for _, event in ipairs(world.emitted(ben)) do
    if event.name ~= "new_player" and event.name ~= "player_moved" then
      names[#names + 1] = event.name
    end
  end
  expect(names[9]).is("player_attacked")
  expect(names[10]).is("player_killed")
  expect(names[11]).is("player_attacked")
  expect(io.sockets[ben].data.hp).is(-10)
  expect(world.connected(ben)).is(true)
  expect(world.request(ben, "move", { x = 51, y = 51 })).is({ ok = true })
  expect(world.request(ben, "attack", {})).is({ ok = true, hits = 1 })
end)
