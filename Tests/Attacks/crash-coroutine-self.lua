-- A coroutine that resumes itself.
--@expect value cannot resume running coroutine
local co
co = coroutine.create(function() return select(2, coroutine.resume(co)) end)
return (select(2, coroutine.resume(co)))
