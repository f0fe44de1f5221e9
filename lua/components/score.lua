--@about Goblins beaten. Every fifth makes the player a little stronger.
--@type number
--@default 0
--@entities players

if value and old and value > old and value % 5 == 0 then
  object.components.max_hp = object.components.max_hp + 1
  object.components.hp = object.components.max_hp
  map.broadcast({ action = "notice", text = object.login .. " has beaten " .. value .. " goblins!" })
end
