-- The way to the mine and back: events/portal/, the portals in maps/*.tmj.

for id, other in pairs({ 2, 1 }) do
  test("the portal of map " .. id .. " takes who steps into it to map " .. other, function()
    world.map(id)
    local portal
    for _, thing in ipairs(world.entities("objects")) do
      if thing.prefab == "portal" then
        portal = thing
      end
    end
    local anna = world.join("anna", { x = portal.x, y = portal.y })
    world.advance(1.5) -- the portal opens within a second, and looks four times a second
    expect(anna).never.exists()
    expect(world.received("anna")).contains({ action = "reconnect", map_id = other })
    expect(world.moved[1]).has({
      login = "anna", map_id = other, x = portal.components.to_x, y = portal.components.to_y,
    })
  end)

  test("the portal that leads to map " .. id .. " ends where one can stand, and in no other portal", function()
    world.map(id)
    local arrival = { { x = 9, y = 11 }, { x = 12, y = 20 } }
    local x, y = arrival[id].x, arrival[id].y
    expect(map.walkable(x, y)).is(true)
    local anna = world.join("anna", { x = x, y = y })
    world.advance(5)
    expect(anna).exists()
  end)

  test("players wake up on map " .. id .. " where one can stand", function()
    world.map(id)
    expect(map.walkable(rules.camp[id].x, rules.camp[id].y)).is(true)
  end)
end

test("the dead and goblins stay on this side", function()
  world.map(1, { entities = false })
  world.spawn("objects", { prefab = "portal", x = 14, y = 14, components = { to_map = 2, to_x = 12, to_y = 20 } })
  local anna = world.join("anna", { x = 14, y = 14 })
  anna.components.hp = 0
  local goblin = world.spawn("enemys", { prefab = "goblin", x = 14, y = 14 })
  world.advance(2)
  expect(anna).exists()
  expect(goblin).exists()
  expect(world.moved).is({})
end)
