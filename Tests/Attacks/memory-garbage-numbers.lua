-- Numbers become texts while concat joins them.
--@expect value 2690000
--@limit 20000
local t = {}
for i = 1, 180000 do t[i] = i + 0.123456789012 end
local s
for i = 1, 3 do s = table.concat(t) end
return #s - #s % 10000
