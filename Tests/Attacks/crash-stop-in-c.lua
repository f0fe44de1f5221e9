-- Stopped inside C, called from Lua, called from C.
--@expect time
local s = ('a'):rep(100000)
local t = {3, 2, 1}
table.sort(t, function() s:gsub('a', function() return s:find(('a*'):rep(20) .. 'b') and nil end) return false end)
