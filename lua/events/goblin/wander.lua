--@about A goblin strolls around its home and looks for players.
--@public false
--@repeat true

if not alive(object) or has_no_players() then
  object.events.remove("goblin") -- resurrect/index or wake_map() adds it again
  return
end

local prey = nearest_player(object, rules.notice)
if prey then
  face(object, prey.x - object.x, prey.y - object.y)
  object.action = "notice"
  object.events.add("goblin", "chase", { key = prey.key })
  return
end

if math.random() < 0.5 then
  stroll(object)
end
-- When no player is near, it waits longer, so that a thousand goblins cost next to nothing.
if #objects.near(object.x, object.y, 14, "players") == 0 then
  object.events.goblin.resetTime(2 + math.random() * 2)
end
