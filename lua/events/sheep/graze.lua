--@about A sheep wanders about and runs when somebody comes close.
--@public false
--@repeat true

if not alive(object) or has_no_players() then
  object.events.remove("sheep")
  return
end
if nearest_player(object, rules.shy) then
  object.action = "notice"
  object.events.add("sheep", "flee", { steps = 5 })
  object.events.sheep.resetTime(0.25) -- a moment of surprise
  return
end
if math.random() < 0.35 then
  stroll(object)
end
if #objects.near(object.x, object.y, 14, "players") == 0 then
  object.events.sheep.resetTime(3 + math.random() * 3)
end
