-- Thousands of arguments into and out of a coroutine.
--@expect value 5001
local co = coroutine.create(function(...) return ... end)
return select('#', coroutine.resume(co, unpack({}, 1, 5000)))
