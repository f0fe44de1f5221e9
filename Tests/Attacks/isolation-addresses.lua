-- tostring shows no address.
--@expect value table function thread
return tostring({}) .. ' ' .. tostring(print) .. ' ' .. tostring(coroutine.create(function() end))
