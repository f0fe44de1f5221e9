--@about A sheep takes a few quick steps away from the nearest player.
--@public false
--@param steps number = 5    how many are left

local scare = nearest_player(object, rules.shy + 3)
if not scare or data.steps <= 0 or not alive(object) then
  object.events.add("sheep", "graze")
  return
end

-- Away on the longer axis first; if that way is closed, to a side.
local dx, dy = object.x - scare.x, object.y - scare.y
local ax, ay = dx >= 0 and 1 or -1, dy >= 0 and 1 or -1
if math.abs(dx) >= math.abs(dy) then
  local _ = step(object, ax, 0) or step(object, 0, ay) or step(object, 0, -ay)
else
  local _ = step(object, 0, ay) or step(object, ax, 0) or step(object, -ax, 0)
end
object.events.add("sheep", "flee", { steps = data.steps - 1 })
