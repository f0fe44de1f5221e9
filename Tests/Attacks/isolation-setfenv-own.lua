-- setfenv of an own function works as in stock Lua.
--@expect value 5
local f = function() return x end
setfenv(f, {x = 5})
return f()
