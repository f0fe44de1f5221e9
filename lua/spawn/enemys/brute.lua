--@about A brute: a big goblin that lives in the old mine.

-- This script also runs after a restart of the server: set the life only the first time.
object.components.speed = 3
object.components.strength = 3
if object.components.max_hp ~= 14 then
  object.components.max_hp = 14
  object.components.hp = 14
end
