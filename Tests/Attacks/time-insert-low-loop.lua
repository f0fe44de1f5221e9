-- The same in smaller pieces.
--@expect time
local t = {1}
while true do table.insert(t, -1000000, 1) end
