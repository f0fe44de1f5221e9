-- expect 10:8 error: can't look up 'x' in a number
-- expect 11:10 error: 'event' is not there in this script, only in events and timeout formulas
-- expect 14:9 error: can't assign a field of a number
-- expect 17:6 error: a string has no function 'uper'; did you mean 'upper'?
-- expect 18:19 error: there is no component 'text'; there are bag, hp, mana, score, title
-- expect 19:19 error: component score must be a number or nil, not a string
-- expect 20:19 error: players have no component 'sign'; it is declared for objects
--@type number
--@entities players
if old.x or name.y then
  return event.group
end
for index = 1, 3 do
  index.value = 1
end
local text = "level " .. value
text:uper()
object.components.text = text
object.components.score = text
object.components.sign = text
