local m = {__index = function(t, k) return k end, __newindex = rawset, __call = function(_, ...) return ... end, __add = function(a, b) return 1 end, __concat = function() return 's' end, __eq = function() return true end, __lt = function() return false end, __tostring = function() return 't' end}
local t = setmetatable({}, m)
t.a = 1
return t.b, t(1, 2), t + t, t .. t, t == t, t < t, tostring(t)
