-- A weak table shows nothing of the host.
--@expect value 0
local t = setmetatable({}, {__mode = 'kv'})
for i = 1, 100 do t[{}] = {} end
for i = 1, 300 do local s = ('x'):rep(100000 + i) end
local n = 0
for k in pairs(t) do n = n + 1 end
return n
