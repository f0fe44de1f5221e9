local co = coroutine.create(function(a) local b = coroutine.yield(a) error(b) end)
local w = coroutine.wrap(function(...) for i = 1, select('#', ...) do coroutine.yield((select(i, ...))) end end)
return coroutine.resume(co, 1), coroutine.resume(co, 2), coroutine.status(co), w(1, 2), w()
