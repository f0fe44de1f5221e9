-- A memory error passes a metamethod under pcall.
--@expect memory
local t = setmetatable({}, {__index = function() return ('x'):rep(1e9) end})
pcall(function() return t.a end)
return 'caught'
