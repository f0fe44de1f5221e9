-- A coroutine stopped by the limit is dead afterwards.
--@expect time
kept = coroutine.create(function() while true do end end)
while true do coroutine.resume(kept) end
