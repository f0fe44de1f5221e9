-- A chunk moved to another environment starts in its own the next time.
--@expect value 7
local env = setmetatable({y = 7}, {__index = _G})
setfenv(1, env)
return y
