-- Tables that grow and are dropped.
--@expect value 50
--@limit 20000
local n = 0
for i = 1, 50 do local t = {} for j = 1, 100000 do t[j] = j end n = n + 1 end
return n
