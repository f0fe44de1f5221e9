-- Coroutines with a deep stack each.
--@expect memory
--@limit 5000
local t = {}
local function deep(n) if n == 0 then coroutine.yield() end return 1 + deep(n - 1) end
while true do local co = coroutine.create(deep) coroutine.resume(co, 1000) t[#t + 1] = co end
