-- A comparator that empties the table being sorted.
--@expect runtime attempt to compare
local t = {}
for i = 1, 50 do t[i] = i end
local n = 0
table.sort(t, function(a, b) n = n + 1 if n == 20 then for i = 1, 50 do t[i] = nil end end return a < b end)
