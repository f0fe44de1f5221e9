-- resume of a coroutine that does not come back.
--@expect time
while true do coroutine.resume(coroutine.create(function() while true do end end)) end
