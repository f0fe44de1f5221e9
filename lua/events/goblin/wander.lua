--@about A goblin strolls around its home and looks for players.
--@public false

if not alive(object) or has_no_players() then
  return -- the event does not add itself again: resurrect/index or wake_map() does that
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
object.events.add("goblin", "wander")
-- When no player is near, it waits longer, so that a thousand goblins cost next to nothing.
if #objects.near(object.x, object.y, 14, "players") == 0 then
  object.events.goblin.resetTime(2 + math.random() * 2)
end
