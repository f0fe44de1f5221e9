-- Globals without end.
--@expect memory
--@limit 5000
local i = 0
while true do i = i + 1 _G['name' .. i] = i end
