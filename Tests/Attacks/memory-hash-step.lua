-- A hash table that doubles beyond the cap.
--@expect memory
--@limit 5000
local t = {}
for i = 1, 1e9 do t[i * 2 ^ 33] = true end
