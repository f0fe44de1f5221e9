-- pcall within pcall, 150 times.
--@expect time
local f = function() while true do end end
for i = 1, 150 do local inner = f f = function() pcall(inner) end end
while true do f() end
