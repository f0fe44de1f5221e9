-- expect 18:10 warning: parameter y is declared and never read
-- expect 19:10 warning: parameter speed is declared and never read
-- expect 22:17 error: the event declares no parameter 'z'; declare it with --@param
-- expect 23:8 error: an entity has no field 'sped'; it has x, y, z, sort, side, action, prefab, map_id, id, key, type, login, ping, muted, created, view, relevant, components, events, position, distance, remove, send, save
-- expect 24:8 error: an entity has no field 'hp'; did you mean 'components.hp'?
-- expect 24:20 error: an entity has no field 'hp'; did you mean 'components.hp'?
-- expect 25:8 error: id of an entity can't be assigned
-- expect 26:8 error: position, a function of every entity, can't be assigned
-- expect 27:8 error: side must be a string, not a number
-- expect 28:8 error: x must be a number, not a string
-- expect 29:8 error: y must be a number, not nil
-- expect 30:8 error: action can't be 'remove', which clients take for the entity's removal; use remove()
-- expect 31:8 error: map_id must be the number of a map (1, 2)
-- expect 32:8 error: components of an entity can't be assigned
-- expect 33:8 error: an entity has no field 'distanse'; did you mean 'distance'?
--@public true
--@param x number    where to
--@param y number    where to
--@param speed number = 1    never read

object.x = data.x
object.y = data.z
object.sped = 2
object.hp = object.hp - 1
object.id = 7
object.position = nil
object.side = 4
object.x = "5"
object.y = nil
object.action = "remove"
object.map_id = 3
object.components = {}
object:distanse(object)
