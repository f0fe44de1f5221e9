-- Fighting: events/fight/, events/goblin/, components/score.lua.

world.map(1, { entities = false })

-- A goblin that only stands there.
local function target(x, y, hp)
  local goblin = world.spawn("enemys", { prefab = "goblin", x = x, y = y })
  goblin.events.goblin.remove()
  goblin.components.hp = hp or 6
  return goblin
end

test("a swing takes 1 to strength hp from a goblin in reach", function()
  local anna = world.join("anna", { x = 14, y = 14 })
  local goblin = target(15, 14)
  expect(world.command(anna, "fight/attack")).is(true)
  expect(6 - goblin.components.hp).isAtLeast(1)
  expect(6 - goblin.components.hp).isAtMost(anna.components.strength)
  expect(goblin.action).is("hurt")
  expect(anna.side).is("right")
end)

test("a swing does not reach two tiles", function()
  local anna = world.join("anna", { x = 14, y = 14 })
  local goblin = target(16, 14)
  world.command(anna, "fight/attack")
  expect(goblin.components.hp).is(6)
  expect(anna.action).is("attack")
end)

test("of two in reach the one in front is hit", function()
  local anna = world.join("anna", { x = 14, y = 14, side = "left" })
  local left, right = target(13, 14), target(15, 14)
  world.command(anna, "fight/attack")
  expect(left.components.hp).isBelow(6)
  expect(right.components.hp).is(6)
end)

test("two swings a second at most", function()
  local anna = world.join("anna", { x = 14, y = 14 })
  local goblin = target(15, 14, 6)
  goblin.components.max_hp = 1000
  goblin.components.hp = 1000
  anna.components.strength = 1
  for _ = 1, 120 do
    world.command(anna, "fight/attack")
  end
  expect(goblin.components.hp).is(996)
end)

test("players don't hit each other", function()
  local anna = world.join("anna", { x = 14, y = 14 })
  local ben = world.join("ben", { x = 15, y = 14 })
  world.command(anna, "fight/attack")
  expect(ben.components.hp).is(10)
end)

test("who is dead can't hit and is not hit", function()
  local anna = world.join("anna", { x = 14, y = 14 })
  local goblin = target(15, 14)
  goblin.components.hp = 0
  world.command(anna, "fight/attack")
  expect(goblin.components.hp).is(0)
  expect(anna.components.score).is(0)
  goblin.components.hp = 6
  anna.components.hp = 0
  world.advance(1)
  world.command(anna, "fight/attack")
  expect(goblin.components.hp).is(6)
end)

test("a beaten goblin counts, a beaten dummy does not", function()
  local anna = world.join("anna", { x = 14, y = 14 })
  target(15, 14, 1)
  world.command(anna, "fight/attack")
  expect(anna.components.score).is(1)

  local dummy = world.spawn("enemys", { prefab = "dummy", x = 13, y = 14, components = { hp = 1 } })
  world.advance(1)
  anna.side = "left"
  world.command(anna, "fight/attack")
  expect(dummy.components.hp).is(0)
  expect(anna.components.score).is(1)
end)

test("every fifth goblin makes stronger, and everybody hears of it", function()
  local anna = world.join("anna", { x = 14, y = 14, components = { score = 4, hp = 3 } })
  local ben = world.join("ben")
  target(15, 14, 1)
  world.command(anna, "fight/attack")
  expect(anna.components).has({ score = 5, max_hp = 11, hp = 11 })
  world.tick() -- messages come with the next delta
  expect(world.received(ben)).contains({ action = "notice", text = "anna has beaten 5 goblins!" })
end)

test("a goblin that sees a player runs to him and hits him", function()
  local goblin = world.spawn("enemys", { prefab = "goblin", x = 14, y = 14 })
  local anna = world.join("anna", { x = 18, y = 14 })
  world.advance(5)
  expect(goblin.distance(anna)).isBelow(2)
  expect(anna.components.hp).isBelow(10)
end)

test("a goblin loses who runs far enough, and goes back to wandering", function()
  local goblin = world.spawn("enemys", { prefab = "goblin", x = 14, y = 14 })
  local anna = world.join("anna", { x = 18, y = 14 })
  world.advance(1.5)
  expect(goblin.events.goblin.action).is("chase")
  anna.x, anna.y = 40, 25
  world.advance(2)
  expect(goblin.events.goblin.action).is("wander")
end)

test("a goblin strays no further than rules.roam from its home", function()
  local goblin = world.spawn("enemys", { prefab = "goblin", x = 14, y = 14 })
  world.join("anna", { x = 40, y = 25 })
  for _ = 1, 200 do
    world.advance(5)
    expect(math.abs(goblin.x - 14) + math.abs(goblin.y - 14)).isAtMost(rules.roam)
  end
end)

test("a brute is tougher than a goblin, also after a restart", function()
  local brute = world.spawn("enemys", { prefab = "brute", x = 14, y = 14 })
  expect(brute.components).has({ max_hp = 14, hp = 14, strength = 3 })
  local wounded = world.spawn("enemys", { prefab = "brute", components = { max_hp = 14, hp = 5 } })
  expect(wounded.components.hp).is(5)
end)
