-- Potions and the bag: events/bag/, events/brew/, components/bag.lua.

world.map(1, { entities = false })

local function potion(x, y)
  return world.spawn("objects", { prefab = "potion", x = x, y = y })
end

test("a potion in reach goes into the bag", function()
  local anna = world.join("anna", { x = 14, y = 14 })
  local near, far = potion(15, 14), potion(17, 14)
  world.command(anna, "bag/pickup")
  expect(anna.components.bag).is({ potions = 3 })
  expect(near).never.exists()
  expect(far).exists()
  expect(anna.action).is("pickup")
end)

test("one potion at a time", function()
  local anna = world.join("anna", { x = 14, y = 14 })
  potion(15, 14)
  potion(13, 14)
  world.command(anna, "bag/pickup")
  expect(anna.components.bag.potions).is(3)
  expect(objects.count("objects")).is(1)
end)

test("what is no potion stays where it is", function()
  local anna = world.join("anna", { x = 14, y = 14 })
  local sign = world.spawn("objects", { prefab = "sign", x = 15, y = 14 })
  world.command(anna, "bag/pickup")
  expect(sign).exists()
  expect(anna.components.bag.potions).is(2)
end)

test("of two who grab at once one gets it", function()
  local anna = world.join("anna", { x = 14, y = 14 })
  local ben = world.join("ben", { x = 16, y = 14 })
  potion(15, 14)
  anna.events.add("bag", "pickup")
  ben.events.add("bag", "pickup")
  world.tick()
  expect(anna.components.bag.potions + ben.components.bag.potions).is(5)
end)

test("a potion heals, and no more than there is room", function()
  local anna = world.join("anna", { components = { hp = 3 } })
  world.command(anna, "bag/drink")
  expect(anna.components.hp).is(3 + rules.potion_heals)
  world.advance(1)
  world.command(anna, "bag/drink")
  expect(anna.components.hp).is(10)
  expect(anna.components.bag.potions).is(0)
end)

test("who is healthy keeps the potion and is told why", function()
  local anna, ben = world.join("anna"), world.join("ben")
  world.command(anna, "bag/drink")
  expect(anna.components.bag.potions).is(2)
  world.tick() -- messages come with the next delta
  expect(world.received(anna)).contains({ action = "notice", text = "You are as healthy as can be." })
  expect(world.received(ben)).never.contains({ action = "notice" })
end)

test("an empty bag heals nobody", function()
  local anna = world.join("anna", { components = { hp = 3, bag = { potions = 0 } } })
  world.command(anna, "bag/drink")
  expect(anna.components.hp).is(3)
end)

test("nobody sees into another's bag", function()
  local anna = world.join("anna", { x = 14, y = 14 })
  local ben = world.join("ben", { x = 20, y = 14 })
  local before = world.now
  potion(15, 14)
  world.command(anna, "bag/pickup")
  world.tick(2)
  expect(world.received(anna, before)).contains({ players = { { components = { bag = { potions = 3 } } } } })
  for _, message in ipairs(world.received(ben)) do
    for _, player in ipairs(message.players or {}) do
      if player.key == anna.key and player.components then
        expect(player.components.bag).isNil()
      end
    end
  end
end)

test("a cauldron brews until three potions lie around it", function()
  world.join("anna", { x = 40, y = 25 })
  world.spawn("objects", { prefab = "cauldron", x = 14, y = 14 })
  world.advance(600)
  expect(#objects.near(14, 14, 4, "objects") - 1).is(3)
  expect(objects.count("objects")).is(4)
end)
