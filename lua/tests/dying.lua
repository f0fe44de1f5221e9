-- Life, death and coming back: components/hp.lua, lib/life.lua, events/resurrect/, events/regen/.

world.map(1, { entities = false })

test("hp stays between 0 and max_hp", function()
  local anna = world.join("anna")
  anna.components.hp = 99
  expect(anna.components.hp).is(10)
  anna.components.hp = -5
  expect(anna.components.hp).is(0)
end)

test("less room than life shrinks the life", function()
  local anna = world.join("anna")
  anna.components.max_hp = 4
  expect(anna.components.hp).is(4)
end)

test("who is dead lies there and neither walks nor drinks", function()
  local anna = world.join("anna", { x = 14, y = 14 })
  anna.components.hp = 0
  expect(anna.action).is("dead")
  world.command(anna, "move/right")
  world.command(anna, "bag/drink")
  expect(anna.x).is(14)
  expect(anna.components.hp).is(0)
  expect(anna.components.bag.potions).is(2)
end)

test("dying ends a walk and a fight", function()
  local anna = world.join("anna", { x = 10, y = 14 })
  world.command(anna, "move/to", { x = 20, y = 14 })
  world.command(anna, "fight/attack")
  world.command(anna, "fight/attack")
  anna.components.hp = 0
  expect(anna.events.move.action).isNil()
  expect(anna.events.fight.action).isNil()
end)

test("a dead player wakes up in the camp after four seconds", function()
  local anna = world.join("anna", { x = 14, y = 14, components = { max_hp = 12 } })
  anna.components.hp = 0
  world.advance(3.9)
  expect(anna.components.hp).is(0)
  world.advance(0.2)
  expect(anna.components.hp).is(12)
  expect({ x = anna.x, y = anna.y }).is(rules.camp[1])
  expect(anna.action).is("resurrect")
end)

test("who leaves dead comes back dead, and is resurrected then", function()
  local anna = world.join("anna")
  anna.components.hp = 0
  world.advance(1)
  world.leave(anna)
  world.advance(60)
  anna = world.join("anna")
  expect(anna.components.hp).is(0)
  world.advance(4.1)
  expect(anna.components.hp).is(10)
end)

test("a client can't resurrect itself", function()
  local anna = world.join("anna")
  anna.components.hp = 0
  local taken, _, code = world.command(anna, "resurrect", { life = 1000 })
  expect({ taken, code }).is({ false, "not_public" })
end)

test("a goblin comes back after 15 seconds, at home and at its trade", function()
  world.join("anna", { x = 40, y = 25 })
  local goblin = world.spawn("enemys", { prefab = "goblin", x = 14, y = 14 })
  goblin.x = 20
  goblin.components.hp = 0
  world.advance(14.9)
  expect(goblin.components.hp).is(0)
  world.advance(0.2)
  expect(goblin.components.hp).is(6)
  expect(goblin.distance({ x = 14, y = 14 })).isAtMost(1) -- it may have taken a step already
  expect(goblin.events.goblin.action).is("wander")
end)

test("a dummy comes back after 2 seconds", function()
  local dummy = world.spawn("enemys", { prefab = "dummy", x = 14, y = 14 })
  dummy.components.hp = 0
  world.advance(2.1)
  expect(dummy.components.hp).is(10)
end)

test("a player gets one hp back every three seconds, up to max_hp", function()
  local anna = world.join("anna")
  anna.components.hp = 7
  world.advance(3.1)
  expect(anna.components.hp).is(8)
  world.advance(3)
  expect(anna.components.hp).is(9)
  world.advance(60)
  expect(anna.components.hp).is(10)
end)

test("coming back is no medicine", function()
  local anna = world.join("anna")
  anna.components.hp = 5
  for _ = 1, 10 do
    world.leave(anna)
    anna = world.join("anna")
  end
  expect(anna.components.hp).is(5)
end)

test("some goblins leave a potion, and dummies never do", function()
  for _ = 1, 100 do
    local goblin = world.spawn("enemys", { prefab = "goblin", x = 14, y = 14 })
    goblin.components.hp = 0
    goblin.remove()
  end
  local potions = objects.count("objects")
  expect(potions).isAbove(20)
  expect(potions).isBelow(60)
  world.spawn("enemys", { prefab = "dummy" }).components.hp = 0
  expect(objects.count("objects")).is(potions)
end)
