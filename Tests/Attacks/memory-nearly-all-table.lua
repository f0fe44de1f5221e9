-- One table with its texts up to nine tenths of the cap.
--@expect value 230000
--@limit 10000
local t = {}
for i = 1, 230000 do t[i] = 'text number ' .. i end
return #t
