-- expect 15:11 error: --@public is "yes"; allowed are true and false
-- expect 16:12 error: parameter a has the type "int"; allowed are number, string, boolean, table, any
-- expect 18:7 warning: global 'traget' is defined nowhere; did you mean 'target'?
-- expect 20:1 warning: global 'best' is assigned before it is read, so it keeps nothing for the next run; write local best
-- expect 22:1 warning: global 'lost' is assigned and never read; write local lost
-- expect 23:63 warning: rules of lib/rules.lua has no 'reech'; did you mean 'reach'?
-- expect 23:70 error: 'enemy' is no entity type; did you mean 'enemys'?
-- expect 24:20 error: there is no component 'hpp'; did you mean 'hp'?
-- expect 25:9 error: an entity has no field 'foo'; it has x, y, z, sort, side, action, prefab, map_id, id, key, type, login, ping, muted, created, view, relevant, components, events, position, distance, remove, send, save
-- expect 27:20 error: component hp must be a number or nil, not a boolean
-- expect 30:10 error: key of an entity can't be assigned
-- expect 32:13 error: an event group has no field 'acton'; did you mean 'action'?
-- expect 33:17 error: there is no event group 'fihgt'; did you mean 'fight'?
-- expect 34:15 error: command_id of an event group can't be assigned
--@public yes
--@param a int
local target = objects.near(object.x, object.y, 5)
print(traget)
count = (count or 0) + 1
best = count
print(best)
lost = 1
for _, other in ipairs(objects.near(object.x, object.y, rules.reech, "enemy")) do
  other.components.hpp = 1
  other.foo = 2
  local again = other
  again.components.hp = true
end
for key, entity in pairs(objects) do
  entity.key = key
  for group, pending in pairs(entity.events) do
    pending.acton = nil
    if group == "fihgt" and pending.command_id then
      pending.command_id = 4
    end
  end
end
