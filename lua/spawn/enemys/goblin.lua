--@about A goblin: weaker and slower than a player, but rarely alone.

-- The script also runs when the server was restarted: set the life only the first time.
object.components.speed = 2.5
object.components.strength = 1
if object.components.max_hp ~= 6 then
  object.components.max_hp = 6
  object.components.hp = 6
end
