-- Walking: lib/walk.lua, events/move/. Around 14, 14 lies open ground; a pond covers x 25 to 28, y 19 to 21.

world.map(1, { entities = false })

for direction, there in pairs({ up = { 14, 13 }, down = { 14, 15 }, left = { 13, 14 }, right = { 15, 14 } }) do
  test("one step " .. direction, function()
    local anna = world.join("anna", { x = 14, y = 14 })
    expect(world.command(anna, "move/" .. direction)).is(true)
    expect({ anna.x, anna.y }).is(there)
    expect(anna.side).is(direction)
    expect(anna.action).is("move")
  end)
end

test("a step into a wall only turns", function()
  local anna = world.join("anna", { x = 24, y = 20, side = "down" })
  world.command(anna, "move/right")
  expect(anna.x).is(24)
  expect(anna.side).is("right")
end)

test("five steps a second, however often the client asks", function()
  local anna = world.join("anna", { x = 4, y = 14 })
  for _ = 1, 60 do
    world.command(anna, "move/right") -- each takes one tick, a sixtieth of a second
  end
  expect(anna.x).is(9)
end)

test("who is faster makes more steps", function()
  local anna = world.join("anna", { x = 4, y = 14, components = { speed = 10 } })
  world.command(anna, "move/to", { x = 24, y = 14 })
  world.advance(0.95)
  expect(anna.x).is(14)
end)

test("move/to walks to a place and stops there", function()
  local anna = world.join("anna", { x = 10, y = 14 })
  world.command(anna, "move/to", { x = 14, y = 14 })
  expect(anna.x).is(11)
  world.advance(0.7)
  expect(anna.x).is(14)
  world.advance(10)
  expect({ anna.x, anna.y }).is({ 14, 14 })
  expect(anna.events.move.action).isNil()
end)

test("move/to goes around the pond", function()
  local anna = world.join("anna", { x = 24, y = 20 })
  world.command(anna, "move/to", { x = 29, y = 20 })
  for _ = 1, 100 do
    expect(map.walkable(anna.x, anna.y)).is(true)
    world.advance(0.1)
  end
  expect({ anna.x, anna.y }).is({ 29, 20 })
end)

test("move/to a place in the pond ends beside it", function()
  local anna = world.join("anna", { x = 20, y = 20 })
  world.command(anna, "move/to", { x = 26, y = 20 })
  world.advance(20)
  expect(anna.x).is(24)
  expect(anna.events.move.action).isNil()
end)

test("a diagonal step takes longer than a straight one", function()
  local anna = world.join("anna", { x = 12, y = 12 })
  local start = world.now
  world.command(anna, "move/to", { x = 16, y = 16 })
  while anna.x < 16 do
    world.tick()
  end
  expect(world.now - start).near(3 * math.sqrt(2) * 0.2, 0.05)
end)

test("a new goal takes the place of the old one", function()
  local anna = world.join("anna", { x = 10, y = 14 })
  world.command(anna, "move/to", { x = 20, y = 14 })
  world.advance(0.5)
  world.command(anna, "move/to", { x = 10, y = 14 })
  world.advance(5)
  expect(anna.x).is(10)
end)

test("move/to needs both numbers", function()
  local anna = world.join("anna")
  local taken, message, code = world.command(anna, "move/to", { x = 3 })
  expect(taken).is(false)
  expect(message).contains("y")
  expect(code).is("missing_parameter")
end)

test("everybody sees a step", function()
  local anna = world.join("anna", { x = 14, y = 14 })
  local ben = world.join("ben", { x = 10, y = 14 })
  local before = world.now
  world.command(anna, "move/left")
  world.tick(2)
  expect(world.received(ben, before)).contains({ players = { { key = anna.key, x = 13, side = "left" } } })
end)
