-- next() from the last key: each search is long.
--@expect time
local t = {}
for i = 1, 100000 do t[i] = i end
while true do next(t, 99999) table.maxn(t) keys(t) end
