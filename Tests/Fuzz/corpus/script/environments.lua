local env = setmetatable({}, {__index = _G})
local f = function() x = 1 return getfenv(1) end
setfenv(f, env)
return f() == env, env.x, x
