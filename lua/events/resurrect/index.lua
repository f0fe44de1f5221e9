--@about Brings a dead entity back. Hung on it by die() in lib/life.lua.
--@public false
--@param life number = 10    hp to come back with

if alive(object) then
  return
end
local place = object.type == "players" and rules.camp[map.id] or object.components.home
if place then
  object.x, object.y = place.x, place.y
end
object.components.hp = data.life
object.action = "resurrect"
start_routine(object)
