--@about Life. At 0 the entity is dead until resurrect/index ran.
--@type number
--@default 10
--@entities players, enemys, animals

-- This code is the trigger: it runs inside the assignment whenever the value of hp changed.
-- `value` is the new value, `old` the former value, `name` is "hp".
local hp, before, max = value or 0, old or 0, object.components.max_hp or 10

-- An assignment to hp inside its own trigger stores the value without running the trigger again.
if hp > max then
  object.components.hp = max
elseif hp < 0 then
  object.components.hp = 0
end

if hp <= 0 and before > 0 then
  die(object)
elseif hp < before and hp > 0 then
  object.action = "hurt"
end
