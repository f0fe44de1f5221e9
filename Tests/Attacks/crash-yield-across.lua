-- yield across a comparator and a callback.
--@expect value false false
local results = {}
coroutine.wrap(function() results[1] = pcall(table.sort, {2, 1}, coroutine.yield) results[2] = pcall(string.gsub, 'x', 'x', coroutine.yield) end)()
return tostring(results[1]) .. ' ' .. tostring(results[2])
