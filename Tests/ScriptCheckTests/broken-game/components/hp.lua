-- expect 9:3 warning: this changes the variable 'value' alone; assign object.components.hp
-- expect 11:17 warning: 'data' is not there in this script, only in events and socket events
-- expect 12:21 error: component hp must be a number or nil, not a string
--@type number
--@default 10
--@entities players, enemys

if value < 0 then
  value = 0
end
if old > 10 and data then
  object.components.hp = "ten"
end
if name == 5 then
  return value.x
end
