-- A comparator that tosses a coin ends one way or the other.
--@expect value true
local t = {}
for i = 1, 2000 do t[i] = i end
for round = 1, 50 do pcall(table.sort, t, function() return math.random() < 0.5 end) end
return true -- values may have been lost beyond the end, as in stock Lua: the order was none
