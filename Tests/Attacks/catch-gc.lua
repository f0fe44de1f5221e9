-- Tables with __gc are no way to run code: 5.1 has it for userdata only.
--@expect value 0
ran = 0
for i = 1, 1000 do setmetatable({}, {__gc = function() ran = ran + 1 while true do end end}) end
local s = ''
for i = 1, 200 do s = ('x'):rep(100000) end
return ran
