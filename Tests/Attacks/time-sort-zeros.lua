-- sort of texts of NULs, where one comparison is long.
--@expect time
--@limit 10
local t = {}
for i = 1, 20 do t[i] = ('\0'):rep(500000) .. i end
table.sort(t)
