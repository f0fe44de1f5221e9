-- Texts that make each comparison long.
--@expect time
local t, common = {}, ('a'):rep(50000)
for i = 1, 200 do t[i] = common .. (i * 7919 % 200) end
while true do table.sort(t, function(a, b) return a > b end) end
