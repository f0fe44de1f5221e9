-- Coroutines without end.
--@expect memory
--@limit 5000
local t = {}
while true do t[#t + 1] = coroutine.create(function() end) end
