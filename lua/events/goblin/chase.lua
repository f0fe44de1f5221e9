--@about A goblin runs after a player and hits him.
--@public false
--@param key string    whom

if not alive(object) then
  return
end
local prey = objects[data.key] -- nil when the player left the map
if not prey or not alive(prey) or object.distance(prey) > rules.lose then
  object.events.add("goblin", "wander")
  return
end

local length
if object.distance(prey) < 1.5 then
  local dx, dy = prey.x - object.x, prey.y - object.y
  if math.random() < 0.4 and #objects.near(object.x, object.y, 0.4, "enemys") > 1 then
    local aside = math.random(2) * 2 - 3 -- two are on one tile: this one steps aside, to a random side
    if math.abs(dx) > math.abs(dy) then
      step(object, 0, aside)
    else
      step(object, aside, 0)
    end
  end
  face(object, dx, dy)
  object.events.add("fight", "attack") -- the same event that players use
elseif math.random() < 0.9 then -- sometimes it pauses, so that a group of goblins does not move in step
  length = step_towards(object, prey.x, prey.y)
end
object.events.add("goblin", "chase", { key = data.key })
if length and length > 1 then
  object.events.goblin.resetTime(length * object.events.goblin.timeout())
end
