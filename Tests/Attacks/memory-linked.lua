-- A linked list without end.
--@expect memory
--@limit 5000
local t = {}
while true do t = {t} end
