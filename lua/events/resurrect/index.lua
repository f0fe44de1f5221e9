--@about Brings a dead entity back. Hung on it by die() in lib/life.lua.
--@public false
--@param life number = 10    hp to come back with

if alive(object) then
  return
end
local place
if object.type == "players" then
  place = rules.camp[map.id]
else
  place = object.components.home -- players have no such component, and reading it would be an error
end
if place then
  object.x, object.y = place.x, place.y
end
object.components.hp = data.life
object.action = "resurrect"
start_routine(object)
