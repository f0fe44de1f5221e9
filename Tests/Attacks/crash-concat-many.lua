-- 300 texts in one concatenation, with numbers between.
--@expect value 600
local s = 'return ' 
local t = {}
for i = 1, 300 do t[i] = i % 10 .. 'x' end
return #table.concat(t)
