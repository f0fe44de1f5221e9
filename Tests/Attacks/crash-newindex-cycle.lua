-- A __newindex that leads back to itself.
--@expect runtime loop in settable
local a, b = {}, {}
setmetatable(a, {__newindex = b})
setmetatable(b, {__newindex = a})
a.x = 1
