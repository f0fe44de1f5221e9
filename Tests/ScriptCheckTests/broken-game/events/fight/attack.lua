-- expect 37:19 error: there is no event group 'mvoe'; did you mean 'move'?
-- expect 38:27 error: group 'move' has no event 'too'; did you mean 'to'?
-- expect 39:33 error: event move/to needs the parameter 'y' (number)
-- expect 39:42 error: event move/to has no parameter 'z'; it has x, y, speed
-- expect 40:39 error: parameter x of move/to must be a number, not a string
-- expect 41:19 error: group 'move' has no event 'index'; its events are to
-- expect 42:73 error: parameter strength of fight/attack must be a number, not a table
-- expect 43:28 error: event fight/attack needs the parameter 'target' (string)
-- expect 44:15 error: there is no event group 'fihgt'; did you mean 'fight'?
-- expect 45:22 error: there is no event group 'muve'; did you mean 'move'?
-- expect 46:15 error: only nil can be assigned to an event group, it takes the pending event off; use events.add(group, event, data)
-- expect 47:29 error: group 'move' has no event 'tp'; did you mean 'to'?
-- expect 48:20 error: action must be the name of an event, not nil
-- expect 49:20 error: data must be a table, not a number; assign {} to have the defaults
-- expect 50:20 error: time must be a number of seconds, not a string
-- expect 51:20 error: time must be a number of seconds from 0
-- expect 52:20 error: an event group has no field 'resetTimer'; did you mean 'resetTime'?
-- expect 53:15 error: can't call an event group, which is no function
-- expect 56:17 error: the event declares no parameter 'targt'; did you mean 'target'?
-- expect 56:29 error: the event declares no parameter 'strenth'; did you mean 'strength'?
-- expect 57:63 error: an event group has no field 'add'; it has action, data, command_id, time, remove, timeout, resetTime, resetTimeout
-- expect 59:21 error: players have no component 'sign'; it is declared for objects
-- expect 60:10 error: map_id must be the number of a map (1, 2)
-- expect 62:22 error: can't assign a field of a number
-- expect 63:34 error: a component can't hold an entity; take its key
-- expect 64:27 error: a component can't hold a function
-- expect 65:5 error: map.path needs x1, y1, x2, y2
-- expect 66:1 error: split needs text, separator
-- expect 67:15 error: objects.count: type must be an entity type, not a number
-- expect 68:13 error: send takes a table, not a string
-- expect 69:17 error: distance takes an entity or a table with x and y, not a number
-- expect 70:36 error: an event's data can't hold a function
--@param target string
--@param strength number = 1
--@param extra any = null
local enemy = objects[data.target]
object.events.add("mvoe", "to", { x = 1, y = 2 })
object.events.add("move", "too", { x = 1, y = 2 })
object.events.add("move", "to", { x = 1, z = 2 })
object.events.add("move", "to", { x = "1", y = 2 })
object.events.add("move")
object.events.add("fight", "attack", { target = "players_1", strength = { 1 } })
object.events.add("fight", "attack")
object.events.fihgt.remove()
object.events.remove("muve")
object.events.move = "to"
object.events.move.action = "tp"
object.events.move.action = nil
object.events.move.data = 5
object.events.move.time = "now"
object.events.move.time = -1
object.events.chat.resetTimer(2)
object.events.chat()
enemy.components.hp = enemy.components.hp - data.strength - data.extra
local arguments = data
print(arguments.targt, data.strenth)
objects.near(object.x, object.y, 3, "players")[1].events.chat.add("say")
for _, player in ipairs(objects.near(0, 0, 1, "players")) do
  player.components.sign = "x"
  player.map_id = 5
end
object.components.hp.max = 3
object.components.bag.slots[1] = object
object.components.bag.f = print
map.path(1, 2, 3)
split("a,b")
objects.count(5)
object.send("text")
object.distance(5)
object.events.chat.data = { text = function() end }
