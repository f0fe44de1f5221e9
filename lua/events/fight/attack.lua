--@about Hits what stands in front, else what is nearest in reach.
--@public true

if not alive(object) then
  return
end
object.action = "attack"

-- Players hit enemies and enemies hit players. To let players fight each other, also look for "players" below.
local foes = object.type == "players" and "enemys" or "players"
local forward = { up = { 0, -1 }, down = { 0, 1 }, left = { -1, 0 }, right = { 1, 0 } }
local ahead = forward[object.side] or forward.down

local target, best
for _, other in ipairs(objects.near(object.x, object.y, rules.reach, foes)) do
  if alive(other) then
    local dx, dy = other.x - object.x, other.y - object.y
    local score = dx * ahead[1] + dy * ahead[2] -- higher for a foe that is more in front
    if not best or score > best then
      target, best = other, score
    end
  end
end

if target then
  face(object, target.x - object.x, target.y - object.y)
  -- The assignment runs the trigger in components/hp.lua, which handles being hurt and dying.
  target.components.hp = target.components.hp - math.random(1, object.components.strength)
  if object.type == "players" and not alive(target) and target.prefab ~= "dummy" then
    object.components.score = object.components.score + 1
  end
end
