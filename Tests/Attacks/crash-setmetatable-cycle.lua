-- An __index that leads back to itself.
--@expect runtime loop in gettable
local t = {}
setmetatable(t, {__index = t})
local u = setmetatable({}, {__index = function(u, k) return u[k] end})
local a, b = {}, {}
setmetatable(a, {__index = b})
setmetatable(b, {__index = a})
return a.x
