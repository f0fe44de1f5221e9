-- An __index function that asks again, in a loop.
--@expect time
local t = setmetatable({}, {__index = function(t, k) return k < 100 and t[k + 1] or 0 end})
while true do local x = t[1] end
