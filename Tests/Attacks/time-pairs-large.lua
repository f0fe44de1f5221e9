-- Walks over a large table again and again.
--@expect time
local t = {}
for i = 1, 100000 do t['k' .. i] = i end
while true do for k, v in pairs(t) do end end
