-- The routines of creatures: lib/life.lua, events/sheep/, events/goblin/.

test("a sheep runs from who comes close", function()
  world.map(1, { entities = false })
  local sheep = world.spawn("animals", { prefab = "sheep", x = 14, y = 14 })
  local anna = world.join("anna", { x = 16, y = 14 })
  world.advance(4)
  expect(sheep.distance(anna)).isAbove(rules.shy)
end)

test("a sheep goes on grazing near its home for an hour", function()
  world.map(1, { entities = false })
  world.join("anna", { x = 40, y = 25 })
  local sheep = world.spawn("animals", { prefab = "sheep", x = 14, y = 14 })
  local places = {}
  for _ = 1, 360 do
    world.advance(10)
    places[sheep.position()] = true
    expect(math.abs(sheep.x - 14) + math.abs(sheep.y - 14)).isAtMost(rules.roam)
  end
  expect(#keys(places)).isAbove(5)
end)

for id, name in pairs({ "the meadow", "the cave" }) do
  test(name .. " sleeps without players, and wakes for the first", function()
    world.map(id)
    world.advance(60)
    for _, entity in ipairs(world.entities()) do
      for group, event in pairs(entity.events) do
        expect(event.action and entity.key .. " does " .. group).isNil()
      end
    end

    local anna = world.join("anna")
    for _, enemy in ipairs(world.entities("enemys")) do
      if enemy.prefab ~= "dummy" then
        expect(enemy.events.goblin.action).exists()
      end
    end

    world.leave(anna)
    world.advance(60)
    for _, enemy in ipairs(world.entities("enemys")) do
      expect(enemy.events.goblin.action).isNil()
    end
  end)

  test("ten minutes of life in " .. name .. " make no error", function()
    world.map(id)
    local anna = world.join("anna")
    local places = world.entities("enemys")
    for minute = 1, 10 do
      local enemy = places[minute % #places + 1]
      world.command(anna, "move/to", { x = enemy.x, y = enemy.y })
      for _ = 1, 60 do
        world.advance(1)
        world.command(anna, "fight/attack")
      end
      for _, entity in ipairs(world.entities()) do
        if entity.type ~= "objects" then
          expect(map.walkable(entity.x, entity.y) and "" or entity.key .. " stands in a wall").is("")
        end
      end
    end
  end)
end
