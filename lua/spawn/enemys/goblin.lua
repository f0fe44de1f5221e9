--@about A goblin: weaker and slower than a player, but rarely alone.

-- This script also runs after a restart of the server: set the life only the first time.
object.components.speed = 2.5
object.components.strength = 1
if object.components.max_hp ~= 6 then
  object.components.max_hp = 6
  object.components.hp = 6
end
