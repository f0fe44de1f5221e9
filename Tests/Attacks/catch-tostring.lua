-- __tostring that does not come back, under pcall.
--@expect time
local x = setmetatable({}, {__tostring = function() while true do end end})
while true do pcall(tostring, x) pcall(print, x) end
