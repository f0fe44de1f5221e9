-- An operator's metamethod that does not come back, under pcall.
--@expect time
local x = setmetatable({}, {__add = function() while true do end end, __lt = function() while true do end end})
while true do pcall(function() return x + x end) pcall(function() return x < x end) end
