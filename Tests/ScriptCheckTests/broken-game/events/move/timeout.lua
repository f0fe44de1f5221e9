-- expect 15:10 error: --@order is "fast"; it must be a number
-- expect 16:8 error: assignment to x: a timeout formula can't change the world
-- expect 17:19 error: assignment to a component: a timeout formula can't change the world
-- expect 18:9 error: objects.add(): a timeout formula can't change the world
-- expect 19:15 error: events.remove(): a timeout formula can't change the world
-- expect 20:21 error: resetTime(): a timeout formula can't change the world
-- expect 21:9 error: assignment to objects: a timeout formula can't change the world
-- expect 22:5 error: map.broadcast(): a timeout formula can't change the world
-- expect 23:8 error: send(): a timeout formula can't change the world
-- expect 24:20 error: group 'move' has no event 'fro'; its events are to
-- expect 25:10 error: a timeout formula must return a number of seconds, not a string
-- expect 26:14 error: event has no field 'name'; it has group, action, command_id, from_client, data
-- expect 27:3 error: a timeout formula must return a number of seconds, and this returns nothing
-- expect 29:8 error: a timeout formula must return a number of seconds from 0
--@order fast
object.x = 1
object.components.hp = 3
objects.add("enemys", {})
object.events.remove("move")
object.events.fight.resetTime(2)
objects.enemys_1 = nil
map.broadcast({})
object.send({ text = "no" })
if event.action == "fro" then
  return "fast"
elseif event.name then
  return
end
return -1
