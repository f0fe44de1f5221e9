--@about A cauldron brews a potion when fewer than three lie around it.
--@public false
--@repeat true

if has_no_players() then
  object.events.remove("brew")
  return
end
local potions = 0
for _, thing in ipairs(objects.near(object.x, object.y, 4, "objects")) do
  if thing.prefab == "potion" then
    potions = potions + 1
  end
end
if potions < 3 then
  local x, y = object.x + math.random(-2, 2), object.y + math.random(-2, 2)
  if map.walkable(x, y) then
    objects.add("objects", { prefab = "potion", x = x, y = y })
    object.action = "brew"
  end
end
