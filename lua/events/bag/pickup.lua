--@about Puts the nearest potion in reach into the bag.
--@public true

if not alive(object) then
  return
end
for _, thing in ipairs(objects.near(object.x, object.y, rules.reach, "objects")) do
  if thing.prefab == "potion" then
    thing.remove()
    -- A json component is a table; an assignment inside it is sent like any other change.
    local bag = object.components.bag
    bag.potions = (bag.potions or 0) + 1
    object.action = "pickup"
    return
  end
end
