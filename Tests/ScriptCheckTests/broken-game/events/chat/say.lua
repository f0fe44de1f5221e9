-- expect 35:28 error: 'enemy' is no entity type; did you mean 'enemys'?
-- expect 36:40 error: a new entity has no field 'prefb'; did you mean 'prefab'?
-- expect 36:62 error: x must be a number, not a string
-- expect 36:67 error: a new entity has no field 'hp'; write components = {hp = …}
-- expect 36:90 error: enemys have no component 'bag'; it is declared for players
-- expect 36:105 error: component hp must be a number or nil, not a string
-- expect 37:13 error: players can't be added; they come by logging in
-- expect 38:9 error: objects.add needs type, data
-- expect 39:9 error: objects.near needs x, y, radius
-- expect 40:9 error: objects has no function 'each'; it has add, remove, near, count
-- expect 41:9 error: only nil can be assigned to objects[key], it removes the entity; use objects.add(type, data)
-- expect 42:21 error: 'goblins' is no entity type; there are players, enemys, animals, objects
-- expect 42:41 warning: no entity has the key 'goblin'; keys are written like players_24
-- expect 42:61 error: map has no field 'heigth'; did you mean 'height'?
-- expect 43:5 error: map.id can't be assigned
-- expect 44:5 error: map.walkable needs x, y
-- expect 45:14 error: map.walkable: x must be a number, not a string
-- expect 46:15 error: map.broadcast takes a table, not a string
-- expect 47:19 error: enemys have no component 'sign'; it is declared for objects
-- expect 48:13 error: send takes a table, not an entity
-- expect 49:19 error: 'enemies' is no entity type; did you mean 'enemys'?
-- expect 49:32 error: 'player' is no entity type; did you mean 'players'?
-- expect 50:10 error: can't call a string, which is no function
-- expect 52:1 error: 'require' is not there for scripts; what the files of lib/ assign to globals is there in every script
-- expect 53:1 error: 'io' is not there for scripts; scripts reach no files; print writes to the map's log
-- expect 54:4 error: os.execute is not there for scripts
-- expect 55:6 error: math has no 'flor'; did you mean 'floor'?
-- expect 56:14 warning: string has no 'lenght'
-- expect 56:28 error: a string has no function 'uper'; did you mean 'upper'?
-- expect 56:36 warning: global 'gret' is defined nowhere; did you mean 'greet'?
-- expect 57:1 error: global 'helper' is defined nowhere
-- expect 58:7 error: rules is lib/rules.lua's, and scripts can't change it
--@public true
--@param text string
local goblin = objects.add("enemy", { prefab = "goblin" })
local dragon = objects.add("enemys", { prefb = "dragon", x = "1", hp = 3, components = { bag = {}, hp = "5" } })
objects.add("players", {})
objects.add("animals")
objects.near(1, 2)
objects.each(print)
objects[object.key] = 5
print(objects.count("goblins"), objects.goblin, goblin, map.heigth)
map.id = 2
map.walkable(1)
map.walkable("1", 2)
map.broadcast("hello " .. data.text)
dragon.components.sign = "no sign"
object.send(object)
if dragon.type == "enemies" or "player" == object.type then
  dragon.login()
end
require("json")
io.write("x")
os.execute("rm")
math.flor(1.5)
print(string.lenght, ("x"):uper(), gret)
helper()
rules.reach = 3
greet("you")
